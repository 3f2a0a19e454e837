"""Tells the operators' webhook what is wrong: a POST for each notice, until it takes it.

A worker holds a notice by moving its next time while it asks, outside of any transaction: none
leaves twice at once, and that of a worker that died leaves a minute later.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, exists, func, select, update

from colporteur.db import database_now, writing
from colporteur.db.tables.alerts import alert_notices, alerts
from colporteur.vitals.alerting.asking import Answer, ask
from colporteur.vitals.alerting.following import Event
from colporteur.vitals.alerting.keeping import Notice, problem_of

LEASE = timedelta(seconds=60)
"""Longer than any asking takes."""
TRIED_FOR = timedelta(days=1)
_REST_AT_MOST_MIN = 30
_earlier = alert_notices.alias("earlier")
_log = logging.getLogger(__name__)

Body = Callable[[Notice], Mapping[str, Any]]
"""What is told of a notice: JSON."""


@dataclass(frozen=True)
class _Held:
    notice: Notice
    attempts: int
    until: datetime


def tell_webhook(
    engine: Engine, url: str, body: Body, *, until: float, stopping: Callable[[], bool]
) -> int:
    """Send what is due until ``until`` (monotonic) or a failure; how many notices it took."""
    took = 0
    while time.monotonic() < until and not stopping():
        with writing(engine) as connection:
            held = _hold(connection, database_now(connection))
        if held is None:
            return took
        said = json.dumps(body(held.notice), ensure_ascii=False).encode()
        answer = ask(url, said)
        with writing(engine) as connection:
            _note(connection, held, answer, database_now(connection))
        if not answer.taken:
            _log.warning("The webhook of alerts did not take %s: %s", held.notice.id, answer.said)
            return took
        took += 1
    return took


def untold_since(connection: Connection) -> datetime | None:
    """Since when the oldest notice waits that the webhook has not taken, or nobody has sent."""
    oldest = select(func.min(alert_notices.c.at, type_=alert_notices.c.at.type))
    since: datetime | None = connection.scalar(oldest.where(alert_notices.c.next_at.is_not(None)))
    return since


def last_answer(connection: Connection) -> tuple[datetime, str] | None:
    """When the webhook was last told something, and what it answered; None before."""
    tried = select(alert_notices.c.at, alert_notices.c.answer).where(alert_notices.c.attempts > 0)
    found = connection.execute(tried.order_by(alert_notices.c.id.desc()).limit(1)).first()
    return (found.at, found.answer) if found else None


def _hold(connection: Connection, now: datetime) -> _Held | None:
    """The first notice that is due; those of one problem leave in their order."""
    waits_for = exists().where(
        _earlier.c.alert_id == alert_notices.c.alert_id,
        _earlier.c.id < alert_notices.c.id,
        _earlier.c.next_at.is_not(None),
    )
    first = (
        select(alert_notices.c.id)
        .where(alert_notices.c.next_at <= now, ~waits_for)
        .order_by(alert_notices.c.id)
        .limit(1)
    )
    until = now + LEASE
    row = connection.execute(
        update(alert_notices)
        .where(alert_notices.c.id == first.scalar_subquery(), alert_notices.c.next_at <= now)
        .values(next_at=until, attempts=alert_notices.c.attempts + 1)
        .returning(alert_notices)
    ).first()
    if row is None:
        return None
    of = connection.execute(select(alerts).where(alerts.c.id == row.alert_id)).one()
    event = Event(row.event)
    return _Held(
        Notice(row.id, event, problem_of(of.problem), of.began_at, row.at), row.attempts, until
    )


def _note(connection: Connection, held: _Held, answer: Answer, now: datetime) -> None:
    mine = update(alert_notices).where(
        alert_notices.c.id == held.notice.id, alert_notices.c.next_at == held.until
    )
    if answer.taken:
        done = {"next_at": None, "delivered_at": now, "answer": answer.said}
        connection.execute(mine.values(done))
        return
    rest = timedelta(minutes=min(2 ** (held.attempts - 1), _REST_AT_MOST_MIN))
    again = now + rest if now - held.notice.at < TRIED_FOR else None
    connection.execute(mine.values(next_at=again, answer=answer.said))
