"""Gives what an edition has not sent other due times: for one whose time was moved."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.editions.freezing.rows import hour_of
from colporteur.editions.freezing.tables import HOUR, NO_NUMBER, NO_ZONE, freezing_tables, hours
from colporteur.editions.hours import Hour

_CHOSEN = {
    name: func.coalesce(subscriptions.c[name], NO_ZONE if name == "timezone" else NO_NUMBER)
    for name in HOUR
}


def redate(
    connection: Connection, edition_id: int, due: Callable[[Hour], datetime], else_at: datetime
) -> None:
    """Have the untried deliveries of an edition be due when ``due`` says for their reader's hour.

    ``else_at`` is for those whose subscription is no more.
    """
    waiting = (deliveries.c.edition_id == edition_id, deliveries.c.status == "pending")
    untried = deliveries.c.next_attempt_at.is_(None)
    with freezing_tables(connection):
        chosen = (
            select(*_CHOSEN.values())
            .join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
            .where(*waiting, untried)
            .distinct()
        )
        noted = [
            {**dict(zip(HOUR, one, strict=True)), "due_at": due(hour_of(*one))}
            for one in map(tuple, connection.execute(chosen))
        ]
        if noted:
            connection.execute(insert(hours), noted)
        same_hour = (hours.c[name] == chose for name, chose in _CHOSEN.items())
        found = (
            select(hours.c.due_at)
            .select_from(hours.join(subscriptions, and_(*same_hour)))
            .where(subscriptions.c.id == deliveries.c.subscription_id)
            .correlate(deliveries)
            .scalar_subquery()
        )
        anew = func.coalesce(found, else_at, type_=deliveries.c.due_at.type)
        connection.execute(update(deliveries).where(*waiting, untried).values(due_at=anew))
    _redate_batches(connection, edition_id)


def _redate_batches(connection: Connection, edition_id: int) -> None:
    """A batch is due with the earliest of its rows; a worker takes those alone that are due."""
    unfinished = deliveries.c.status.in_(["pending", "inflight", "deferred"])
    when = func.coalesce(
        deliveries.c.next_attempt_at, deliveries.c.due_at, type_=deliveries.c.due_at.type
    )
    earliest = (
        select(func.min(when, type_=deliveries.c.due_at.type))
        .where(deliveries.c.batch_id == batches.c.id, unfinished)
        .correlate(batches)
        .scalar_subquery()
    )
    due = func.coalesce(earliest, batches.c.due_at, type_=batches.c.due_at.type)
    open_ones = (batches.c.edition_id == edition_id, batches.c.status != "done")
    connection.execute(update(batches).where(*open_ones).values(due_at=due, enqueued_at=None))
