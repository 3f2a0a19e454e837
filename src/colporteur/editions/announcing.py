"""Has programs elsewhere told what happens to editions, in the transaction in which it does."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from colporteur.db.tables.editions import editions, variants
from colporteur.db.tables.publication import channels
from colporteur.editions.states import State
from colporteur.webhooks.kinds import Kind
from colporteur.webhooks.telling import tell

_FIXED = (State.FROZEN, State.HELD, State.AWAITING_APPROVAL)


def announce(
    connection: Connection, edition_id: int, after: State, why: str, now: datetime, *, froze: bool
) -> None:
    """Have told what became of an edition, if programs are told of that."""
    kind = _kind(after, froze=froze)
    if kind is not None:
        tell(connection, kind, lambda: _said(connection, edition_id, kind, why), now)


def _kind(after: State, *, froze: bool) -> Kind | None:
    """``froze``: its articles and readers were fixed by this."""
    if froze and after in _FIXED:
        return Kind.EDITION_FROZEN
    return {State.SENT: Kind.EDITION_SENT, State.PAUSED: Kind.EDITION_PAUSED}.get(after)


def _said(connection: Connection, edition_id: int, kind: Kind, why: str) -> dict[str, Any]:
    row = connection.execute(
        select(editions, channels.c.slug)
        .join(channels, channels.c.id == editions.c.channel_id)
        .where(editions.c.id == edition_id)
    ).one()
    readers = select(func.sum(variants.c.readers)).where(variants.c.edition_id == edition_id)
    said: dict[str, Any] = {
        "id": row.id,
        "public_id": row.public_id,
        "kind": row.kind,
        "channel": row.slug,
        "cadence": row.cadence,
        "slot": row.slot.isoformat() if row.slot else None,
        "leaves_at": row.send_at.isoformat() if row.send_at else None,
        "state": row.state,
        "why": why,
        "readers": int(connection.scalar(readers) or 0),
    }
    return said | ({"path": f"/editions/{row.public_id}"} if kind is Kind.EDITION_SENT else {})
