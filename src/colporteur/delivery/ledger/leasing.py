"""Leases of batches: taken, held longer, given back with what is left and how far it is."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.types import Instant
from colporteur.delivery.leaving import LETTING_GO
from colporteur.delivery.ledger.conditions import (
    NOW,
    UNFINISHED,
    WAITING,
    as_before,
    may_go,
    still,
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


_MINE = (batches.c.id == bindparam("batch"), batches.c.lease_token == bindparam("held"))
_LEASE = {
    among_urgent: update(batches)
    .where(batches.c.id == bindparam("batch"), may_go())
    .where(*([batches.c.priority <= URGENT] if among_urgent else []))
    .values(
        status="leased",
        lease_token=bindparam("held"),
        lease_until=bindparam("until", type_=Instant()),
        attempts=batches.c.attempts + 1,
    )
    .returning(batches.c.priority, batches.c.domain_group, batches.c.edition_id, batches.c.attempts)
    for among_urgent in (False, True)
}
_DUE = (
    select(deliveries.c.id)
    .where(deliveries.c.batch_id == bindparam("batch"), still(WAITING), when_due() <= NOW)
    .order_by(when_due(), deliveries.c.id)
)
_LOCK = select(batches.c.id).where(*_MINE).with_for_update()
_EARLIEST = select(func.min(when_due(), type_=deliveries.c.due_at.type)).where(
    deliveries.c.batch_id == bindparam("batch"), still(UNFINISHED)
)
_GIVE_BACK = (
    update(batches)
    .where(*_MINE)
    .values(
        status=bindparam("now_is"),
        due_at=func.coalesce(
            bindparam("due", type_=Instant()), batches.c.due_at, type_=batches.c.due_at.type
        ),
        lease_token=None,
        lease_until=None,
        enqueued_at=None,
    )
)


def lease(connection: Connection, batch_id: int, now: datetime, seconds: int) -> Lease | None:
    """Take a due batch; None if another has it, nothing in it is due, or an urgent one waits."""
    token, until = secrets.token_hex(8), now + timedelta(seconds=seconds)
    ahead = urgent_waiting(connection, now)
    said = {"batch": batch_id, "held": token, "until": until, "now": now}
    taken = connection.execute(_LEASE[ahead is not None], said).one_or_none()
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
    """The deliveries of a batch to send now: those first that have waited longest."""
    return list(connection.scalars(_DUE, {"batch": batch_id, "now": now}))


def give_back(connection: Connection, held: Lease, not_before: datetime | None) -> datetime | None:
    """End a lease: the batch is done, or due when the earliest of its rows is; None if it is done.

    ``not_before`` gives a relay that does not serve some rest. The batch is locked before its
    rows are read: a withdrawn special may be giving some of them back.
    """
    mine = {"batch": held.batch_id, "held": held.token}
    connection.execute(_LOCK, mine)
    earliest = connection.scalar(_EARLIEST, {"batch": held.batch_id})
    due = None if earliest is None else max(earliest, not_before or earliest)
    status = "done" if due is None else "pending"
    connection.execute(_GIVE_BACK, {**mine, "due": due, "now_is": status})
    recount(connection, held.batch_id)
    return due


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
