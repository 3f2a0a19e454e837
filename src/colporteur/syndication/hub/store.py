"""The hub's subscriptions: what is wanted, what is due, and who is on it.

One row for each document and callback. A worker holds a row by a lease while it asks the
subscriber, outside of any transaction; so no two do it at once, and a lease that ran out is
anybody's.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db import alone
from colporteur.db.tables.syndication import documents, hub_subscriptions
from colporteur.exceptions import HubRefused
from colporteur.syndication.feed import FORMATS
from colporteur.syndication.hub.requests import Mode, Request, Wanted

LEASE = timedelta(seconds=60)  # longer than any asking takes
A_TOPIC_AT_MOST = 1000
A_HOST_AT_MOST_OF_A_TOPIC = 100  # one host's callbacks do not fill a feed's places
A_HOST_AT_MOST = 1000  # of all topics
PENDING_AT_MOST = 20  # verifications of one host
AT_ONCE = 20  # rows of each kind that a tick rings for
SLOW_MS = 2000  # from then on an answer is slow
_table = hub_subscriptions
_columns = hub_subscriptions.c


@dataclass(frozen=True)
class Held:
    """A subscription that one worker holds until ``until`` by the database's clock."""

    id: int
    path: str
    callback: str
    secret: str | None
    expires_at: datetime | None
    wanted: Wanted | None
    verify_attempts: int
    due_at: datetime | None
    attempts: int
    delivered_etag: str | None
    until: datetime


def accept(connection: Connection, request: Request, now: datetime) -> int:
    """Note a request, to be verified from now on; the subscription's id.

    What is active stays as it is until then; a request not verified yet is replaced.

    Raises:
        HubRefused: there is no such feed, or too much is asked.
    """
    key = hashlib.sha256(f"{request.path}\n{request.callback}".encode()).hexdigest()
    host = _host(request.callback)
    if connection.scalar(select(_columns.id).where(_columns.key == key, _live(now))) is None:
        _require_topic(connection, request.path)
        _require_room(connection, request.path, host, now)
    _require_calm(connection, host, key)
    asked = _pending(request.wanted, now)
    new = {"key": key, "path": request.path, "callback": request.callback, "created_at": now}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_table).values(**new, **asked, host=host, attempts=0, problem="")
    noted = statement.on_conflict_do_update(index_elements=[_columns.key], set_=asked)
    return int(connection.execute(noted.returning(_columns.id)).scalar_one())


def deny(connection: Connection, now: datetime) -> None:
    """Have those told whose feed has ended (section 5.2)."""
    here = documents.c.path == _columns.path, documents.c.address != ""
    there = select(documents.c.path).where(*here).exists()
    gone = connection.execute(select(_columns.id, _columns.wanted).where(~there)).all()
    told = [row.id for row in gone if not row.wanted or row.wanted["mode"] != Mode.DENIED]
    if told:
        values = _pending(Wanted(Mode.DENIED), now)
        connection.execute(update(_table).where(_columns.id.in_(told)).values(values))


def to_verify(connection: Connection, now: datetime) -> list[int]:
    """Those to be asked now, the first tries first."""
    due = select(_columns.id).where(_columns.verify_at <= now, _free(now))
    order = _columns.verify_attempts, _columns.verify_at
    return list(connection.scalars(due.order_by(*order).limit(AT_ONCE)))


def to_deliver(connection: Connection, now: datetime) -> list[int]:
    """Those to be sent something now; who failed or was slow before waits for who was not."""
    due = select(_columns.id).where(_columns.due_at <= now, _free(now), _in_turn(now))
    order = _slow(_columns, now), _columns.attempts, _columns.due_at
    return list(connection.scalars(due.order_by(*order).limit(AT_ONCE)))


def hold_to_deliver(connection: Connection, subscription_id: int, now: datetime) -> Held | None:
    """As ``hold`` for a delivery; of those whose host is slow, one in all processes at a time."""
    slow = connection.scalar(select(_slow(_columns, now)).where(_columns.id == subscription_id))
    if slow and not alone(connection, "hub.slow"):
        return None
    return hold(connection, subscription_id, _columns.due_at, now, _in_turn(now))


def hold(
    connection: Connection,
    subscription_id: int,
    when: "Column[datetime | None]",
    now: datetime,
    *besides: ColumnElement[bool],
) -> Held | None:
    """Take a subscription whose ``when`` has come; None if it has not, or another has it."""
    until = now + LEASE
    taken = connection.execute(
        update(_table)
        .where(_columns.id == subscription_id, when <= now, _free(now), *besides)
        .values(leased_until=until)
        .returning(_table)
    ).first()
    return _held(taken) if taken else None


def reread(connection: Connection, held: Held) -> Held | None:
    """The row as it is now, locked until commit; None if the lease was lost."""
    query = select(_table).where(_columns.id == held.id, _columns.leased_until == held.until)
    row = connection.execute(query.with_for_update()).first()
    return _held(row) if row else None


def release(connection: Connection, held: Held, **values: Any) -> None:
    """Give a subscription back, changed; what is neither active nor asked for is removed."""
    mine = _columns.id == held.id
    connection.execute(update(_table).where(mine).values(leased_until=None, **values))
    nothing = _columns.expires_at.is_(None), _columns.verify_at.is_(None)
    connection.execute(delete(_table).where(mine, *nothing))


def counts(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """Each feed's active subscribers, and how many of them could not be reached last time."""
    failing = func.count().filter(_columns.attempts > 0)
    query = (
        select(_columns.path, func.count().label("subscribers"), failing.label("failing"))
        .where(_columns.expires_at > now)
        .group_by(_columns.path)
        .order_by(_columns.path)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


ENDED: Mapping[str, Any] = {"expires_at": None, "due_at": None, "attempts": 0}
ANSWERED: Mapping[str, Any] = {"wanted": null(), "verify_at": None, "verify_attempts": 0}


def _host(callback: str) -> str:
    return (urlsplit(callback).hostname or "").rstrip(".")


def _live(now: datetime) -> ColumnElement[bool]:
    return or_(_columns.expires_at > now, _columns.verify_at.is_not(None))


def _slow(columns: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a subscriber at the same host took long the last time."""
    other = _table.alias().c
    return columns.host.in_(  # type: ignore[no-any-return] # of the table or an alias
        select(other.host).where(other.took_ms >= SLOW_MS, other.expires_at > now)
    )


def _in_turn(now: datetime) -> ColumnElement[bool]:
    """Whether a delivery may begin: to a slow one while none waits for another slow one."""
    other = _table.alias().c
    waiting = select(other.id).where(other.leased_until >= now, _slow(other, now)).exists()
    return or_(~_slow(_columns, now), ~waiting)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(_columns.leased_until.is_(None), _columns.leased_until < now)


def _pending(wanted: Wanted, now: datetime) -> dict[str, Any]:
    return {"wanted": asdict(wanted), "verify_at": now, "verify_attempts": 0}


def _require_topic(connection: Connection, path: str) -> None:
    query = select(documents.c.content_type).where(
        documents.c.path == path, documents.c.address == path
    )
    kind = str(connection.scalar(query) or "").partition(";")[0]
    if kind not in FORMATS.values():
        raise HubRefused("hub.topic is no feed of this site. See /feeds.opml for those there are.")


def _require_room(connection: Connection, path: str, host: str, now: datetime) -> None:
    here, there = _columns.path == path, _columns.host == host
    query = select(
        func.count().filter(here), func.count().filter(here, there), func.count().filter(there)
    )
    of_topic, of_both, of_host = connection.execute(query.where(or_(here, there), _live(now))).one()
    if of_topic >= A_TOPIC_AT_MOST:
        raise HubRefused("This feed has as many subscribers as it can.", retry_after=3600)
    if of_both >= A_HOST_AT_MOST_OF_A_TOPIC or of_host >= A_HOST_AT_MOST:
        raise HubRefused(
            "This callback's host has as many subscriptions as it can.", retry_after=3600
        )


def _require_calm(connection: Connection, host: str, key: str) -> None:
    """Nobody makes us knock at another's door again and again."""
    waits = _columns.verify_at.is_not(None), _columns.host == host, _columns.key != key
    if (connection.scalar(select(func.count()).where(*waits)) or 0) >= PENDING_AT_MOST:
        raise HubRefused("Too many requests wait for this callback's host.", retry_after=60)


def _held(row: Row[Any]) -> Held:
    wanted = Wanted(**{**row.wanted, "mode": Mode(row.wanted["mode"])}) if row.wanted else None
    return Held(
        id=row.id,
        path=row.path,
        callback=row.callback,
        secret=row.secret,
        expires_at=row.expires_at,
        wanted=wanted,
        verify_attempts=row.verify_attempts,
        due_at=row.due_at,
        attempts=row.attempts,
        delivered_etag=row.delivered_etag,
        until=row.leased_until,
    )
