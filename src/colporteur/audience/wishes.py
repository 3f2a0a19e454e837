"""What somebody asks for in words, as a choice of a channel."""

from collections.abc import Sequence
from dataclasses import dataclass

from colporteur.audience.choices import Choice, read_layout, read_minute, read_weekday, read_zone
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids


@dataclass(frozen=True)
class Asked:
    """What a reader asks for, in words; None and empty where they leave it to the channel."""

    cadence: str | None = None
    topics_in: Sequence[str] = ()
    topics_out: Sequence[str] = ()
    weekday: str | None = None
    hour: str | None = None
    timezone: str | None = None
    specials: bool = True
    layout: str | None = None


def choice_of(publication: Publication, names: Ids, channel: Channel, asked: Asked) -> Choice:
    """The choice that is asked for.

    Raises:
        UnknownName: the channel has no digests, or there is no such cadence or topic.
        ChoiceRefused: it cannot be chosen there.
    """
    if channel.digest is None:
        raise UnknownName(f"The channel {channel.slug} has no digests.", cure="Choose another one.")
    chosen = asked.cadence or next(iter(channel.digest.cadences))
    cadence = channel.cadence(chosen)
    return Choice(
        channel_id=names.channels[channel.slug],
        cadence=chosen,
        topics_in=_topics(publication, names, asked.topics_in),
        topics_out=_topics(publication, names, asked.topics_out),
        weekday=read_weekday(asked.weekday, chosen, cadence) if asked.weekday else None,
        minute=read_minute(asked.hour, chosen, cadence) if asked.hour else None,
        timezone=read_zone(asked.timezone) if asked.timezone else None,
        specials=asked.specials,
        layout=read_layout(asked.layout) if asked.layout else "",
    )


def _topics(publication: Publication, names: Ids, slugs: Sequence[str]) -> tuple[int, ...]:
    for slug in slugs:
        if slug not in names.topics:
            known = ", ".join(publication.topics) or "none"
            raise UnknownName(f"There is no topic {slug!r}.", cure=f"The topics are: {known}.")
    return tuple(names.topics[slug] for slug in slugs)
