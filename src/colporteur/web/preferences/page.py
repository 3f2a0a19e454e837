"""The page of a reader's choices, as its template sees it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_date

from colporteur.publication import Cadence, Channel, Publication
from colporteur.publication.identities import Ids
from colporteur.publication.model import LAYOUTS
from colporteur.templating import language
from colporteur.web.preferences.typed import Course, Typed, TypedChannel, zone_of
from colporteur.web.preferences.words import (
    cadence_words,
    language_name,
    layout_words,
    weekday_names,
)


@dataclass(frozen=True)
class Option:
    """One of several that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class TopicChoice:
    """A topic: wanted, unwanted, or neither."""

    value: str
    label: str
    only: bool
    never: bool


@dataclass(frozen=True)
class ChannelChoices:
    """The fields of a channel that somebody reads; ``paused`` is until when, on their clock."""

    id: int
    title: str
    language: str
    direction: str
    paused: str
    cadences: list[Option]
    weekdays: list[Option]
    hour: str
    layouts: list[Option]
    specials: bool
    topics: list[TopicChoice]


@dataclass(frozen=True)
class OtherChannel:
    """A channel that somebody could read, too."""

    id: int
    title: str
    description: str
    language: str
    direction: str


@dataclass(frozen=True)
class Preferences:
    """All that the page shows; ``faults`` are words for what is wrong, by field."""

    path: str
    address: str
    state: str
    channels: list[ChannelChoices]
    others: list[OtherChannel]
    languages: list[Option]
    zone: str
    zones: list[str]
    pause: str
    backlog: bool
    feeds: list[tuple[str, str]]
    new_address: str
    wording: str
    done: str
    faults: Mapping[str, str]


def channel_choices(
    publication: Publication,
    names: Ids,
    course: Course,
    typed: TypedChannel,
    tag: str,
    words: NullTranslations,
) -> ChannelChoices:
    """The fields of a channel, filled as they were typed."""
    channel, offered = course.channel, _offered(course.channel)
    until = course.held.standing.paused_until
    zone = ZoneInfo(zone_of(publication, course))
    day = until.astimezone(zone).date() if until else None
    return ChannelChoices(
        id=course.choice.channel_id,
        title=channel.title,
        language=channel.language,
        direction=language(channel.language).direction,
        paused=format_date(day, "full", language(tag).locale) if day else "",
        cadences=[
            Option(name, cadence_words(one, tag, words), name == typed.cadence)
            for name, one in offered.items()
        ],
        weekdays=_weekdays(channel, typed, tag, words),
        hour=typed.hour,
        layouts=_layouts(channel, typed, words),
        specials=typed.specials,
        topics=_topics(publication, names, course, typed, tag),
    )


def other_channels(
    publication: Publication, names: Ids, courses: Sequence[Course]
) -> list[OtherChannel]:
    """The channels with digests that somebody does not read."""
    read = {one.channel.slug for one in courses}
    return [
        OtherChannel(
            names.channels[one.slug],
            one.title,
            one.description,
            one.language,
            language(one.language).direction,
        )
        for one in publication.channels
        if one.takes_readers and one.slug not in read
    ]


def languages(publication: Publication, typed: Typed) -> list[Option]:
    """The languages that pages and letters speak."""
    return [Option(one, language_name(one), one == typed.language) for one in publication.languages]


def _offered(channel: Channel) -> Mapping[str, Cadence]:
    return channel.digest.cadences if channel.digest else {}


def _weekdays(
    channel: Channel, typed: TypedChannel, tag: str, words: NullTranslations
) -> list[Option]:
    """None where no cadence of the channel leaves a day to choose."""
    if not any(one.spans_weeks for one in _offered(channel).values()):
        return []
    usual = Option("", words.gettext("the usual day"), not typed.weekday)
    days = weekday_names(tag).items()
    return [usual, *(Option(word, name, word == typed.weekday) for word, name in days)]


def _layouts(channel: Channel, typed: TypedChannel, words: NullTranslations) -> list[Option]:
    called = layout_words(words)
    usual = channel.digest.layout if channel.digest else LAYOUTS[0]
    first = words.gettext("As usual (%(layout)s)") % {"layout": called[usual]}
    own = (Option(one, called[one], one == typed.layout) for one in LAYOUTS)
    return [Option("", first, not typed.layout), *own]


def _topics(
    publication: Publication, names: Ids, course: Course, typed: TypedChannel, tag: str
) -> list[TopicChoice]:
    slugs = {names.topics[slug]: slug for slug in publication.topics}
    found = []
    for number in course.topics:
        if number in slugs:
            label = publication.topics[slugs[number]].name
            value = str(number)
            said = label.get(tag) or label.get(course.channel.language) or slugs[number]
            found.append(TopicChoice(value, said, value in typed.only, value in typed.never))
    return found
