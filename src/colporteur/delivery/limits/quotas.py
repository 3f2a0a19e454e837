"""Quotas: so many messages in any span of a minute or more, or on a day. Pure.

What was used is kept in buckets of a sixtieth of the span. A bucket counts until all of it lies
further back than the span, so that in no span ever, wherever it begins, leaves more than the
count; the price is that up to a sixtieth of it may be waited for longer than need be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from colporteur.config.limit import Limit
from colporteur.editions.calendar import instant_of
from colporteur.publication.sending import WarmUp

SHORTEST_S = 60
"""Limits over shorter spans are rates: they need not be remembered over a restart."""
_BUCKETS = 60
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Used = Mapping[datetime, int]
"""How much left in each bucket, by its beginning."""


@dataclass(frozen=True)
class Quota:
    """At most ``count`` in the buckets that begin after ``since``.

    What leaves now counts in ``bucket``, and each bucket for as long as ``lasts``.
    """

    name: str
    count: int
    since: datetime
    bucket: datetime
    lasts: timedelta


@dataclass(frozen=True)
class Room:
    """How many may leave, and how long it takes until more may (nothing where all may)."""

    count: int
    wait: timedelta = timedelta(0)


def in_any_span(name: str, limit: Limit, now: datetime) -> Quota:
    """The quota of a limit over any span of its length."""
    size = timedelta(seconds=max(1, limit.seconds // _BUCKETS))
    lasts = timedelta(seconds=limit.seconds) + size
    bucket = _EPOCH + (now - _EPOCH) // size * size
    return Quota(f"{name}/{limit.seconds}", limit.count, now - lasts, bucket, lasts)


def on_a_day(name: str, plan: WarmUp, zone: str, now: datetime) -> Quota | None:
    """The quota of a warm-up plan for the day that it is in a zone; None where it has none."""
    today = now.astimezone(ZoneInfo(zone)).date()
    number = (today - plan.start).days
    if not 0 <= number < len(plan.days):
        return None
    begins = day_begins(today, zone)
    ends = day_begins(today + _DAY, zone)
    return Quota(name, plan.days[number], begins - _SECOND, begins, ends - begins)


def day_begins(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone; of the next one where the zone leaves it out."""
    found = instant_of(day, time.min, zone)
    return day_begins(day + _DAY, zone) if found is None else found


def room(quota: Quota, used: Used, wanted: int, now: datetime) -> Room:
    """How much of what is wanted the quota leaves room for.

    What was counted in the future, before a clock was set back, counts too.
    """
    counted = {at: number for at, number in used.items() if at > quota.since and number}
    total = sum(counted.values())
    count = max(0, min(wanted, quota.count - total))
    if count == wanted:
        return Room(count)
    counted[quota.bucket] = counted.get(quota.bucket, 0) + count
    excess = total + count - quota.count
    for begins in sorted(counted):
        excess -= counted[begins]
        if excess < 0:
            return Room(count, max(begins + quota.lasts - now, _SECOND))
    return Room(count, quota.lasts)
