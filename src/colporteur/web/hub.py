"""``/hub``: programs subscribe to feeds here (WebSub, section 5); people are told what it is."""

import asyncio
import logging

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from colporteur.clock import utcnow
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ColporteurError, HubRefused
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.syndication.hub import store
from colporteur.syndication.hub.requests import Publish, parse_request
from colporteur.tasks import Runtime, ring, verify
from colporteur.web.clients import client_of
from colporteur.web.pages import Pages

BODY_AT_MOST = 16 * 1024
BODY_WITHIN_S = 10
ASKED_AT_MOST = RateLimitItemPerMinute(60)  # by one client
_AWAY_S = 60
_log = logging.getLogger(__name__)


def hub_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The hub's one address. It answers programs in plain text, whatever happens."""
    routes = APIRouter()
    limiter = FixedWindowRateLimiter(MemoryStorage())

    @routes.get("/hub")
    def explain() -> HTMLResponse:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
        tag = publication.languages[0]
        title = runtime.templates.catalogue(tag).gettext("WebSub hub")
        return pages.render("hub", publication, tag, title, path="/hub", noindex=True)

    @routes.post("/hub")
    async def ask(request: Request) -> PlainTextResponse:
        client = client_of(request)
        if not limiter.hit(ASKED_AT_MOST, "hub", client):
            reset = limiter.get_window_stats(ASKED_AT_MOST, "hub", client).reset_time
            seconds = max(1, round(reset - utcnow().timestamp()))
            return _say(429, "Too many requests from your address.", seconds)
        try:
            form = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _say(408, "The request did not arrive in time.")
        if form is None:
            return _say(413, f"More than {BODY_AT_MOST} bytes is more than any request needs.")
        return await run_in_threadpool(_accept, runtime, form)

    return routes


def _accept(runtime: Runtime, form: bytes) -> PlainTextResponse:
    try:
        with writing(runtime.engine) as connection:
            publication = require(connection).publication
            site = site_in_force(connection, runtime.settings, publication)
            wanted = parse_request(form, site)
            if isinstance(wanted, Publish):
                return _say(202, "We publish these feeds ourselves, and tell subscribers.")
            subscription_id = store.accept(connection, wanted, database_now(connection))
    except HubRefused as error:
        status = 400 if error.retry_after is None else 429
        return _say(status, error.message, error.retry_after)
    except (ColporteurError, DBAPIError) as error:
        # A driver's own text holds the statement's parameters: callbacks, secrets.
        said = error.orig if isinstance(error, DBAPIError) else error
        _log.error("/hub: %s", str(said).strip().partition("\n")[0])
        return _say(503, "The hub is away for a moment.", _AWAY_S)
    ring(verify, subscription_id)
    return _say(202, "Your callback will be asked to confirm this.")


async def _read(request: Request) -> bytes | None:
    """The body; None where it is longer than any form of ours."""
    body = bytearray()
    async with asyncio.timeout(BODY_WITHIN_S):
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_AT_MOST:
                return None
    return bytes(body)


def _say(status: int, text: str, retry_after: int | None = None) -> PlainTextResponse:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return PlainTextResponse(f"{text}\n", status, headers)
