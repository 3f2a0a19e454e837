"""Sends programs what they are to be told, one message after another for each of them.

A worker holds a program by a lease while it asks it, outside of any transaction; a lease that ran
out is anybody's. So a slow one holds up no other, and no message leaves twice at once.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, exists, or_, select, update

from colporteur.config.keys import Keys
from colporteur.counting import WEBHOOKS
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher
from colporteur.sealing import unseal
from colporteur.webhooks.endpoints import PURPOSE, switch_off
from colporteur.webhooks.patience import Answer, course
from colporteur.webhooks.signing import signed_headers

ASKS_S = 15.0
LEASE = timedelta(seconds=60)  # longer than any asking takes
AT_ONCE = 20  # programs that a tick rings for
_ANSWER_AT_MOST = 64 * 1024
_PROBLEM_AT_MOST = 300
_SECONDS_AT_MOST = 7
_SEALED = "Its secret was sealed with another secret key: add it anew."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """A message that one worker sends, and what it sends it with."""

    id: int
    message_id: str
    webhook_id: int
    url: str
    sealed: str
    body: bytes
    attempts: int
    failures: int
    failing_since: datetime | None
    until: datetime


@dataclass(frozen=True)
class Sending:
    """What it takes to send: ``site`` is where our pages are, without a slash at its end."""

    engine: Engine
    fetcher: Fetcher
    secret_key: Keys
    site: str


def to_tell(connection: Connection, now: datetime) -> list[int]:
    """The programs (ids) that something waits for now; who failed waits for who did not."""
    due = exists().where(
        webhook_messages.c.webhook_id == webhooks.c.id, webhook_messages.c.next_at <= now
    )
    query = select(webhooks.c.id).where(_free(now), due)
    order = webhooks.c.failures, webhooks.c.id
    return list(connection.scalars(query.order_by(*order).limit(AT_ONCE)))


def tell_program(
    sending: Sending, webhook_id: int, *, until: float, stopping: Callable[[], bool]
) -> int:
    """Send what is due to one program until ``until`` (monotonic) or a failure; how many it took."""
    took = 0
    while time.monotonic() < until and not stopping():
        with writing(sending.engine) as connection:
            held = _hold(connection, webhook_id, sending.site, database_now(connection))
        if held is None or not _send(sending, held):
            return took
        took += 1
    return took


def _free(now: datetime) -> ColumnElement[bool]:
    rests, held = webhooks.c.rests_until, webhooks.c.leased_until
    return and_(
        webhooks.c.disabled_at.is_(None),
        or_(rests.is_(None), rests <= now),
        or_(held.is_(None), held <= now),
    )


def _hold(connection: Connection, webhook_id: int, site: str, now: datetime) -> Held | None:
    """The message that is due first; None where there is none, or another worker has its turn."""
    until = now + LEASE
    mine = (webhooks.c.id == webhook_id, _free(now))
    taken = connection.execute(
        update(webhooks).where(*mine).values(leased_until=until).returning(webhooks)
    ).first()
    if taken is None:
        return None
    due = (webhook_messages.c.webhook_id == webhook_id, webhook_messages.c.next_at <= now)
    order = webhook_messages.c.next_at, webhook_messages.c.id
    row = connection.execute(select(webhook_messages).where(*due).order_by(*order).limit(1)).first()
    if row is None:
        _release(connection, webhook_id, {})
        return None
    return Held(
        row.id,
        row.message_id,
        webhook_id,
        taken.url,
        taken.secret,
        _body(connection, row, site, addresses=taken.addresses),
        row.attempts + 1,
        taken.failures + 1,
        taken.failing_since,
        until,
    )


def _body(connection: Connection, row: Any, site: str, *, addresses: bool) -> bytes:
    """What is sent. A reader's address is that of this moment, and null once they are erased."""
    data = dict(row.data)
    path = data.pop("path", None)
    if path is not None and not data.get("url"):
        data["url"] = f"{site}{path}"
    if addresses and "subscriber" in data:
        theirs = select(subscribers.c.address).where(subscribers.c.id == data["subscriber"])
        data["address"] = connection.scalar(theirs)
    said = {"type": row.kind, "timestamp": row.at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _send(sending: Sending, held: Held) -> bool:
    """Send one, and keep what came of it; whether the program took it."""
    began = time.monotonic()
    answer = _ask(sending, held)
    took_ms = round((time.monotonic() - began) * 1000)
    with writing(sending.engine) as connection:
        mine = select(webhooks.c.id).where(
            webhooks.c.id == held.webhook_id, webhooks.c.leased_until == held.until
        )
        if connection.scalar(mine.with_for_update()) is None:
            return False  # it was removed, or the lease was lost: another sends it again
        now = database_now(connection)
        said = {"attempts": held.attempts, "tried_at": now, "took_ms": took_ms}
        said |= {"status": answer.status or None, "problem": answer.problem}
        (_failed if answer.problem else _taken)(connection, held, answer, said, now)
    WEBHOOKS.labels("failed" if answer.problem else "taken").inc()
    _log.info("Webhook %d, message %d: %s", held.webhook_id, held.id, answer.status or "no answer")
    return not answer.problem


def _ask(sending: Sending, held: Held) -> Answer:
    secret = unseal(sending.secret_key, PURPOSE, held.sealed)
    if secret is None:
        return Answer(0, _SEALED)
    try:
        with reading(sending.engine) as connection:
            now = database_now(connection)
        headers = signed_headers(secret, held.message_id, held.body, now)
        answer = sending.fetcher.post(
            held.url,
            held.body,
            {"Content-Type": "application/json", **headers},
            limit_bytes=_ANSWER_AT_MOST,
        )
    except (FetchFailed, FetchRefused) as error:
        return Answer(0, error.message[:_PROBLEM_AT_MOST])
    taken = answer.status // 100 == 2  # noqa: PLR2004 - the class of success
    problem = "" if taken else f"It answered {answer.status}."
    return Answer(answer.status, problem, _retry_after(answer.headers))


def _taken(
    connection: Connection, held: Held, _: Answer, said: Mapping[str, Any], now: datetime
) -> None:
    _note(connection, held, {**said, "next_at": None, "delivered_at": now})
    values = {"failures": 0, "failing_since": None, "rests_until": None, "problem": ""}
    _release(connection, held.webhook_id, {**values, "delivered_at": now})


def _failed(
    connection: Connection, held: Held, answer: Answer, said: Mapping[str, Any], now: datetime
) -> None:
    since = held.failing_since or now
    goes_on = course(answer, held.attempts, held.failures, since, now)
    _note(connection, held, {**said, "next_at": goes_on.next_at})
    values: dict[str, Any] = {"failures": held.failures, "failing_since": since}
    values |= {"rests_until": goes_on.rests_until, "problem": answer.problem}
    _release(connection, held.webhook_id, values)
    if goes_on.ended:
        switch_off(connection, held.webhook_id, goes_on.ended, now)
        _log.error("The webhook %d is off: %s", held.webhook_id, goes_on.ended)


def _note(connection: Connection, held: Held, values: Mapping[str, Any]) -> None:
    mine = update(webhook_messages).where(webhook_messages.c.id == held.id)
    connection.execute(mine.values(dict(values)))


def _release(connection: Connection, webhook_id: int, values: Mapping[str, Any]) -> None:
    mine = update(webhooks).where(webhooks.c.id == webhook_id)
    connection.execute(mine.values(leased_until=None, **values))


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """In how many seconds a server wants to be asked again (RFC 9110, section 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    known = text.isascii() and text.isdigit() and len(text) <= _SECONDS_AT_MOST
    return timedelta(seconds=int(text)) if known else None
