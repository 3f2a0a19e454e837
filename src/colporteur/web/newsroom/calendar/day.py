"""``GET /newsroom/calendar/2026-11-24``: a day's editions, each with what may be done to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.editions.calendar import slots
from colporteur.editions.foresight import PLANNED, Outing
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.states import State
from colporteur.editions.store import Edition, version
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.calendar import gathering
from colporteur.web.newsroom.calendar.page import PATH
from colporteur.web.newsroom.calendar.spans import read_day, week_name
from colporteur.web.newsroom.calendar.steps import Step, Typed, offered
from colporteur.web.newsroom.calendar.telling import Entry, Words
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_NOTHING = Typed()
_NOON, _NEAR = time(12), timedelta(days=1)
_SENDABLE = frozenset({PLANNED, State.OPEN.value})


@dataclass(frozen=True)
class _Outing:
    """An edition with what may be done to it; ``seen`` is its version."""

    entry: Entry
    steps: Sequence[Step]
    seen: str
    to: str
    sendable: bool
    hidden: Mapping[str, str]


@dataclass(frozen=True)
class _Channel:
    """A channel's whole date: how many editions it has, for how many readers."""

    slug: str
    title: str
    language: str
    out: bool
    editions: str
    readers: str


class Day:
    """A day of the calendar."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """Its editions."""
        return self.page(visit)

    def page(
        self,
        visit: Visit,
        *,
        code: int = 200,
        mark: str = "",
        fault: str = "",
        typed: Typed = _NOTHING,
    ) -> Response:
        """Its editions; ``fault`` is of the edition of that ``mark``, with what was typed."""
        with self._room.reading(visit) as desk:
            clock = Clockface(visit.tag, desk.publication.timezone, desk.now)
            day = day_asked(visit, clock)
            words = Words(self._room, visit, desk, clock)
            found = gathering.outings(desk, day, day)
            known = gathering.editions_of(desk, found)
            context: dict[str, Any] = {
                "outings": [_outing(words, one, known.get(one.edition or 0)) for one in found],
                "channels": _channels(desk, clock, day) if day >= clock.today else [],
                "day_path": f"{PATH}/{day}",
                "earlier": f"{PATH}/{day - timedelta(days=1)}",
                "later": f"{PATH}/{day + timedelta(days=1)}",
                "as_week": f"{PATH}?week={week_name(day)}",
                "as_month": f"{PATH}?month={day:%Y-%m}",
            }
            title = clock.full_day(day)
        context |= {"mark": mark, "fault": fault, "typed": typed}
        return self._room.page(visit, "calendar_day", title, code=code, **context)


def day_asked(visit: Visit, clock: Clockface) -> date:
    """The day of the address.

    Raises:
        HTTPException: 404, it is none.
    """
    day = read_day(visit.at("day"), clock.today)
    if day is None:
        raise HTTPException(404)
    return day


def _outing(words: Words, one: Outing, edition: Edition | None) -> _Outing:
    desk, entry = words.desk, words.entry(one)
    assert one.leaves is not None
    steering = words.visit.may(May.STEER)
    named = {"channel": one.channel, "cadence": one.cadence or "", "slot": entry.slot}
    if edition is not None:
        named = {"edition": str(edition.id)}
    return _Outing(
        entry,
        offered(desk.publication, one, edition, desk.now) if steering else (),
        str(version(desk.connection, edition.id)) if edition else "",
        f"{words.clock.there(one.leaves):%Y-%m-%dT%H:%M}",
        steering and one.kind == "regular" and one.state in _SENDABLE and one.articles is not None,
        named | {"mark": entry.mark},
    )


def _channels(desk: Desk, clock: Clockface, day: date) -> list[_Channel]:
    """The channels that send on a day, or leave it out, with whom that touches."""
    readers = readers_per_cadence(desk.connection, desk.whom)
    found = []
    for channel in desk.publication.channels:
        if channel.digest is None:
            continue
        due = {name: len(_due(desk, name, channel.slug, day)) for name in channel.digest.cadences}
        out = day in channel.digest.skip
        if out or any(due.values()):
            number = desk.names.channels[channel.slug]
            touched = sum(readers.get((number, name), 0) for name, count in due.items() if count)
            counted = clock.number(sum(due.values())), clock.number(touched)
            found.append(_Channel(channel.slug, channel.title, channel.language, out, *counted))
    return found


def _due(desk: Desk, cadence: str, slug: str, day: date) -> list[datetime]:
    """The slots that a cadence would have on a date, were it not left out."""
    channel = desk.publication.channel(slug)
    rule = channel.cadence(cadence)
    zone = desk.publication.zone_of(rule)
    noon = datetime.combine(day, _NOON, ZoneInfo(zone))
    near = slots(rule, zone, noon - _NEAR, noon + _NEAR)
    there = [one for one in near if one.astimezone(ZoneInfo(zone)).date() == day]
    return [one for one in there if one > desk.now]
