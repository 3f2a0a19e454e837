"""The ledger: who is owed what, who is on it, and what came of it. The database is the queue.

A worker leases a batch, marks each delivery in flight just before its bytes go out and writes
the outcome after the reply. A lease that ran out is anybody's; deliveries left in flight by a
dead worker are sent again under the same Message-ID and counted as possible duplicates.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.outcomes import Outcome, SkipReason, Status
from colporteur.delivery.transports import Reply
from colporteur.editions.states import State

RING_AGAIN_AFTER = timedelta(seconds=10)
_WAITING = (Status.PENDING, Status.DEFERRED)


@dataclass(frozen=True)
class Lease:
    """A batch held by one worker until ``until`` by the database's clock."""

    batch_id: int
    token: str
    until: datetime


def ring_due(connection: Connection, now: datetime) -> list[int]:
    """The batches that are due, free and not rung for lately; noted as rung for now."""
    due = (
        select(batches.c.id)
        .outerjoin(editions, editions.c.id == batches.c.edition_id)
        .where(
            _free(now),
            batches.c.due_at <= now,
            or_(batches.c.enqueued_at.is_(None), batches.c.enqueued_at < now - RING_AGAIN_AFTER),
            or_(batches.c.edition_id.is_(None), editions.c.state.in_([State.SENDING, State.SENT])),
        )
        .order_by(batches.c.priority, batches.c.due_at, batches.c.id)
    )
    found = list(connection.scalars(due))
    if found:
        connection.execute(update(batches).where(batches.c.id.in_(found)).values(enqueued_at=now))
    return found


def lease(connection: Connection, batch_id: int, now: datetime, seconds: int) -> Lease | None:
    """Take a due batch; None if another has it or nothing in it is due."""
    taken = Lease(batch_id, secrets.token_hex(8), now + timedelta(seconds=seconds))
    won = connection.execute(
        update(batches)
        .where(batches.c.id == batch_id, _free(now), batches.c.due_at <= now)
        .values(
            status="leased",
            lease_token=taken.token,
            lease_until=taken.until,
            attempts=batches.c.attempts + 1,
        )
    )
    if won.rowcount == 0:
        return None
    connection.execute(
        update(deliveries)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status == Status.INFLIGHT)
        .values(status=Status.PENDING, possible_duplicates=deliveries.c.possible_duplicates + 1)
    )
    return taken


def extend(connection: Connection, held: Lease, now: datetime, seconds: int) -> Lease | None:
    """Hold a batch longer; None if it was lost meanwhile."""
    longer = Lease(held.batch_id, held.token, now + timedelta(seconds=seconds))
    kept = connection.execute(update(batches).where(*_ours(held)).values(lease_until=longer.until))
    return longer if kept.rowcount else None


def due_deliveries(connection: Connection, batch_id: int, now: datetime) -> Sequence[Any]:
    """The rows of a batch to send now, in order."""
    when = func.coalesce(
        deliveries.c.next_attempt_at, deliveries.c.due_at, type_=deliveries.c.due_at.type
    )
    return connection.execute(
        select(deliveries)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status.in_(_WAITING), when <= now)
        .order_by(deliveries.c.id)
    ).all()


def mark_inflight(connection: Connection, held: Lease, delivery_id: int, now: datetime) -> bool:
    """Note the intent to send; False if the lease is not ours any more."""
    ours = select(batches.c.id).where(*_ours(held)).exists()
    marked = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.status.in_(_WAITING), ours)
        .values(
            status=Status.INFLIGHT,
            inflight_at=now,
            lease_token=held.token,
            attempts=deliveries.c.attempts + 1,
        )
    )
    return marked.rowcount == 1


def record(
    connection: Connection,
    held: Lease,
    delivery_id: int,
    outcome: Outcome,
    reply: Reply,
    now: datetime,
) -> None:
    """Write what came of a delivery that this lease marked in flight.

    A message that was taken is sent even if the lease was lost meanwhile, unless its new owner
    has begun to send it again.
    """
    ours = deliveries.c.lease_token == held.token
    if outcome.status is Status.SENT:
        ours = or_(ours, deliveries.c.status.in_(_WAITING))
    ended = None if outcome.status is Status.DEFERRED else now
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, ours)
        .values(
            status=outcome.status,
            next_attempt_at=outcome.next_attempt_at,
            ended_at=ended,
            smtp_code=reply.code,
            enhanced_code=reply.enhanced,
            reply=reply.text,
        )
    )


def skip(connection: Connection, delivery_id: int, reason: SkipReason, now: datetime) -> None:
    """Close a delivery that must not be sent any more."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.status.in_(_WAITING))
        .values(status=Status.SKIPPED, reason=reason, ended_at=now)
    )


def put_back(connection: Connection, held: Lease, delivery_id: int, *, perhaps_taken: bool) -> None:
    """Nobody answered: the delivery is owed still; ``perhaps_taken`` is counted."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.lease_token == held.token)
        .values(
            status=Status.PENDING,
            attempts=deliveries.c.attempts - 1,
            possible_duplicates=deliveries.c.possible_duplicates + int(perhaps_taken),
        )
    )


def put_off(connection: Connection, held: Lease, delivery_id: int, until: datetime) -> None:
    """Something unforeseen happened to one delivery: it is tried again later."""
    ours = select(batches.c.id).where(*_ours(held)).exists()
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, ours)
        .where(deliveries.c.status.in_([*_WAITING, Status.INFLIGHT]))
        .values(
            status=Status.DEFERRED,
            next_attempt_at=until,
            possible_duplicates=deliveries.c.possible_duplicates
            + case((deliveries.c.status == Status.INFLIGHT, 1), else_=0),
        )
    )


def give_back(connection: Connection, held: Lease, not_before: datetime | None) -> None:
    """End a lease: the batch is done, or due when the earliest of its rows is.

    ``not_before`` gives a relay that does not serve some rest.
    """
    when = func.coalesce(
        deliveries.c.next_attempt_at, deliveries.c.due_at, type_=deliveries.c.due_at.type
    )
    earliest = connection.scalar(
        select(func.min(when, type_=deliveries.c.due_at.type)).where(
            deliveries.c.batch_id == held.batch_id,
            deliveries.c.status.in_([*_WAITING, Status.INFLIGHT]),
        )
    )
    values: dict[str, Any] = {"lease_token": None, "lease_until": None, "enqueued_at": None}
    if earliest is None:
        values["status"] = "done"
    else:
        values |= {"status": "pending", "due_at": max(earliest, not_before or earliest)}
    connection.execute(update(batches).where(*_ours(held)).values(values))


def release_all(connection: Connection) -> int:
    """Free every lease: for the only engine of a data folder, at its start."""
    freed = connection.execute(
        update(batches)
        .where(batches.c.status == "leased")
        .values(lease_until=None, enqueued_at=None)
    )
    connection.execute(
        update(batches).where(batches.c.status == "pending").values(enqueued_at=None)
    )
    return freed.rowcount


def _free(now: datetime) -> ColumnElement[bool]:
    expired = and_(
        batches.c.status == "leased",
        or_(batches.c.lease_until.is_(None), batches.c.lease_until < now),
    )
    return or_(batches.c.status == "pending", expired)


def _ours(held: Lease) -> tuple[ColumnElement[bool], ...]:
    return (batches.c.id == held.batch_id, batches.c.lease_token == held.token)
