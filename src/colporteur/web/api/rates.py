"""How much a token may ask in a minute, counted by all web processes together.

Fixed windows: after what ``Retry-After`` says, the whole allowance is there again.
"""

import ipaddress
import logging
import math
import time
from dataclasses import dataclass

import redis
from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


@dataclass(frozen=True)
class Standing:
    """How much is left of an allowance of ``quota`` a minute, for so many ``seconds``."""

    name: str
    quota: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 tells it."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w=60',
            "RateLimit": f'"{self.name}";r={self.left};t={self.seconds}',
        }


_SCOPE_KEY = "colporteur.standing"


def tell_standing(request: Request, standing: Standing | None) -> None:
    """Have the answer to a request say what is left."""
    kept = request.scope.get(_SCOPE_KEY)
    if standing is not None and kept is not None:
        kept.update(standing.headers())


class SaysStanding:
    """An ASGI application around another, whose answers say what is left of an allowance."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as it does, and say what its callers were told is left."""
        said: dict[str, str] = {}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and said:
                more = [(name.lower().encode(), value.encode()) for name, value in said.items()]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        scope[_SCOPE_KEY] = said  # no copy: who counts requests looks at the route it found
        await self._app(scope, receive, sending)


class Rates:
    """Counts in Redis, where the broker is one, else in this process."""

    def __init__(self, settings: Settings, allowances: Allowances) -> None:
        self.allowances = allowances
        self._limiter = FixedWindowRateLimiter(_storage(settings))
        self._silent_until = 0.0

    def write(self, token: Token, articles: int = 1) -> Standing | None:
        """Count articles that a token brings; what is left, where that is known.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        return self._count("write", token.hint, self.allowances.writes, articles)

    def read(self, token: Token) -> Standing | None:
        """Count a question that a token asks; what is left, where that is known.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        return self._count("read", token.hint, self.allowances.reads)

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

    def _count(self, what: str, whose: str, allowance: int, cost: int = 1) -> Standing | None:
        """Without Redis all is allowed: intake goes before counting it.

        What costs more than is left is refused and costs nothing.
        """
        if time.monotonic() < self._silent_until:
            return None
        limit = RateLimitItemPerMinute(allowance, namespace=what)
        try:
            affordable = cost <= 1 or self._limiter.test(limit, whose, cost=cost)
            passes = affordable and self._limiter.hit(limit, whose, cost=cost)
            window = self._limiter.get_window_stats(limit, whose)
        except StorageError as error:
            self._silent_until = time.monotonic() + _LEFT_ALONE_S
            _log.warning(
                "Rates are not counted for a moment: %s", type(error.storage_error).__name__
            )
            return None
        seconds = max(1, math.ceil(window.reset_time - utcnow().timestamp()))
        standing = Standing(what, allowance, max(0, window.remaining), min(seconds, 60))
        if not passes:
            raise _too_many(standing)
        return standing


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


def _too_many(standing: Standing) -> Problem:
    wait = standing.seconds
    return Problem(
        429,
        "This is more than may be asked in a minute.",
        f"Go on in {wait} seconds.",
        kind="too-many",
        headers={"Retry-After": str(wait), **standing.headers()},
    )
