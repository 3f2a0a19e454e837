"""When a delivery is due: at the hour its reader chose, or else not in the quiet hours. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from colporteur.editions.calendar import instant_of
from colporteur.publication import Cadence
from colporteur.publication.sending import QuietHours

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


def after_quiet_hours(due: datetime, quiet: QuietHours, zone: str) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in on a zone's clock, in UTC.

    They last from the first time that the clock shows their beginning on a day to the first time
    that it shows their end after it; an hour that the clocks skip is read as a slot's is.
    """
    first = _local(due, zone).date() - _DAY if quiet else None
    for day in () if first is None else (first, first + _DAY, first + 2 * _DAY):
        begins = instant_of(day, quiet.since, zone)
        ends = _end_of(day, quiet, zone)
        if begins is not None and ends is not None and begins <= due < ends:
            return ends
    return due


def due_outside(
    quiet: QuietHours | None, due: datetime, hour: Hour, zone: str, *, instant: bool
) -> datetime:
    """When mail of a regular edition leaves that is due then: who chose an hour is not kept waiting.

    An instant edition has no hour that a reader could have chosen it for. The quiet hours are
    those of the zone that the reader chose, else of the publication's.
    """
    if quiet is None or (hour.minute is not None and not instant):
        return due
    return after_quiet_hours(due, quiet, hour.timezone or zone)


def _end_of(day: date, quiet: QuietHours, zone: str) -> datetime | None:
    """When the quiet hours that begin on a day end; a date that a zone leaves out has none."""
    if quiet.since < quiet.until:
        return instant_of(day, quiet.until, zone)
    after = (instant_of(day + count * _DAY, quiet.until, zone) for count in (1, 2))
    return next((one for one in after if one is not None), None)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _time_of(minute: int) -> time:
    return time(minute // 60, minute % 60)
