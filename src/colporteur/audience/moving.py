"""What happens to a reader as a whole, by the table of ``states``. In the caller's transaction.

Who changes a reader, or what is theirs, locks the reader first and what is theirs after that; so
no two wait for each other. The lock lets others add rows that name the reader, such as events
and letters (PostgreSQL's ``FOR NO KEY UPDATE``): only who deletes them takes more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from colporteur.audience.announcing import announce_reader
from colporteur.audience.states import Event, State, transition
from colporteur.db.tables.audience import subscriber_events, subscribers, subscriptions
from colporteur.exceptions import UnknownName


def move(
    connection: Connection,
    subscriber_id: int,
    event: Event,
    *,
    by: str,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> tuple[State, State]:
    """Have something happen to a reader, and keep it; their state before and after.

    Raises:
        UnknownName: there is no such reader.
        ReaderStateRefused: it cannot happen to them.
    """
    before = lock_reader(connection, subscriber_id)
    if before is None:
        raise UnknownName("There is no such reader.", cure="Look for their address.")
    after = transition(before, event)
    changed = update(subscribers).where(subscribers.c.id == subscriber_id)
    connection.execute(changed.values(state=after))
    detail = {"by": by, "before": before, "after": after, **(more or {})}
    happened = {"subscriber_id": subscriber_id, "at": now, "kind": event, "detail": detail}
    connection.execute(insert(subscriber_events).values(happened))
    announce_reader(connection, subscriber_id, event, before, after, now)
    return before, after


def lock_reader(connection: Connection, subscriber_id: int) -> State | None:
    """Keep others from changing a reader until commit; their state, None if there is none."""
    return _lock(connection, subscribers.c.id == subscriber_id)


def lock_reader_of(connection: Connection, subscription_id: int) -> State | None:
    """As ``lock_reader``, for who has a subscription."""
    whose = select(subscriptions.c.subscriber_id).where(subscriptions.c.id == subscription_id)
    return _lock(connection, subscribers.c.id == whose.scalar_subquery())


def _lock(connection: Connection, which: ColumnElement[bool]) -> State | None:
    found = select(subscribers.c.state).where(which).with_for_update(key_share=True)
    state = connection.scalar(found)
    return None if state is None else State(state)
