"""What happens to a reader as a whole, by the table of ``states``. In the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from colporteur.audience.states import Event, State, transition
from colporteur.db.tables.audience import subscriber_events, subscribers
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
    found = connection.scalar(
        select(subscribers.c.state).where(subscribers.c.id == subscriber_id).with_for_update()
    )
    if found is None:
        raise UnknownName("There is no such reader.", cure="Look for their address.")
    before = State(found)
    after = transition(before, event)
    changed = update(subscribers).where(subscribers.c.id == subscriber_id)
    connection.execute(changed.values(state=after))
    detail = {"by": by, "before": before, "after": after, **(more or {})}
    happened = {"subscriber_id": subscriber_id, "at": now, "kind": event, "detail": detail}
    connection.execute(insert(subscriber_events).values(happened))
    return before, after
