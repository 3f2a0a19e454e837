"""Keeps the limits of relays, of groups of domains and of warm-up plans, for all workers together.

Quotas are in the database, rates and places for connections in Redis: of this process alone in
an embedded run, and for as long as Redis is away.
"""

import hashlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import redis
from sqlalchemy import Connection

from colporteur.config import Settings
from colporteur.config.limit import Limit
from colporteur.delivery.limits.pacing import LocalRates, Rate, rate_of
from colporteur.delivery.limits.quotas import SHORTEST_S, Quota, in_any_span, on_a_day, room
from colporteur.delivery.limits.sharing import PLACE_LASTS_S, Shared
from colporteur.delivery.limits.use import Taken, look_at_use, note_use, read_use, take_back
from colporteur.publication import Publication

Answer = TypeVar("Answer")
_LEFT_ALONE_S = 5.0  # Redis, after it did not answer
_LONGEST_NAME = 180  # of a quota, in the database
_log = logging.getLogger(__name__)


class Limited(Protocol):
    """What a relay takes, by its name."""

    @property
    def name(self) -> str:
        """Its address without secrets."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """How many messages it takes in which time."""

    @property
    def connections(self) -> int | None:
        """How many connections it takes at once; None: any number."""


@dataclass(frozen=True)
class Allowance:
    """How many may leave now, and how long until more may (zero where all that was wanted may).

    ``taken`` says where they were counted, for ``Limits.give_back``.
    """

    count: int
    wait: timedelta = timedelta(0)
    taken: tuple[Taken, ...] = ()


class Limits:
    """The limits as one process keeps them; its threads share it. A fork begins anew."""

    def __init__(self, settings: Settings) -> None:
        self._url = None if settings.embedded else settings.broker_url
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._shared = Shared(self._url) if self._url else None
        self._local = LocalRates(lambda: time.monotonic_ns() // 1000, {})
        self._held: dict[str, Mapping[str, int]] = {}  # places by the token that holds them
        self._away_until = 0.0
        self._away = False
        self._staying = False

    def allow(
        self,
        connection: Connection,
        publication: Publication,
        relay: Limited | None,
        domain_group: str,
        sending_domain: str,
        wanted: int,
        now: datetime,
        *,
        letters: bool = False,
    ) -> Allowance:
        """How many of ``wanted`` messages may leave now through a relay to a group of domains.

        They count as having left once the writing transaction is committed; ask once in each.
        Without a ``relay`` only the group's limits and the warm-up count; ``letters`` are not part
        of a warm-up.
        """
        limits = _limits(publication, relay, domain_group)
        quotas = [
            quota_of(name, limit, now) for name, limit in limits if limit.seconds >= SHORTEST_S
        ]
        if not letters:
            quotas += _warm_up(publication, sending_domain, now)
        rates = [rate_of(name, limit) for name, limit in limits if limit.seconds < SHORTEST_S]
        known = read_use(connection, quotas) if quotas else {}
        rooms = [room(one, known[one.name], wanted, now) for one in quotas]
        count = min((one.count for one in rooms), default=wanted)
        wait = max((one.wait for one in rooms if one.count == count), default=timedelta(0))
        if rates and count:
            paced, microseconds = self.take(rates, count)
            if paced < count:
                count, wait = paced, timedelta(microseconds=microseconds)
        if not quotas or not count:
            return Allowance(count, wait)
        note_use(connection, quotas, known, count, now)
        return Allowance(count, wait, tuple((one.name, one.bucket) for one in quotas))

    def wait_for(self, connection: Connection, relay: Limited, now: datetime) -> timedelta:
        """How long until the quotas of a relay have room for a message: nothing where they have.

        Asked before a relay is chosen among several. It takes nothing.
        """
        longer = [limit for limit in relay.limits if limit.seconds >= SHORTEST_S]
        quotas = [quota_of(f"relay:{relay.name}", limit, now) for limit in longer]
        used = look_at_use(connection, quotas) if quotas else {}
        waits = (room(one, used[one.name], 1, now).wait for one in quotas)
        return max(waits, default=timedelta(0))

    def give_back(self, connection: Connection, allowance: Allowance, unused: int) -> None:
        """Count less: so many of what was allowed did not leave.

        Rates are not given back. They are over in a moment, and could not be kept strictly then.
        """
        if unused:
            take_back(connection, allowance.taken, unused)

    @contextmanager
    def connect(
        self, publication: Publication, relay: Limited | None, domain_group: str
    ) -> Iterator[bool]:
        """A place among the connections that a relay and a group of domains allow at once.

        False: there is none now. A place is held for the length of the block, and is free soon
        after its process died.
        """
        places = _places(publication, relay, domain_group)
        token = secrets.token_hex(8)
        entered = not places or self._enter(places, token)
        try:
            yield entered
        finally:
            if places and entered:
                self._leave(places, token)

    def take(self, rates: list[Rate], wanted: int) -> tuple[int, int]:
        """How many of ``wanted`` pass all rates now, and the microseconds until more may.

        What passes counts at once; of anything that passes, not of messages alone.
        """

        def alone() -> tuple[int, int]:
            with self._lock:
                return self._local.take(rates, wanted)

        return self._ask(lambda shared: shared.take(rates, wanted), alone)

    def _enter(self, places: Mapping[str, int], token: str) -> bool:
        def alone() -> bool:
            with self._lock:
                mine = list(self._held.values())
                if any(sum(name in one for one in mine) >= most for name, most in places.items()):
                    return False
                self._held[token] = places
                return True

        entered = self._ask(lambda shared: shared.enter(places, token), alone)
        if entered:
            self._hold(places, token)
        return entered

    def _hold(self, places: Mapping[str, int], token: str) -> None:
        with self._lock:
            self._held[token] = places
            starts = self._shared is not None and not self._staying
            self._staying = self._staying or starts
        if starts:
            threading.Thread(target=self._stay, name="places", daemon=True).start()

    def _stay(self) -> None:
        """Tell Redis which places this process holds, until it holds none.

        A Redis that lost its memory learns of them anew.
        """
        while True:
            time.sleep(PLACE_LASTS_S / 3)
            with self._lock:
                held = dict(self._held)
                self._staying = bool(held)
            if not held:
                return
            self._renew(held)

    def _renew(self, held: Mapping[str, Mapping[str, int]]) -> None:
        self._ask(lambda shared: shared.stay(held), lambda: None)
        with self._lock:
            left = {token: places for token, places in held.items() if token not in self._held}
        for token, places in left.items():  # given back meanwhile
            self._leave(places, token)

    def _leave(self, places: Mapping[str, int], token: str) -> None:
        with self._lock:
            self._held.pop(token, None)
        self._ask(lambda shared: shared.leave(places, token), lambda: None)

    def _ask(self, together: Callable[[Shared], Answer], alone: Callable[[], Answer]) -> Answer:
        """What Redis answers, or this process for itself while there is none."""
        if self._pid != os.getpid():
            self._begin()
        if self._shared is None or time.monotonic() < self._away_until:
            return alone()
        try:
            found = together(self._shared)
        except redis.RedisError as error:
            self._away_until = time.monotonic() + _LEFT_ALONE_S
            if not self._away:
                self._away = True
                _log.warning(
                    "Redis is away (%s): each process keeps rates and connections for itself.",
                    type(error).__name__,
                )
            return alone()
        if self._away:
            self._away = False
            _log.warning("Redis is back: rates and connections are shared again.")
        return found


def quota_of(whose: str, limit: Limit, now: datetime) -> Quota:
    """The quota of a limit of ``group:<name>`` or ``relay:<name>``."""
    return in_any_span(_short(whose), limit, now)


def warm_up_name(domain: str) -> str:
    """What a sending domain's warm-up is counted as."""
    return _short(f"warm-up:{domain}")


def _limits(
    publication: Publication, relay: Limited | None, domain_group: str
) -> list[tuple[str, Limit]]:
    """Each limit with whose it is; the lower where two of one span are said."""
    found: dict[tuple[str, int], Limit] = {}
    group = publication.groups_in_force().get(domain_group)
    said = [(f"group:{domain_group}", one) for one in (group.limits if group else ())]
    said += [(f"relay:{relay.name}", one) for one in relay.limits] if relay else []
    for whose, limit in said:
        key = (whose, limit.seconds)
        if key not in found or limit.count < found[key].count:
            found[key] = limit
    return [(whose, limit) for (whose, _), limit in found.items()]


def _warm_up(publication: Publication, sending_domain: str, now: datetime) -> list[Quota]:
    domain = sending_domain.lower()
    plan = publication.warm_up.get(domain)
    if plan is None:
        return []
    quota = on_a_day(warm_up_name(domain), plan, publication.timezone, now)
    return [] if quota is None else [quota]


def _places(publication: Publication, relay: Limited | None, domain_group: str) -> dict[str, int]:
    group = publication.groups_in_force().get(domain_group)
    found = {
        f"group:{domain_group}": group.connections if group else None,
        f"relay:{relay.name}" if relay else "": relay.connections if relay else None,
    }
    return {name: most for name, most in found.items() if most is not None}


def _short(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return hashlib.sha256(name.encode()).hexdigest()
