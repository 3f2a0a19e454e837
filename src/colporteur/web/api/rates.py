"""How much a token may ask in a minute, counted by all web processes together.

Fixed windows: after what ``Retry-After`` says, the whole allowance is there again.
"""

import ipaddress
import logging
import math
import time
from dataclasses import dataclass

import redis
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.staff.tokens import Token
from colporteur.web.api.problems import Problem

_WITHIN_S = 0.5  # an intake does not wait longer than this for Redis
_LEFT_ALONE_S = 5.0
_IPV6_SITE = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowances:
    """How many a minute: articles written and questions asked by a token, failures an address."""

    writes: int = 600
    reads: int = 3000
    failures: int = 30


class Rates:
    """Counts in Redis, where the broker is one, else in this process."""

    def __init__(self, settings: Settings, allowances: Allowances) -> None:
        self.allowances = allowances
        self._limiter = FixedWindowRateLimiter(_storage(settings))
        self._silent_until = 0.0

    def write(self, token: Token, articles: int = 1) -> None:
        """Count articles that a token brings.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        self._count("write", token.hint, self.allowances.writes, articles)

    def read(self, token: Token) -> None:
        """Count a question that a token asks.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        self._count("read", token.hint, self.allowances.reads)

    def knock(self, address: str) -> None:
        """Count a request from an address of which nobody knows yet who signed it.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        self._count("knock", _site(address), self.allowances.writes)

    def failure(self, address: str) -> None:
        """Count a failed authentication from an address; of IPv6, from its site.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        self._count("failure", _site(address), self.allowances.failures)

    def _count(self, what: str, whose: str, allowance: int, cost: int = 1) -> None:
        """Without Redis all is allowed: intake goes before counting it.

        What costs more than is left is refused and costs nothing.
        """
        if time.monotonic() < self._silent_until:
            return
        limit = RateLimitItemPerMinute(allowance, namespace=what)
        try:
            affordable = cost <= 1 or self._limiter.test(limit, whose, cost=cost)
            if affordable and self._limiter.hit(limit, whose, cost=cost):
                return
            reset = self._limiter.get_window_stats(limit, whose).reset_time
        except StorageError as error:
            self._silent_until = time.monotonic() + _LEFT_ALONE_S
            _log.warning(
                "Rates are not counted for a moment: %s", type(error.storage_error).__name__
            )
            return
        raise _too_many(math.ceil(reset - utcnow().timestamp()))


def _storage(settings: Settings) -> Storage:
    if settings.embedded:
        return MemoryStorage()
    pool = redis.ConnectionPool.from_url(
        settings.broker_url, socket_timeout=_WITHIN_S, socket_connect_timeout=_WITHIN_S
    )
    return RedisStorage(
        settings.broker_url,
        connection_pool=pool,
        key_prefix="colporteur.rates",
        wrap_exceptions=True,
    )


def _site(address: str) -> str:
    """An address as one caller has it: whoever has one of IPv6 has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_SITE), strict=False).network_address)


def _too_many(seconds: int) -> Problem:
    wait = max(1, seconds)
    return Problem(
        429,
        "This is more than may be asked in a minute.",
        f"Go on in {wait} seconds.",
        kind="too-many",
        headers={"Retry-After": str(wait)},
    )
