"""When a delivery is due: at the hour its reader chose. Pure (DESIGN, "How it flows", 4)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from colporteur.editions.calendar import instant_of
from colporteur.publication import Cadence

_DAY = timedelta(days=1)
_SEARCHED = 16  # days: a weekday comes within eight, or a week later where its date is left out


@dataclass(frozen=True)
class Hour:
    """What a reader chose: the day (0 is Monday), the minute of that day, the zone; None: not."""

    weekday: int | None = None
    minute: int | None = None
    timezone: str | None = None


def due_at(
    cadence: Cadence, zone: str, slot: datetime, following: datetime | None, hour: Hour
) -> datetime:
    """When an edition's delivery to a reader of that hour is due, in UTC.

    It is the first moment from the slot on that matches, or the slot where none does before the
    ``following`` one. The minute is the slot's own and the zone the cadence's where the reader
    chose none; a weekday counts for cadences of a week or longer.
    """
    weekday = hour.weekday if cadence.spans_weeks else None
    if cadence.rule == "instant" or (weekday, hour.minute, hour.timezone) == (None, None, None):
        return slot
    at = _time_of(hour.minute) if hour.minute is not None else _local(slot, zone).time()
    theirs = hour.timezone or zone
    day = _local(slot, theirs).date() - _DAY
    for _ in range(_SEARCHED):
        found = instant_of(day, at, theirs) if weekday in {None, day.weekday()} else None
        if found is not None and found >= slot:
            return found if following is None or found < following else slot
        day += _DAY
    return slot


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _time_of(minute: int) -> time:
    return time(minute // 60, minute % 60)
