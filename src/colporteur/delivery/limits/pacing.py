"""Rates: so many messages a second, evenly. The generic cell rate algorithm (GCRA). Pure.

A rate has a theoretical arrival time, in microseconds: what leaves moves it on by ``interval``
each. It may run ahead of the clock by ``burst`` intervals at most. The two are chosen so that in
no span [t, t + seconds) leaves more than the count: a burst b, then one each interval, makes
b + ceil(seconds / interval) - 1 at most.
"""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass

from colporteur.config.limit import Limit

_MICROSECONDS = 1_000_000
_KNOWN_AT_MOST = 50_000
"""Rates that a process keeps: of visitors there may be any number."""
_BURSTS = 10  # a tenth of the count may leave at once: workers need not ask for each message


@dataclass(frozen=True)
class Rate:
    """A rate by the name that all workers know it by."""

    name: str
    interval: int  # microseconds
    burst: int


def rate_of(name: str, limit: Limit) -> Rate:
    """The rate that keeps a limit."""
    burst = max(1, limit.count // _BURSTS)
    evenly = limit.count - burst + 1
    interval = -(-limit.seconds * _MICROSECONDS // evenly)
    return Rate(f"{name}/{limit.seconds}", interval, burst)


def refilling(name: str, limit: Limit) -> Rate:
    """The rate that lets a limit's count pass at once, and then as it refills, evenly.

    So in a span of its length twice the count may pass: enough to keep order among people, who
    come all at once or not at all.
    """
    interval = -(-limit.seconds * _MICROSECONDS // limit.count)
    return Rate(f"{name}/{limit.seconds}", interval, limit.count)


def take(
    rates: Sequence[Rate], known: MutableMapping[str, int], wanted: int, now: int
) -> tuple[int, int]:
    """How many may leave now by every rate, and the microseconds until more may.

    ``known`` holds the arrival times and is brought up to date. The script in ``sharing`` does the
    same in Redis.
    """
    ahead = {one.name: _ahead(one, known.get(one.name, now), now) for one in rates}
    rooms = [one.burst - -(-ahead[one.name] // one.interval) for one in rates]
    count = max(0, min([wanted, *rooms]))
    wait = 0
    for one in rates:
        left = ahead[one.name] + count * one.interval
        known[one.name] = now + left
        if count < wanted:
            more = max(1, min(wanted - count, one.burst // 2))
            wait = max(wait, left + (more - one.burst) * one.interval)
    return count, wait


def _ahead(rate: Rate, arrival: int, now: int) -> int:
    """By how much the arrival time is ahead of the clock; one that was set back is forgotten."""
    return min(max(0, arrival - now), rate.burst * rate.interval)


@dataclass
class LocalRates:
    """The rates of one process, by its own clock (microseconds)."""

    clock: Callable[[], int]
    known: MutableMapping[str, int]

    def take(self, rates: Sequence[Rate], wanted: int) -> tuple[int, int]:
        """How many may leave now, and the microseconds until more may."""
        now = self.clock()
        if len(self.known) > _KNOWN_AT_MOST:
            self._forget(now)
        return take(rates, self.known, wanted, now)

    def _forget(self, now: int) -> None:
        """Forget the rates that are whole again; where those are too few, half of the others."""
        waiting = sorted(self.known, key=lambda name: self.known[name])
        used = [name for name in waiting if self.known[name] > now]
        kept = set(used[-_KNOWN_AT_MOST // 2 :])
        for name in waiting:
            if name not in kept:
                del self.known[name]
