"""When clocks on walls show an hour: found by looking at every minute. Slow, and obvious.

It shares nothing with ``editions.calendar``, which it is there to check.
"""

import calendar
from array import array
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from colporteur.publication import Cadence
from colporteur.publication.cadences import WEEKDAYS
from colporteur.publication.model import DigestRules
from colporteur.publication.sending import QuietHours

_DAY = 24 * 60
_MINUTE = timedelta(minutes=1)
_NOTHING, _WEEK = timedelta(0), timedelta(days=7)
_NEVER = datetime.max.replace(tzinfo=UTC)
_WHICH = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Rule:
    """A cadence with all that its slots depend on; ``name`` is its channel's and its own."""

    name: tuple[str, str]
    cadence: Cadence
    zone: str
    digest: DigestRules


class Minutes:
    """Every minute from ``first`` to ``last``, and what clocks show in it."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first = first.astimezone(UTC).replace(second=0, microsecond=0)
        self.count = int((last - first) / _MINUTE)
        self._walls = cache(self._look_at_walls)
        self._leaps = cache(self._find_leaps)
        self.readings = cache(self._find_readings)
        self._slots: dict[tuple[str, str], list[datetime]] = {}  # by channel and cadence

    def slots(self, rule: Rule) -> list[datetime]:
        """Every slot of a cadence, in order."""
        if rule.name not in self._slots:
            self._slots[rule.name] = self._find_slots(rule)
        return self._slots[rule.name]

    def previous_slot(self, rule: Rule, moment: datetime) -> datetime:
        """The last slot before a moment; the moment itself if there was none."""
        return max((slot for slot in self.slots(rule) if slot < moment), default=moment)

    def due(
        self, rule: Rule, slot: datetime, weekday: int | None, minute: int | None, zone: str | None
    ) -> datetime:
        """When a reader with this weekday, minute and zone gets the edition (flow 4)."""
        local = slot.astimezone(ZoneInfo(rule.zone))
        minute = local.hour * 60 + local.minute if minute is None else minute
        following = min((one for one in self.slots(rule) if one > slot), default=_NEVER)
        for day, moment in self.readings(zone or rule.zone, minute):
            right_day = weekday is None or not _is_seldom(rule) or day.weekday() == weekday
            if slot <= moment < following and right_day:
                return moment
        return slot

    def out_of(self, quiet: QuietHours | None, moment: datetime, zone: str) -> datetime:
        """The moment, or the first minute after it in which a zone's clock shows no quiet hour."""
        place = ZoneInfo(zone)
        while quiet and _is_quiet(quiet, moment.astimezone(place).time()):
            moment = moment.replace(second=0, microsecond=0) + _MINUTE
        return moment

    def _look_at_walls(self, zone: str) -> "array[int]":
        """What the clock shows in each minute, as minutes since the year 1."""
        place, moment, walls = ZoneInfo(zone), self.first, array("q")
        for _ in range(self.count):
            local = moment.astimezone(place)
            walls.append(local.toordinal() * _DAY + local.hour * 60 + local.minute)
            moment += _MINUTE
        return walls

    def _find_leaps(self, zone: str) -> list[int]:
        """The minutes in which the clock has just leapt forward."""
        walls = self._walls(zone)
        return [index for index in range(1, len(walls)) if walls[index] > walls[index - 1] + 1]

    def _find_readings(self, zone: str, minute: int) -> list[tuple[date, datetime]]:
        """Each date on which the clock shows a minute of the day, and the first time it does.

        A minute that the clock leaps over is counted on from the leap as if there were none; if
        that leads to another date, the last minute before the leap stands for it.
        """
        walls = self._walls(zone)
        found: dict[int, int] = {}
        for index, wall in enumerate(walls):
            if wall % _DAY == minute:
                found.setdefault(wall // _DAY, index)
        for leap in self._leaps(zone):
            before, after = walls[leap - 1], walls[leap]
            for wall in range(before + 1, after):
                day, at = wall // _DAY, leap + wall - before - 1
                if wall % _DAY == minute and day in (before // _DAY, after // _DAY):
                    found[day] = at if walls[at] // _DAY == day else leap - 1
        return [(date.fromordinal(day), self.first + found[day] * _MINUTE) for day in sorted(found)]

    def _find_slots(self, rule: Rule) -> list[datetime]:
        return sorted(
            {
                moment
                for at in rule.cadence.at
                for day, moment in self.readings(rule.zone, at.hour * 60 + at.minute)
                if day not in rule.digest.skip and _is_due(rule.cadence, day)
            }
        )


def _is_quiet(quiet: QuietHours, wall: time) -> bool:
    if quiet.since < quiet.until:
        return quiet.since <= wall < quiet.until
    return wall >= quiet.since or wall < quiet.until


def _is_due(cadence: Cadence, day: date) -> bool:
    match cadence.rule:
        case "instant":
            return False
        case "monthly" if cadence.on:
            return day in _of_month(cadence.on, day)
        case "monthly":
            last = calendar.monthrange(day.year, day.month)[1]
            return day.day == min(cadence.day or 1, last)
        case "every":
            assert cadence.starting
            assert cadence.every
            return day >= cadence.starting and (day - cadence.starting) % cadence.every == _NOTHING
    return cadence.weekdays == () or WEEKDAYS[day.weekday()] in cadence.weekdays


def _of_month(said: str, day: date) -> list[date]:
    """The date that "first monday" or "last friday" means in the month of a date."""
    which, word = said.split()
    length = calendar.monthrange(day.year, day.month)[1]
    days = [day.replace(day=number) for number in range(1, length + 1)]
    named = [one for one in days if f"{one:%A}".lower() == word]
    return named[-1:] if which == "last" else [named[_WHICH.index(which)]]


def _is_seldom(rule: Rule) -> bool:
    cadence = rule.cadence
    return cadence.rule in {"weekly", "monthly"} or (cadence.every or _NOTHING) >= _WEEK
