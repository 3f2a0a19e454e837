"""``/feedback/ses`` and ``/feedback/postmark``: services tell of bounces and complaints.

They answer programs in plain text: 200 when what was told is committed, 403 for a wrong signature
or secret (counted), 404 where it is not set up, 503 while something is away: then it is told again.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from colporteur.clock import utcnow
from colporteur.db import database_now, writing
from colporteur.exceptions import (
    FetchFailed,
    FetchRefused,
    HookForged,
    HookMalformed,
    ServiceUnavailable,
)
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.hearing import hear
from colporteur.feedback.ways.hook import BODY_AT_MOST, Hook
from colporteur.feedback.ways.postmark import Postmark
from colporteur.feedback.ways.ses import Ses
from colporteur.fetch import Fetcher
from colporteur.tasks import Runtime
from colporteur.web.clients import client_of

BODY_WITHIN_S = 10
ASKED_AT_MOST = RateLimitItemPerMinute(1200)  # by one client: services tell of a burst from few
FORGED_AT_MOST = RateLimitItemPerMinute(30)
_ANSWER_AT_MOST = 64 * 1024
_FETCHES = threading.BoundedSemaphore(2)
"""Each holds a thread that pages need, for ten seconds where nobody answers."""
_OK = 200
_log = logging.getLogger(__name__)


def hooks_of(runtime: Runtime) -> list[Hook]:
    """The webhooks that are set up."""
    settings = runtime.settings
    found: list[Hook] = []
    if settings.feedback_ses_topics:
        topics = settings.feedback_ses_topics.split(",")
        found.append(Ses(topics, settings.bounce_domain, _get, utcnow))
    if settings.feedback_postmark:
        found.append(Postmark(settings.feedback_postmark, settings.bounce_domain))
    return found


def feedback_routes(runtime: Runtime, hooks: list[Hook] | None = None) -> APIRouter:
    """The addresses that services call."""
    routes = APIRouter()
    by_name = {one.source: one for one in (hooks_of(runtime) if hooks is None else hooks)}
    limiter = FixedWindowRateLimiter(MemoryStorage())

    @routes.post("/feedback/{name}")
    async def tell(name: str, request: Request) -> PlainTextResponse:
        hook, client = by_name.get(name), client_of(request)
        if hook is None:
            return _say(404, "No such webhook is set up.")
        if not limiter.test(FORGED_AT_MOST, "forged", client) or not limiter.hit(
            ASKED_AT_MOST, "told", client
        ):
            return _say(429, "Too many requests from your address.", 60)
        try:
            body = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _say(408, "The request did not arrive in time.")
        if body is None:
            return _say(413, f"More than {BODY_AT_MOST} bytes is more than any request needs.")
        headers = {key.lower(): value for key, value in request.headers.items()}
        answer, believed = await run_in_threadpool(_take, runtime, hook, headers, body)
        if not believed:
            limiter.hit(FORGED_AT_MOST, "forged", client)
        return answer

    return routes


def _take(
    runtime: Runtime, hook: Hook, headers: Mapping[str, str], body: bytes
) -> tuple[PlainTextResponse, bool]:
    """The answer, and whether it may be that service who asked: no proof that is away is one."""
    try:
        told = hook.read(headers, body)
        with writing(runtime.engine) as connection:
            now = database_now(connection)
            for one in told:
                if isinstance(one, Drop):
                    count_dropped(connection, hook.source, one, now)
                else:
                    hear(connection, Ears.of(runtime.settings), hook.source, one, now)
    except (HookForged, HookMalformed) as error:
        return _refused(runtime, hook, error), not isinstance(error, HookForged)
    except (FetchRefused, FetchFailed, ServiceUnavailable, DBAPIError) as error:
        # A driver's own text holds the statement's parameters.
        _log.error("/feedback/%s: %s", hook.source, type(error).__name__)
        away = _say(503, "Something is away for a moment; tell it again.", 60)
        return away, not isinstance(error, FetchRefused | FetchFailed)
    return _say(200, "Heard."), True


def _refused(runtime: Runtime, hook: Hook, error: HookForged | HookMalformed) -> PlainTextResponse:
    forged = isinstance(error, HookForged)
    try:
        with writing(runtime.engine) as connection:
            reason = Drop.FORGED if forged else Drop.MALFORMED
            count_dropped(connection, hook.source, reason, database_now(connection))
    except (ServiceUnavailable, DBAPIError) as away:
        _log.warning("What was dropped is not counted: %s", type(away).__name__)
    return _say(403 if forged else 400, error.message)


async def _read(request: Request) -> bytes | None:
    """The body; None where it is longer than any of ours."""
    body = bytearray()
    async with asyncio.timeout(BODY_WITHIN_S):
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_AT_MOST:
                return None
    return bytes(body)


def _get(url: str) -> bytes:
    """What lies at an address of SNS, which ``sns`` has judged; no redirect leads elsewhere."""
    if not _FETCHES.acquire(blocking=False):
        raise ServiceUnavailable("SNS is being asked already.", cure="Tell it again soon.")
    try:
        answer = Fetcher(seconds=10).get(url, limit_bytes=_ANSWER_AT_MOST, redirects=0)
    finally:
        _FETCHES.release()
    if answer.status != _OK:
        raise FetchFailed(f"SNS answered {answer.status}.")
    return answer.body


def _say(status: int, text: str, retry_after: int | None = None) -> PlainTextResponse:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return PlainTextResponse(f"{text}\n", status, headers)
