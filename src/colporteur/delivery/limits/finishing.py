"""When an edition will have left, by all limits and the pace that mail leaves at. Pure.

Each bound tells how many messages it lets leave from a moment until another; the edition is done
when the last bound has let all of its own pass.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from colporteur.config.limit import Limit
from colporteur.delivery.limits.pacing import rate_of
from colporteur.delivery.limits.quotas import SHORTEST_S, Used, in_any_span
from colporteur.publication.sending import DomainGroup, WarmUp

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_FAR = 40 * 365 * 86_400  # seconds: nothing that takes so long will ever be done
_WORTH_TELLING = timedelta(minutes=1)
_MICROSECONDS = 1_000_000

Passes = Callable[[datetime, datetime], float]
"""How many messages a bound lets leave from the first moment until the second."""


@dataclass(frozen=True)
class Wave:
    """What of an edition is due at one time: how many readers of each group of domains."""

    due: datetime
    readers: Mapping[str, int]


@dataclass(frozen=True)
class Pace:
    """How many messages leave a second: of all workers, and on one connection."""

    messages: float = 50.0
    on_a_connection: float = 20.0


@dataclass(frozen=True)
class RelayLimits:
    """What a relay takes, and what of it was used, by the span in seconds."""

    name: str
    limits: tuple[Limit, ...] = ()
    connections: int | None = None
    used: Mapping[int, Used] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounds:
    """All that limits an edition: groups of domains, the relays together, its domain's warm-up.

    ``used`` is of groups, by name and span; ``warmed`` what left of the domain on a day.
    """

    groups: Mapping[str, DomainGroup] = field(default_factory=dict)
    used: Mapping[tuple[str, int], Used] = field(default_factory=dict)
    relays: Sequence[RelayLimits] = ()
    warm_up: tuple[str, WarmUp] | None = None
    warmed: Mapping[date, int] = field(default_factory=dict)
    zone: str = "UTC"


@dataclass(frozen=True)
class Finish:
    """When all is expected to have left; ``slowest`` is what it waits for longest, if anything.

    ``at`` is None where that would take decades.
    """

    at: datetime | None
    slowest: str | None = None


def finishing(waves: Sequence[Wave], bounds: Bounds, pace: Pace) -> Finish:
    """When an edition of these waves will have left."""
    by_pace = _until(waves, _steadily(pace.messages), None)
    last = max((one.due for one in waves), default=None)
    if last is None or by_pace is None:
        return Finish(by_pace)
    at, slowest = max(by_pace, last), None
    for name, groups, passes in _bounds(waves, bounds, pace):
        found = _until(waves, passes, groups)
        if found is None:
            return Finish(None, name)
        if found > at:
            slowest = name if found > by_pace + _WORTH_TELLING else slowest
            at = found
    return Finish(at, slowest)


def _bounds(
    waves: Sequence[Wave], bounds: Bounds, pace: Pace
) -> Iterable[tuple[str, Collection[str] | None, Passes]]:
    """Each bound: what it is called, whose messages it counts (None: all), what it lets pass."""
    concerned = {group for wave in waves for group in wave.readers}
    for name, group in bounds.groups.items():
        if name not in concerned:
            continue
        if group.connections is not None:
            together = group.connections * pace.on_a_connection
            yield f"{name} ({_connections(group.connections)})", [name], _steadily(together)
        for limit in group.limits:
            used = bounds.used.get((name, limit.seconds), {})
            yield f"{name} ({limit})", [name], _passing(limit, used)
    if bounds.relays:
        said = ", ".join(_relay_words(one) for one in bounds.relays)
        yield said, None, _any_of([_relay(one, pace) for one in bounds.relays])
    if bounds.warm_up is not None:
        domain, plan = bounds.warm_up
        yield f"the warm-up of {domain}", None, _warming(plan, bounds.warmed, bounds.zone)


def _until(
    waves: Sequence[Wave], passes: Passes, groups: Collection[str] | None
) -> datetime | None:
    """When a bound has let all of its own pass: whatever is due at a time or later comes after it."""
    found, owed = None, 0
    for wave in sorted(waves, key=lambda one: one.due, reverse=True):
        mine = wave.readers if groups is None else {one: wave.readers.get(one, 0) for one in groups}
        owed += sum(mine.values())
        if not owed:
            continue
        done = _first(passes, wave.due, owed)
        if done is None:
            return None
        found = done if found is None else max(found, done)
    return found if found is not None else min((one.due for one in waves), default=None)


def _first(passes: Passes, since: datetime, owed: int) -> datetime | None:
    """The first second at which so many have passed, found by halving; None beyond all years."""
    low, high = 0, 1
    while passes(since, since + high * _SECOND) < owed:
        low, high = high, high * 2
        if high > _FAR:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if passes(since, since + middle * _SECOND) < owed:
            low = middle
        else:
            high = middle
    return since + high * _SECOND


def _steadily(a_second: float) -> Passes:
    return lambda since, until: a_second * (until - since).total_seconds()


def _passing(limit: Limit, used: Used) -> Passes:
    if limit.seconds < SHORTEST_S:
        rate = rate_of("", limit)
        evenly = _MICROSECONDS / rate.interval
        return lambda since, until: rate.burst + evenly * (until - since).total_seconds()
    return lambda since, until: _through_quota(limit, used, since, until)


def _through_quota(limit: Limit, used: Used, since: datetime, until: datetime) -> float:
    """What leaves as soon as it may: what is free at once, then what was used as it is freed.

    What has left is free again after the quota's span, and so on.
    """
    quota = in_any_span("", limit, since)
    counted = {at: number for at, number in used.items() if at > quota.since}
    frees = [(since, max(0, limit.count - sum(counted.values())))]
    frees += [(at + quota.lasts, number) for at, number in counted.items()]
    return sum(
        number * (1 + math.floor((until - freed) / quota.lasts))
        for freed, number in frees
        if freed <= until
    )


def _relay(relay: RelayLimits, pace: Pace) -> Passes:
    bounds = [_passing(one, relay.used.get(one.seconds, {})) for one in relay.limits]
    if relay.connections is not None:
        bounds.append(_steadily(relay.connections * pace.on_a_connection))
    return lambda since, until: min((one(since, until) for one in bounds), default=math.inf)


def _any_of(relays: Sequence[Passes]) -> Passes:
    """Several relays take mail beside each other."""
    return lambda since, until: sum(one(since, until) for one in relays)


def _warming(plan: WarmUp, warmed: Mapping[date, int], zone: str) -> Passes:
    """What a plan's days let leave; before its start and after its end nothing is held back."""

    def passes(since: datetime, until: datetime) -> float:
        place = ZoneInfo(zone)
        first, last = since.astimezone(place).date(), until.astimezone(place).date()
        begins, ends = (first - plan.start).days, (last - plan.start).days
        if begins < 0 or ends >= len(plan.days):
            return math.inf
        left = {plan.start + number * _DAY: plan.days[number] for number in range(begins, ends + 1)}
        return sum(max(0, count - warmed.get(day, 0)) for day, count in left.items())

    return passes


def _connections(count: int) -> str:
    return f"{count} connection{'s' if count > 1 else ''}"


def _relay_words(relay: RelayLimits) -> str:
    said = [str(limit) for limit in relay.limits]
    if relay.connections is not None:
        said.append(_connections(relay.connections))
    return f"{relay.name} ({', '.join(said)})" if said else relay.name
