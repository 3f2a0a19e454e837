"""Leases of batches: taken, held longer, given back with what is left and how far it is."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.leaving import LETTING_GO
from colporteur.delivery.ledger.conditions import (
    UNFINISHED,
    WAITING,
    as_before,
    may_go,
    when_due,
)
from colporteur.delivery.ledger.ringing import URGENT, urgent_waiting
from colporteur.delivery.outcomes import Status
from colporteur.editions.brakes import suspended_now
from colporteur.editions.progress import recount


@dataclass(frozen=True)
class Lease:
    """A batch held by one worker until ``until`` by the database's clock."""

    batch_id: int
    token: str
    until: datetime
    priority: int
    domain_group: str
    edition_id: int | None  # none of letters

    @property
    def yields(self) -> bool:
        """Whether urgent batches go before it."""
        return self.priority > URGENT


def lease(connection: Connection, batch_id: int, now: datetime, seconds: int) -> Lease | None:
    """Take a due batch; None if another has it, nothing in it is due, or an urgent one waits."""
    token, until = secrets.token_hex(8), now + timedelta(seconds=seconds)
    ahead = urgent_waiting(connection, now)
    regular = [] if ahead is None else [batches.c.priority <= URGENT]
    taken = connection.execute(
        update(batches)
        .where(batches.c.id == batch_id, may_go(now), *regular)
        .values(
            status="leased",
            lease_token=token,
            lease_until=until,
            attempts=batches.c.attempts + 1,
        )
        .returning(
            batches.c.priority,
            batches.c.domain_group,
            batches.c.edition_id,
            batches.c.attempts,
        )
    ).one_or_none()
    if taken is None:
        return None
    if taken.attempts > 1:
        _take_over(connection, batch_id)
    return Lease(batch_id, token, until, taken.priority, taken.domain_group, taken.edition_id)


def extend(connection: Connection, held: Lease, now: datetime, seconds: int) -> Lease | None:
    """Hold a batch longer; None if it was lost meanwhile."""
    longer = replace(held, until=now + timedelta(seconds=seconds))
    kept = connection.execute(update(batches).where(*ours(held)).values(lease_until=longer.until))
    return longer if kept.rowcount else None


def still_goes(connection: Connection, held: Lease) -> bool:
    """Whether a batch is ours still, its edition goes on, and sending is not suspended."""
    let_go = exists().where(editions.c.id == batches.c.edition_id, editions.c.state.in_(LETTING_GO))
    query = select(batches.c.id).where(
        *ours(held), or_(batches.c.edition_id.is_(None), let_go), ~suspended_now()
    )
    return connection.scalar(query) is not None


def due_deliveries(connection: Connection, batch_id: int, now: datetime) -> list[int]:
    """The deliveries of a batch to send now, in order."""
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status.in_(WAITING))
        .where(when_due() <= now)
        .order_by(deliveries.c.id)
    )
    return list(connection.scalars(query))


def give_back(connection: Connection, held: Lease, not_before: datetime | None) -> datetime | None:
    """End a lease: the batch is done, or due when the earliest of its rows is; None if it is done.

    ``not_before`` gives a relay that does not serve some rest. The batch is locked before its
    rows are read: a withdrawn special may be giving some of them back.
    """
    connection.execute(select(batches.c.id).where(*ours(held)).with_for_update())
    when = when_due()
    earliest = connection.scalar(
        select(func.min(when, type_=deliveries.c.due_at.type)).where(
            deliveries.c.batch_id == held.batch_id, deliveries.c.status.in_(UNFINISHED)
        )
    )
    values: dict[str, Any] = {"lease_token": None, "lease_until": None, "enqueued_at": None}
    if earliest is None:
        values["status"] = "done"
    else:
        values |= {"status": "pending", "due_at": max(earliest, not_before or earliest)}
    connection.execute(update(batches).where(*ours(held)).values(values))
    recount(connection, batches.c.id == held.batch_id)
    return values.get("due_at")


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


def ours(held: Lease) -> tuple[ColumnElement[bool], ...]:
    """Conditions on batches: the one that is held, as long as it is."""
    return (batches.c.id == held.batch_id, batches.c.lease_token == held.token)


def _take_over(connection: Connection, batch_id: int) -> None:
    """What a dead worker left in flight is owed again, and perhaps there already."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status == Status.INFLIGHT)
        .values(status=as_before(), possible_duplicates=deliveries.c.possible_duplicates + 1)
    )
