"""The ledger: who is owed what, who is on it, and what came of it. The database is the queue.

A worker leases a batch, marks each delivery in flight just before its bytes go out and writes
the outcome after the reply. A lease that ran out is anybody's; deliveries left in flight by a
dead worker are sent again under the same Message-ID and counted as possible duplicates.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from colporteur.articles.publishing import touch_channels
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.leaving import LETTING_GO, Standing
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.delivery.transports import Reply
from colporteur.editions.brakes import live_now, suspended_now
from colporteur.editions.skips import SkipReason

RING_AGAIN_AFTER = timedelta(seconds=10)
RUNG_AT_ONCE = 1000  # a tick is short: the rest is rung for by the next
URGENT = 1  # letters (0) and specials (1) go before regular batches
_WAITING = (Status.PENDING, Status.DEFERRED)


@dataclass(frozen=True)
class Lease:
    """A batch held by one worker until ``until`` by the database's clock."""

    batch_id: int
    token: str
    until: datetime
    priority: int

    @property
    def yields(self) -> bool:
        """Whether urgent batches go before it."""
        return self.priority > URGENT


@dataclass(frozen=True)
class Rung:
    """A batch to ring for."""

    batch_id: int
    special: bool


def ring_due(connection: Connection, now: datetime) -> list[Rung]:
    """The batches that are due, free and not rung for lately; noted as rung for now.

    The most urgent first; none while all sending is suspended.
    """
    lately = now - RING_AGAIN_AFTER
    due = (
        select(batches.c.id, batches.c.priority)
        .where(_goes(now), or_(batches.c.enqueued_at.is_(None), batches.c.enqueued_at < lately))
        .order_by(batches.c.priority, batches.c.due_at, batches.c.id)
        .limit(RUNG_AT_ONCE)
    )
    found = [Rung(row.id, row.priority == URGENT) for row in connection.execute(due)]
    if found:
        rung = batches.c.id.in_([one.batch_id for one in found])
        connection.execute(update(batches).where(rung).values(enqueued_at=now))
    return found


def urgent_waiting(connection: Connection, now: datetime) -> int | None:
    """The letter or special that goes before all regular batches; None if none waits."""
    waiting = select(batches.c.id).where(batches.c.priority <= URGENT, _goes(now))
    order = (batches.c.priority, batches.c.due_at, batches.c.id)
    return connection.scalar(waiting.order_by(*order).limit(1))


def goes(connection: Connection, batch_id: int, now: datetime) -> bool:
    """Whether a batch is due, free, and not held back."""
    query = select(batches.c.id).where(batches.c.id == batch_id, _goes(now))
    return connection.scalar(query) is not None


def ring_again(connection: Connection, batch_id: int, now: datetime) -> Rung | None:
    """A batch of which something is left to send, noted as rung for now."""
    rung = update(batches).where(batches.c.id == batch_id, _goes(now)).values(enqueued_at=now)
    priority = connection.scalar(rung.returning(batches.c.priority))
    return None if priority is None else Rung(batch_id, priority == URGENT)


def lease(connection: Connection, batch_id: int, now: datetime, seconds: int) -> Lease | None:
    """Take a due batch; None if another has it, nothing in it is due, or an urgent one waits."""
    token, until = secrets.token_hex(8), now + timedelta(seconds=seconds)
    ahead = urgent_waiting(connection, now)
    regular = [] if ahead is None else [batches.c.priority <= URGENT]
    priority = connection.scalar(
        update(batches)
        .where(batches.c.id == batch_id, _goes(now), *regular)
        .values(
            status="leased",
            lease_token=token,
            lease_until=until,
            attempts=batches.c.attempts + 1,
        )
        .returning(batches.c.priority)
    )
    if priority is None:
        return None
    connection.execute(
        update(deliveries)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status == Status.INFLIGHT)
        .values(status=_as_before(), possible_duplicates=deliveries.c.possible_duplicates + 1)
    )
    return Lease(batch_id, token, until, priority)


def extend(connection: Connection, held: Lease, now: datetime, seconds: int) -> Lease | None:
    """Hold a batch longer; None if it was lost meanwhile."""
    longer = replace(held, until=now + timedelta(seconds=seconds))
    kept = connection.execute(update(batches).where(*_ours(held)).values(lease_until=longer.until))
    return longer if kept.rowcount else None


def due_deliveries(connection: Connection, batch_id: int, now: datetime) -> Sequence[Any]:
    """The rows of a batch to send now, in order, with their readers' ``address_key``."""
    when = func.coalesce(
        deliveries.c.next_attempt_at, deliveries.c.due_at, type_=deliveries.c.due_at.type
    )
    return connection.execute(
        select(deliveries, subscribers.c.address_key)
        .outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.batch_id == batch_id, deliveries.c.status.in_(_WAITING), when <= now)
        .order_by(deliveries.c.id)
    ).all()


def standing(connection: Connection, delivery_id: int, address_hash: str) -> Standing:
    """What is true of a delivery now, and whether the address of that hash is suppressed."""
    row = connection.execute(
        select(
            suspended_now().label("suspended"),
            live_now().label("live"),
            exists().where(suppressions.c.address_hash == address_hash).label("suppressed"),
            editions.c.state.label("edition"),
            deliveries.c.variant_id,
            subscribers.c.address,
            subscribers.c.address_key,
            subscribers.c.state.label("reader"),
            subscriptions.c.state.label("chosen"),
        )
        .select_from(deliveries)
        .outerjoin(editions, editions.c.id == deliveries.c.edition_id)
        .outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .outerjoin(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(deliveries.c.id == delivery_id)
    ).one()
    return Standing(**row._mapping)  # noqa: SLF001 - its public name


def mark_inflight(
    connection: Connection,
    held: Lease,
    delivery_id: int,
    now: datetime,
    *,
    variant_id: int | None = None,
) -> bool:
    """Note the intent to send, of an edition as the very variant that will be sent.

    False if it may not leave after all: the lease is not ours any more, the delivery was moved
    to another variant or closed, its edition was stopped, or all sending is suspended.
    """
    ours = exists().where(*_ours(held))
    same = [] if variant_id is None else [deliveries.c.variant_id == variant_id]
    let_go = exists().where(
        editions.c.id == deliveries.c.edition_id, editions.c.state.in_(LETTING_GO)
    )
    marked = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.status.in_(_WAITING), ours, *same)
        .where(or_(deliveries.c.edition_id.is_(None), let_go), ~suspended_now())
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


def note_left(connection: Connection, edition_id: int, now: datetime) -> None:
    """Note that a message of an edition was taken: from the first on it can be read on the web."""
    first = (
        update(editions)
        .where(editions.c.id == edition_id, editions.c.first_left_at.is_(None))
        .values(first_left_at=now)
        .returning(editions.c.channel_id)
    )
    channel_id = connection.scalar(first)
    if channel_id is not None:
        touch_channels(connection, [channel_id])  # its feed of editions


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
            status=_as_before(),
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

    ``not_before`` gives a relay that does not serve some rest. The batch is locked before its
    rows are read: a withdrawn special may be giving some of them back.
    """
    connection.execute(select(batches.c.id).where(*_ours(held)).with_for_update())
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


def free(now: datetime) -> ColumnElement[bool]:
    """A condition on batches: nobody holds it."""
    expired = and_(
        batches.c.status == "leased",
        or_(batches.c.lease_until.is_(None), batches.c.lease_until < now),
    )
    # Written out, so that the index of unfinished ones is seen to serve.
    return and_(text("batches.status <> 'done'"), or_(batches.c.status == "pending", expired))


def _goes(now: datetime) -> ColumnElement[bool]:
    """Due, free, and nothing holds it back."""
    let_go = exists().where(editions.c.id == batches.c.edition_id, editions.c.state.in_(LETTING_GO))
    return and_(
        free(now),
        batches.c.due_at <= now,
        or_(batches.c.edition_id.is_(None), let_go),
        ~suspended_now(),
    )


def _as_before() -> ColumnElement[str]:
    """What a delivery in flight was before: one that was deferred is not pending again."""
    return case((deliveries.c.next_attempt_at.is_(None), Status.PENDING), else_=Status.DEFERRED)


def _ours(held: Lease) -> tuple[ColumnElement[bool], ...]:
    return (batches.c.id == held.batch_id, batches.c.lease_token == held.token)
