"""Sends a changed feed to those who subscribed to it (WebSub, sections 7 and 7.1)."""

import hashlib
import hmac
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from colporteur.counting import HUB
from colporteur.db import database_now, writing
from colporteur.db.tables.syndication import documents, hub_subscriptions
from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher
from colporteur.syndication.documents import Document, document
from colporteur.syndication.hub import store
from colporteur.syndication.hub.store import ENDED, Held

COALESCE = timedelta(seconds=2)
RETRY_AT_FIRST = timedelta(minutes=1)
RETRY_AT_MOST = timedelta(hours=6)
_GONE = 410
_ANSWER_AT_MOST = 1024 * 1024
_columns = hub_subscriptions.c
_log = logging.getLogger(__name__)


def announce(connection: Connection, paths: Sequence[str], now: datetime) -> None:
    """Have a delivery due for each active subscription of documents that changed.

    Belongs in the transaction of the change. A moment later, so that a burst of changes is one
    delivery; where one is due already, that one brings this change too.
    """
    store.deny(connection, now)
    concerned = _columns.path.in_(paths)
    idle = _columns.verify_at.is_(None)
    connection.execute(delete(hub_subscriptions).where(concerned, _columns.expires_at <= now, idle))
    # Rows with a delivery under way are written too: who records it waits for this transaction,
    # and then sees that the document is another.
    soon = func.coalesce(_columns.due_at, now + COALESCE, type_=_columns.due_at.type)
    connection.execute(
        update(hub_subscriptions).where(concerned, _columns.expires_at > now).values(due_at=soon)
    )


def deliver(engine: Engine, fetcher: Fetcher, subscription_id: int, site: str) -> None:
    """Send one subscriber the present document, if that is due and new to it."""
    with writing(engine) as connection:
        now = database_now(connection)
        held = store.hold_to_deliver(connection, subscription_id, now)
        if held is None:
            return
        content = _content(connection, held, now)
    if content is None:
        return
    began = time.monotonic()
    status, problem = _post(fetcher, held, content, site)
    took_ms = round((time.monotonic() - began) * 1000)
    with writing(engine) as connection:
        present = store.reread(connection, held)
        if present is not None:
            now = database_now(connection)
            values = _effect(connection, present, content.etag, status, now)
            store.release(connection, present, problem=problem, took_ms=took_ms, **values)
    HUB.labels("deliver", "failed" if problem else "taken").inc()
    _log.info("Subscription %d, delivery: %s", held.id, status or "no answer")


def sign(secret: str, body: bytes) -> str:
    """The value of ``X-Hub-Signature`` (section 8)."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def retry_after(attempts: int) -> timedelta:
    """How long to wait after that many failures: a minute, doubling up to six hours."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(RETRY_AT_FIRST * (1 << doublings), RETRY_AT_MOST)


def _content(connection: Connection, held: Held, now: datetime) -> Document | None:
    """What to send; where there is nothing to send, the subscription is given back."""
    if held.expires_at is None or held.expires_at <= now:
        store.release(connection, held, **ENDED)
        return None
    found = document(connection, held.path)
    if found is None or found.etag == held.delivered_etag:
        store.release(connection, held, due_at=None, attempts=0)
        return None
    return found


def _post(fetcher: Fetcher, held: Held, content: Document, site: str) -> tuple[int, str]:
    """The status of the answer, 0 where there is none, and what was wrong."""
    topic = f"{site}/{held.path}"
    headers = {
        "Content-Type": content.content_type,
        "Link": f'<{site}/hub>; rel="hub", <{topic}>; rel="self"',
    }
    if held.secret:
        headers["X-Hub-Signature"] = sign(held.secret, content.body)
    try:
        answer = fetcher.post(held.callback, content.body, headers, limit_bytes=_ANSWER_AT_MOST)
    except (FetchFailed, FetchRefused) as error:
        return 0, error.message
    return answer.status, "" if _succeeded(answer.status) else f"It answered {answer.status}."


def _effect(
    connection: Connection, present: Held, etag: str, status: int, now: datetime
) -> dict[str, Any]:
    if status == _GONE:
        return dict(ENDED)
    if not _succeeded(status):  # redirects too: subscriptions do not move by them (section 7)
        attempts = present.attempts + 1
        return {"attempts": attempts, "due_at": now + retry_after(attempts)}
    current = connection.scalar(select(documents.c.etag).where(documents.c.path == present.path))
    changed = current is not None and current != etag
    return {
        "due_at": now + COALESCE if changed else None,
        "attempts": 0,
        "delivered_etag": etag,
        "delivered_at": now,
    }


def _succeeded(status: int) -> bool:
    return status // 100 == 2  # noqa: PLR2004 - the class of success
