"""The instants at which a cadence is due. Pure: rules and zones in, instants out."""

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from colporteur.publication import Cadence
from colporteur.publication.model import WEEKDAYS

_LOOK_BACK = timedelta(days=62)  # a monthly cadence's slot is never further apart


def slots(cadence: Cadence, zone: str, since: datetime, until: datetime) -> list[datetime]:
    """The slots after ``since`` up to and with ``until``, in UTC, in order.

    An hour that does not exist that day is read with the offset before the gap (02:30 becomes
    03:30); one that happens twice is due the first time.
    """
    first = since.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    last = until.astimezone(ZoneInfo(zone)).date()
    found = {_instant(day, at, zone) for day in _days(cadence, first, last) for at in cadence.at}
    return sorted(slot for slot in found if since < slot <= until)


def previous_slot(cadence: Cadence, zone: str, now: datetime) -> datetime:
    """The last slot before ``now``."""
    return [slot for slot in slots(cadence, zone, now - _LOOK_BACK, now) if slot < now][-1]


def next_slot(cadence: Cadence, zone: str, now: datetime) -> datetime:
    """The first slot after ``now``."""
    return slots(cadence, zone, now, now + _LOOK_BACK)[0]


def _days(cadence: Cadence, first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if _is_due(cadence, day):
            yield day


def _is_due(cadence: Cadence, day: date) -> bool:
    if cadence.rule == "monthly":
        length = months.monthrange(day.year, day.month)[1]
        return day.day == min(cadence.day or 1, length)
    return not cadence.weekdays or WEEKDAYS[day.weekday()] in cadence.weekdays


def _instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a local time: RFC 5545 section 3.3.5 for gaps and repeated hours."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
