"""Which batches workers are rung for: fairly, and no more than they will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, or_, select, update

from colporteur.db.tables.delivery import batches
from colporteur.delivery.ledger.conditions import NOW, may_go

RING_AGAIN_AFTER = timedelta(seconds=10)
RUNG_AT_ONCE = 300
"""Hints on their way at one time: what 300 batches hold lasts the fastest until the next tick."""
URGENT = 1  # letters (0) and specials (1) go before regular batches
NOWHERE: Mapping[str, int] = MappingProxyType({})
_SOONEST = (batches.c.priority, batches.c.due_at, batches.c.id)


@dataclass(frozen=True)
class Rung:
    """A batch to ring for."""

    batch_id: int
    special: bool


def ring_due(
    connection: Connection, now: datetime, connections: Mapping[str, int] = NOWHERE
) -> list[Rung]:
    """The batches that are due, free and not rung for lately; noted as rung for now.

    The most urgent first, and in turn between editions and the domain groups of each; none while
    all sending is suspended, and no more than workers can come to before the hints expire.
    Domain groups with so many ``connections`` are rung for no oftener than these are free.
    """
    lately = _coming(connection, now)
    room = max(RUNG_AT_ONCE - sum(lately.values()), 0)
    at_work = _at_work(connection, now)
    places = {
        group: max(most - lately.get(group, 0) - at_work.get(group, 0), 0)
        for group, most in connections.items()
    }
    found = _in_turn(connection, may_go(now), _not_lately(now), at_most=room, places=places)
    if found:
        rung = batches.c.id.in_([one.batch_id for one in found])
        connection.execute(update(batches).where(rung).values(enqueued_at=now))
    return found


_RING_AGAIN = (
    update(batches)
    .where(batches.c.id == bindparam("batch"), may_go())
    .values(enqueued_at=NOW)
    .returning(batches.c.priority)
)
_URGENT = (
    select(batches.c.id).where(batches.c.priority <= URGENT, may_go()).order_by(*_SOONEST).limit(1)
)
_GOES = select(batches.c.id).where(batches.c.id == bindparam("batch"), may_go())


def ring_again(connection: Connection, batch_id: int, now: datetime) -> Rung | None:
    """A batch of which something is left to send, noted as rung for now."""
    priority = connection.scalar(_RING_AGAIN, {"batch": batch_id, "now": now})
    return None if priority is None else Rung(batch_id, priority == URGENT)


def urgent_waiting(connection: Connection, now: datetime) -> int | None:
    """The letter or special that goes before all regular batches; None if none waits."""
    return connection.scalar(_URGENT, {"now": now})


def goes(connection: Connection, batch_id: int, now: datetime) -> bool:
    """Whether a batch is due, free, and not held back."""
    return connection.scalar(_GOES, {"batch": batch_id, "now": now}) is not None


def _coming(connection: Connection, now: datetime) -> dict[str, int]:
    """By domain group, how many batches workers were rung for and have not come to."""
    lately = batches.c.enqueued_at >= now - RING_AGAIN_AFTER
    return _by_group(connection, may_go(now), lately)


def _at_work(connection: Connection, now: datetime) -> dict[str, int]:
    """By domain group, how many batches are held."""
    return _by_group(connection, batches.c.status == "leased", batches.c.lease_until >= now)


def _by_group(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, int]:
    counted = select(batches.c.domain_group, func.count()).where(*conditions)
    found = connection.execute(counted.group_by(batches.c.domain_group))
    return {row[0]: row[1] for row in found}


def _in_turn(
    connection: Connection,
    *conditions: ColumnElement[bool],
    at_most: int,
    places: Mapping[str, int] = NOWHERE,
) -> list[Rung]:
    alike = (batches.c.priority, batches.c.edition_id, batches.c.domain_group)
    turn = func.row_number().over(partition_by=alike, order_by=_SOONEST).label("turn")
    place = func.row_number().over(partition_by=batches.c.domain_group, order_by=_SOONEST)
    waiting = (
        select(batches.c.id, batches.c.priority, batches.c.due_at, turn, place.label("place"))
        .add_columns(batches.c.domain_group)
        .where(*conditions)
        .subquery()
    )
    query = select(waiting.c.id, waiting.c.priority)
    if places:
        room = case(dict(places), value=waiting.c.domain_group, else_=at_most)
        query = query.where(waiting.c.place <= room)
    order = (waiting.c.priority, waiting.c.turn, waiting.c.due_at, waiting.c.id)
    found = connection.execute(query.order_by(*order).limit(at_most))
    return [Rung(row.id, row.priority == URGENT) for row in found]


def _not_lately(now: datetime) -> ColumnElement[bool]:
    lately = now - RING_AGAIN_AFTER
    return or_(batches.c.enqueued_at.is_(None), batches.c.enqueued_at < lately)
