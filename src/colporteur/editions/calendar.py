"""The instants at which a cadence is due. Pure: rules and zones in, instants out."""

import calendar as months
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from colporteur.publication import Cadence
from colporteur.publication.cadences import WEEKDAYS

_DAY, _WEEK, _MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)
_INITIALS: tuple[str, ...] = WEEKDAYS
_WHICH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
# How far a neighbour is looked for: at most 52 weeks apart, and skip dates lie between.
_REACHES = (_WEEK + _DAY, timedelta(days=62), timedelta(days=400), timedelta(days=3660))


def slots(
    cadence: Cadence,
    zone: str,
    since: datetime,
    until: datetime,
    skip: Collection[date] = frozenset(),
) -> list[datetime]:
    """The slots after ``since`` up to and with ``until``, in UTC, in order.

    Local dates in ``skip`` have none, nor has an instant cadence.
    """
    place = ZoneInfo(zone)
    # A day more on each side: clocks that are put back over midnight repeat a date's end.
    first, last = since.astimezone(place).date() - _DAY, until.astimezone(place).date() + _DAY
    found = {
        slot
        for day in _days(cadence, first, last)
        if day not in skip
        for at in cadence.at
        if (slot := instant_of(day, at, zone)) is not None
    }
    return sorted(slot for slot in found if since < slot <= until)


def previous_slot(
    cadence: Cadence, zone: str, now: datetime, skip: Collection[date] = frozenset()
) -> datetime:
    """The last slot before ``now``; ``now`` itself where there was none, or for instant ones."""
    for reach in _REACHES if cadence.rule != "instant" else ():
        found = [slot for slot in slots(cadence, zone, now - reach, now, skip) if slot < now]
        if found:
            return found[-1]
    return now


def next_slot(
    cadence: Cadence, zone: str, now: datetime, skip: Collection[date] = frozenset()
) -> datetime | None:
    """The first slot after ``now``; None where there is none in reach, or for instant ones."""
    since = now
    if cadence.starting is not None:
        since = max(now, datetime.combine(cadence.starting, time.min, UTC) - 2 * _DAY)
    for reach in _REACHES if cadence.rule != "instant" else ():
        if found := slots(cadence, zone, since, since + reach, skip):
            return found[0]
    return None


def instant_of(day: date, at: time, zone: str) -> datetime | None:
    """The UTC instant of a local time; None where that local date does not exist.

    A time that the clocks skip is read with the offset before the gap (02:30 becomes 03:30), and
    one that happens twice is the first (RFC 5545, section 3.3.5). Where that leads to another
    date, it is the last minute before the gap, or the first after it, that lies on ``day``.
    """
    place = ZoneInfo(zone)
    found = datetime.combine(day, at, place).astimezone(UTC)
    if found.astimezone(place).date() == day:
        return found
    end = _end_of_gap(datetime.combine(day, at, place), place)
    near = (end - _MINUTE, end)
    return next((one for one in near if one.astimezone(place).date() == day), None)


def _end_of_gap(skipped: datetime, place: ZoneInfo) -> datetime:
    """The UTC instant at which the clocks skipped over a local time, found by halving."""
    high = skipped.astimezone(UTC)
    after = high.astimezone(place).utcoffset()
    before = skipped.utcoffset()
    assert after is not None
    assert before is not None
    low = high - (after - before)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(place).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def _days(cadence: Cadence, first: date, last: date) -> Iterator[date]:
    """The local dates from ``first`` to ``last`` on which the cadence is due."""
    if cadence.rule == "instant":
        return iter(())
    if cadence.rule == "monthly":
        return (day for day in _monthly(cadence, first, last) if first <= day <= last)
    if cadence.every is not None and cadence.starting is not None:
        passed = max(0, -((cadence.starting - first) // cadence.every))
        return _each(cadence.starting + passed * cadence.every, last, cadence.every)
    wanted = {WEEKDAYS.index(word) for word in cadence.weekdays}
    return (day for day in _each(first, last, _DAY) if not wanted or day.weekday() in wanted)


def _each(day: date, last: date, step: timedelta) -> Iterator[date]:
    while day <= last:
        yield day
        day += step


def _monthly(cadence: Cadence, first: date, last: date) -> Iterator[date]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield _day_of_month(cadence, month // 12, month % 12 + 1)


def _day_of_month(cadence: Cadence, year: int, month: int) -> date:
    begins_on, length = months.monthrange(year, month)
    if cadence.on is None:
        return date(year, month, min(cadence.day or 1, length))
    which, word = cadence.on.split()
    offset = (_INITIALS.index(word[:3]) - begins_on) % 7
    return date(year, month, range(1 + offset, length + 1, 7)[_WHICH[which]])
