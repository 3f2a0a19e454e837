"""What the form of choices holds: as it stands, as it was sent, and as it is understood. Pure.

What cannot be understood is told by field and by a word for what is wrong; the page has the
sentences. Fields that were not changed change nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from colporteur.audience.choices import Choice, read_layout, read_minute, read_weekday, read_zone
from colporteur.audience.preferences import Held
from colporteur.editions.calendar import instant_of
from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Channel, Publication
from colporteur.publication.cadences import WEEKDAYS, Cadence
from colporteur.publication.values import parse_date
from colporteur.web.bodies import Form

_HOUR = re.compile(r"(\d{1,2})\s*(?:[:hH.٫]\s*(\d{2})?)?(?::\d{2})?\s*")
ONGOING = ("active", "paused")
Read = TypeVar("Read")


@dataclass(frozen=True)
class TypedChannel:
    """The fields of one channel; topics are ids, as text."""

    cadence: str = ""
    weekday: str = ""
    hour: str = ""
    layout: str = ""
    specials: bool = True
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Typed:
    """All fields; those of channels by the channel's id."""

    language: str
    zone: str
    pause: str
    backlog: bool
    channels: Mapping[int, TypedChannel]


@dataclass(frozen=True)
class Course:
    """A subscription that goes on, its channel, and the topics (ids) to choose from."""

    held: Held
    channel: Channel
    topics: tuple[int, ...]

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        return self.held.standing.choice


@dataclass(frozen=True)
class Pause:
    """Send nothing of a subscription until then; or, without ``until``, end its pause."""

    subscription_id: int
    until: datetime | None
    backlog: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a form asks for: choices by subscription id, the language, pauses."""

    choices: Mapping[int, Choice]
    language: str
    pauses: Sequence[Pause]


Faults = Mapping[str, str]
"""What is wrong, by field."""


def standing_now(publication: Publication, courses: Sequence[Course], language: str) -> Typed:
    """The form as the page shows it first."""
    zones = [one.choice.timezone for one in courses if one.choice.timezone]
    paused = [one for one in courses if one.held.standing.paused_until]
    ends = [(one.held.standing.paused_until, zone_of(publication, one)) for one in paused]
    latest = max((end.astimezone(ZoneInfo(zone)).date() for end, zone in ends if end), default=None)
    return Typed(
        language=language,
        zone=zones[0] if zones else "",
        pause=latest.isoformat() if latest else "",
        backlog=any(one.held.standing.keeps_backlog for one in paused),
        channels={one.choice.channel_id: _typed(one.choice) for one in courses},
    )


def sent(form: Form, courses: Sequence[Course]) -> Typed:
    """The form as it was sent."""
    channels = {}
    for one in courses:
        number = one.choice.channel_id
        channels[number] = TypedChannel(
            cadence=form.one(f"{number}-cadence"),
            weekday=form.one(f"{number}-weekday"),
            hour=form.one(f"{number}-hour"),
            layout=form.one(f"{number}-layout"),
            specials=bool(form.one(f"{number}-specials")),
            only=form.all(f"{number}-only"),
            never=form.all(f"{number}-never"),
        )
    return Typed(
        language=form.one("language"),
        zone=form.one("zone"),
        pause=form.one("pause"),
        backlog=bool(form.one("backlog")),
        channels=channels,
    )


def understood(
    publication: Publication, courses: Sequence[Course], typed: Typed, before: Typed, now: datetime
) -> tuple[Wanted, Faults]:
    """What a form asks for, and what is wrong with it."""
    faults: dict[str, str] = {}
    if typed.language not in publication.languages:
        faults["language"] = "listed"
    zone, changed = None, typed.zone != before.zone
    if changed and typed.zone and (zone := named_zone(typed.zone)) is None:
        faults["zone"] = "zone"
    choices = {}
    for one in courses:
        found = _choice(one, typed.channels[one.choice.channel_id], faults)
        choices[one.held.id] = replace(found, timezone=zone) if changed else found
    pauses = _pauses(publication, courses, typed, before, now, faults)
    return Wanted(choices, typed.language, pauses), faults


def named_zone(text: str) -> str | None:
    """The time zone that somebody names, by its city too; None if there is none such."""
    wanted = text.strip().replace(" ", "_").casefold()
    try:
        return read_zone(text.strip())
    except ChoiceRefused:
        found = [
            one for one in zones() if wanted in {one.casefold(), one.rpartition("/")[2].casefold()}
        ]
    return found[0] if len(found) == 1 else None


@lru_cache
def zones() -> list[str]:
    """The time zones to choose from, by region and city."""
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe")
    wanted = (*regions, "Indian", "Pacific")
    return sorted(one for one in available_timezones() if one.partition("/")[0] in wanted)


def zone_of(publication: Publication, course: Course) -> str:
    """The time zone that a subscription's hours and days are told in."""
    digest = course.channel.digest
    cadence = digest.cadences.get(course.choice.cadence) if digest else None
    usual = publication.zone_of(cadence) if cadence else publication.timezone
    return course.choice.timezone or usual


def _typed(choice: Choice) -> TypedChannel:
    minute = choice.minute
    return TypedChannel(
        cadence=choice.cadence,
        weekday="" if choice.weekday is None else WEEKDAYS[choice.weekday],
        hour="" if minute is None else f"{minute // 60:02}:{minute % 60:02}",
        layout=choice.layout,
        specials=choice.specials,
        only=tuple(str(one) for one in choice.topics_in),
        never=tuple(str(one) for one in choice.topics_out),
    )


def _choice(course: Course, typed: TypedChannel, faults: dict[str, str]) -> Choice:
    """What one channel's fields ask for."""
    number = course.choice.channel_id
    only, never = _topics(course.topics, typed.only), _topics(course.topics, typed.never)
    if set(only) & set(never):
        faults[f"{number}-topics"] = "topics"
    layout = ""
    if typed.layout:
        layout = _tried(partial(read_layout, typed.layout), faults, f"{number}-layout") or ""
    found = replace(
        course.choice, topics_in=only, topics_out=never, specials=typed.specials, layout=layout
    )
    offered = course.channel.digest.cadences if course.channel.digest else {}
    if typed.cadence in offered:
        return _at_its_time(found, typed, offered[typed.cadence], faults)
    if offered:
        faults[f"{number}-cadence"] = "listed"
    return found


def _at_its_time(
    choice: Choice, typed: TypedChannel, cadence: Cadence, faults: dict[str, str]
) -> Choice:
    """The choice at its cadence. A weekday or an hour that the cadence has none of is let be."""
    name, number = typed.cadence, choice.channel_id
    weekday, minute = None, None
    if typed.weekday and cadence.spans_weeks:
        asked = partial(read_weekday, typed.weekday, name, cadence)
        weekday = _tried(asked, faults, f"{number}-weekday")
    if typed.hour and cadence.rule != "instant":
        asked = partial(read_minute, _clock(typed.hour), name, cadence)
        minute = _tried(asked, faults, f"{number}-hour", "hour")
    return replace(choice, cadence=name, weekday=weekday, minute=minute)


def _tried(
    read: Callable[[], Read], faults: dict[str, str], field: str, word: str = "listed"
) -> Read | None:
    try:
        return read()
    except ChoiceRefused:
        faults[field] = word
        return None


def _clock(text: str) -> str:
    """``7:30``, ``7h30``, ``19 h`` as ``07:30`` and so on; anything else as it is."""
    found = _HOUR.fullmatch(text)
    return f"{int(found[1]):02}:{int(found[2] or 0):02}" if found else text


def _topics(offered: Collection[int], typed: Sequence[str]) -> tuple[int, ...]:
    return tuple(one for one in offered if str(one) in typed)


def _pauses(
    publication: Publication,
    courses: Sequence[Course],
    typed: Typed,
    before: Typed,
    now: datetime,
    faults: dict[str, str],
) -> list[Pause]:
    if (typed.pause, typed.backlog) == (before.pause, before.backlog):
        return []
    paused = [one for one in courses if one.held.standing.state == "paused"]
    if not typed.pause:
        return [Pause(one.held.id, None) for one in paused]
    day = _day(typed.pause)
    if day is None:
        faults["pause"] = "date"
        return []
    theirs = courses if typed.pause != before.pause else paused
    found = []
    for one in theirs:
        until = instant_of(day, time.min, zone_of(publication, one))
        if until is None or until <= now:
            faults["pause"] = "past"
        else:
            found.append(Pause(one.held.id, until, typed.backlog))
    return found


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
