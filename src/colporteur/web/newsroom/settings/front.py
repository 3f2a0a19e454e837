"""The page that leads to every form of the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from colporteur.publication import Channel
from colporteur.publication.cadences import Cadence
from colporteur.publication.domains import PRESETS
from colporteur.publication.stranding import readers_by_channel
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.settings.cadences import DAYS
from colporteur.web.newsroom.settings.whole import language_name
from colporteur.web.newsroom.visiting import Visit


@dataclass(frozen=True)
class Line:
    """Something with a name of its own, and a line about it."""

    slug: str
    name: str
    said: str


@dataclass(frozen=True)
class ChannelLines:
    """A channel as the front page shows it."""

    channel: Channel
    language: str
    readers: int
    cadences: Sequence[Line]


class Front:
    """The settings' first page."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """What there is to change."""
        with self._room.reading(visit) as desk:
            publication = desk.publication
            readers = readers_by_channel(desk.connection)
            number = desk.revision.number
        tag = publication.languages[0]
        groups = publication.groups_in_force()
        return self._room.page(
            visit,
            "settings/front",
            self._room.say(visit, "Settings"),
            publication=publication,
            channels=[self._channel(visit, one, readers) for one in publication.channels],
            topics=[
                Line(slug, one.name.get(tag, slug), ", ".join(one.formerly))
                for slug, one in publication.topics.items()
            ],
            groups=[
                Line(name, name, ", ".join(groups[name].domains) if name in groups else "")
                for name in dict.fromkeys([*PRESETS, *publication.domain_groups])
            ],
            own=publication.domain_groups,
            number=number,
        )

    def _channel(self, visit: Visit, channel: Channel, readers: dict[str, int]) -> ChannelLines:
        offered = channel.digest.cadences if channel.digest else {}
        return ChannelLines(
            channel,
            language_name(channel.language, visit.tag),
            readers.get(channel.slug, 0),
            [
                Line(name, rule.name.get(visit.tag, name), self._rhythm(visit, rule))
                for name, rule in offered.items()
            ],
        )

    def _rhythm(self, visit: Visit, rule: Cadence) -> str:
        def say(message: str, **values: Any) -> str:
            return self._room.say(visit, message, **values)

        hours = ", ".join(f"{one:%H:%M}" for one in rule.at)
        days = ", ".join(say(DAYS[one]) for one in rule.weekdays)
        if rule.rule == "instant":
            return say("At once, with each article")
        if rule.rule == "monthly":
            on = say("day %(day)s", day=rule.day) if rule.day else str(rule.on)
            return f"{say('Every month')}: {on}, {hours}"
        if rule.rule == "every":
            number = rule.every.days if rule.every else 0
            words = self._room.runtime.templates.catalogue(visit.tag)
            every = words.ngettext("every %(num)s day", "every %(num)s days", number)
            return f"{every % {'num': number}}, {hours}"
        return f"{days or say('Every day')}, {hours}"
