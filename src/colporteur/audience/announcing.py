"""Has programs elsewhere told of readers, by their ids, in the transaction of what happens.

Lists that are imported tell of nobody: who imports one knows who is on it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from colporteur.audience.states import Event, State
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.publication import channels
from colporteur.webhooks.kinds import Kind
from colporteur.webhooks.telling import tell

_OF_READERS: Mapping[Event, Kind] = {
    Event.BOUNCED: Kind.SUBSCRIBER_BOUNCED,
    Event.COMPLAINED: Kind.SUBSCRIBER_LEFT,
    Event.SUPPRESSED: Kind.SUBSCRIBER_LEFT,
    Event.LIFTED: Kind.SUBSCRIBER_CONFIRMED,
}
_HAVING = (State.ACTIVE, State.PAUSED)


def announce(
    connection: Connection,
    kind: Kind,
    subscriber_id: int,
    subscription_ids: Collection[int],
    why: str,
    now: datetime,
) -> None:
    """Have told what became of some of a reader's subscriptions; nothing, of none."""
    if subscription_ids:
        which = subscriptions.c.id.in_(subscription_ids)
        tell(connection, kind, lambda: _said(connection, subscriber_id, which, why), now)


def announce_reader(
    connection: Connection,
    subscriber_id: int,
    event: Event,
    before: State,
    after: State,
    now: datetime,
) -> None:
    """Have told what happened to a reader as a whole, if their mail ends or comes again by it."""
    kind = _OF_READERS.get(event)
    if kind is None or before is after or State.ACTIVE not in {before, after}:
        return
    which = (subscriptions.c.subscriber_id == subscriber_id) & subscriptions.c.state.in_(_HAVING)
    tell(connection, kind, lambda: _said(connection, subscriber_id, which, event), now)


def _said(connection: Connection, subscriber_id: int, which: Any, why: str) -> dict[str, Any]:
    slugs = (
        select(channels.c.slug)
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(which)
    )
    return {
        "subscriber": subscriber_id,
        "channels": sorted(connection.scalars(slugs)),
        "why": str(why),
    }
