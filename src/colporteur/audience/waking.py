"""A reader whose address got no mail for a while gets some again. In the caller's transaction."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from colporteur.audience.states import State
from colporteur.audience.subscribing import unsubscribe
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import subscriptions


def owe_from_now(connection: Connection, subscriber_id: int, now: datetime) -> None:
    """Have what a reader has go on from now: what came while nothing was sent is not owed."""
    last = last_number_at(connection, now)
    theirs = update(subscriptions).where(
        subscriptions.c.subscriber_id == subscriber_id,
        subscriptions.c.state == State.ACTIVE,
        subscriptions.c.start_number < last,
    )
    connection.execute(theirs.values(start_number=last))


def end_all_but(
    connection: Connection, subscriber_id: int, channels: tuple[int, ...], *, by: str, now: datetime
) -> None:
    """End what a reader had, but for these channels (ids): they called it spam."""
    others = select(subscriptions.c.id).where(
        subscriptions.c.subscriber_id == subscriber_id,
        subscriptions.c.channel_id.not_in(channels),
        subscriptions.c.state.in_([State.ACTIVE, State.PAUSED]),
    )
    for one in connection.scalars(others.order_by(subscriptions.c.id)).all():
        unsubscribe(connection, one, by=by, now=now)
