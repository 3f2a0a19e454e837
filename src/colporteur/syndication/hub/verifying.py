"""Asks subscribers whether they want what was asked in their name (WebSub, section 5.3)."""

import logging
import secrets
import time
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Engine

from colporteur.counting import HUB
from colporteur.db import database_now, writing
from colporteur.db.tables.syndication import hub_subscriptions
from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher
from colporteur.syndication.hub.requests import Mode, Wanted, verification, with_parameters
from colporteur.syndication.hub.store import ANSWERED, ENDED, Held, hold, release, reread

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300))
_ANSWER_AT_MOST = 16 * 1024
_log = logging.getLogger(__name__)


class Heard(Enum):
    """What came of asking."""

    YES = "yes"
    NO = "no"
    NOTHING = "nothing"


def verify(engine: Engine, fetcher: Fetcher, subscription_id: int, site: str) -> None:
    """Ask one subscriber, if that is due, and do what was wanted if the answer is right."""
    with writing(engine) as connection:
        due = hub_subscriptions.c.verify_at
        held = hold(connection, subscription_id, due, database_now(connection))
    if held is None or held.wanted is None:
        return
    began = time.monotonic()
    heard, problem = _ask(fetcher, held.callback, f"{site}/{held.path}", held.wanted)
    took_ms = round((time.monotonic() - began) * 1000)
    with writing(engine) as connection:
        present = reread(connection, held)
        if present is not None:
            now = database_now(connection)
            values = _effect(held.wanted, present, heard, now)
            release(connection, present, problem=problem, took_ms=took_ms, **values)
    HUB.labels("verify", heard.value).inc()
    _log.info("Subscription %d, %s: %s", held.id, held.wanted.mode, heard.value)


def _ask(fetcher: Fetcher, callback: str, topic: str, wanted: Wanted) -> tuple[Heard, str]:
    """What a subscriber answers, and what was wrong with it."""
    challenge = secrets.token_urlsafe(32)
    url = with_parameters(callback, verification(topic, wanted, challenge))
    try:
        answer = fetcher.get(url, limit_bytes=_ANSWER_AT_MOST, redirects=0)
    except FetchFailed as error:
        return Heard.NOTHING, error.message
    except FetchRefused as error:
        return Heard.NO, error.message
    if answer.status // 100 != 2:  # noqa: PLR2004 - the class of success
        return Heard.NO, f"It answered {answer.status}."
    if answer.body != challenge.encode():
        return Heard.NO, "It did not repeat the challenge."
    return Heard.YES, ""


def _effect(asked: Wanted, present: Held, heard: Heard, now: datetime) -> dict[str, Any]:
    """What to change: nothing of an active subscription unless the answer was yes.

    A request that came in while this one was asked waits for its own answer.
    """
    replaced = present.wanted != asked
    last = present.verify_attempts >= len(RETRY_AFTER)
    if heard is Heard.NOTHING and not last and not replaced:
        again = now + RETRY_AFTER[present.verify_attempts]
        return {"verify_at": again, "verify_attempts": present.verify_attempts + 1}
    values = {} if replaced else dict(ANSWERED)
    if asked.mode is Mode.DENIED:  # whatever they say: there is nothing to send
        return {**values, **ENDED}
    if heard is not Heard.YES:
        return values
    if asked.mode is Mode.UNSUBSCRIBE:
        return {**values, **ENDED}
    until = now + timedelta(seconds=asked.lease_seconds)
    due_at = min(present.due_at, now) if present.due_at else None  # it is back: no more waiting
    return values | {"expires_at": until, "secret": asked.secret, "due_at": due_at, "attempts": 0}
