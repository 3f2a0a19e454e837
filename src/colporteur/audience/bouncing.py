"""What came back about readers: kept once each, and what it does to them.

A hard bounce ends it at once, soft ones by ``patience``, a complaint at once; the address goes to
the do-not-mail list. Whoever calls has verified whose it is. In the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.addresses import hash_of, mask_in
from colporteur.audience.heard import Effect, Heard, Kind
from colporteur.audience.moving import move
from colporteur.audience.patience import DELIVERIES, QUIET, given_up
from colporteur.audience.states import Event, State
from colporteur.audience.suppressing import Reason, suppress
from colporteur.db.tables.audience import subscriber_events, subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.feedback import feedback

__all__ = ["Effect", "Heard", "Kind", "note_effect", "note_feedback"]

_TEXT_AT_MOST = 1000
_BEGINS_ANEW = (Event.CONFIRMED, Event.LIFTED, "address_changed")
"""What came of mail that left before one of these says nothing about the address any more."""
_ENDED = (State.BOUNCED, State.COMPLAINED, State.SUPPRESSED, State.ERASED)


def note_feedback(connection: Connection, heard: Heard, now: datetime) -> Effect | None:
    """Keep what came back, and have it act on the reader; None if it was heard before.

    Addresses in its text are masked. Of a reader who is gone, or of mail that left before they
    confirmed their address anew, it is kept and does nothing; of one who was erased, only that it came.
    """
    reader = connection.execute(
        select(subscribers.c.state, subscribers.c.address_key, subscribers.c.domain)
        .where(subscribers.c.id == heard.subscriber_id)
        .with_for_update(key_share=True)
    ).first()
    if not _keep(connection, heard, reader, now):
        return None
    effect = _act(connection, heard, reader, now) if reader is not None else Effect.NOTHING
    if effect is not Effect.NOTHING:
        note_effect(connection, heard, effect)
    return effect


def note_effect(connection: Connection, heard: Heard, effect: Effect) -> None:
    """Complete what was kept with what its hearer did to the reader."""
    same = (feedback.c.source == heard.source, feedback.c.event_id == heard.event_id)
    connection.execute(update(feedback).where(*same).values(effect=effect))


def _keep(
    connection: Connection, heard: Heard, reader: Row[Any, Any, Any] | None, now: datetime
) -> bool:
    values = asdict(heard)
    if reader is None or reader.state == State.ERASED:  # forgotten is forgotten
        values |= {"text": "", "raw": None, "domain": None}
    else:
        values["text"] = mask_in(heard.text.replace("\0", ""))[:_TEXT_AT_MOST]
        values["domain"] = heard.domain or reader.domain
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    kept = dialect.insert(feedback).values(at=now, **values).on_conflict_do_nothing()
    return connection.scalar(kept.returning(feedback.c.id)) is not None


def _act(connection: Connection, heard: Heard, reader: Row[Any, Any, Any], now: datetime) -> Effect:
    state = State(reader.state)
    if heard.kind is Kind.COMPLAINT and state not in _ENDED[1:]:
        return _end(connection, heard, reader.address_key, Event.COMPLAINED, now)
    if heard.kind is Kind.BOUNCE and state not in _ENDED and _gives_up(connection, heard, now):
        return _end(connection, heard, reader.address_key, Event.BOUNCED, now)
    return Effect.NOTHING


def _end(
    connection: Connection, heard: Heard, address_key: str | None, event: Event, now: datetime
) -> Effect:
    told = {"source": heard.source, "delivery_id": heard.delivery_id, "verdict": heard.verdict}
    move(connection, heard.subscriber_id, event, by="feedback", now=now, more=told)
    if address_key is not None:
        suppress(connection, hash_of(address_key), Reason(event.value), now)
    return Effect(event.value)


def _gives_up(connection: Connection, heard: Heard, now: datetime) -> bool:
    """Whether a bounce ends it."""
    if heard.verdict not in {"hard", "soft"}:
        return False
    since = _believed_since(connection, heard.subscriber_id)
    left = select(deliveries.c.ended_at).where(deliveries.c.id == heard.delivery_id)
    left_at = connection.scalar(left)
    if since is not None and left_at is not None and left_at < since:
        return False
    if heard.verdict == "hard":
        return True
    softly = _came_back_softly(connection, heard.subscriber_id, since)
    if len(softly) < DELIVERIES:
        return False
    return given_up(softly, _delivered(connection, heard.subscriber_id, min(softly.values()), now))


def _believed_since(connection: Connection, subscriber_id: int) -> datetime | None:
    """When a reader last showed that they get our mail, or gave another address."""
    told = subscriber_events.c
    query = select(func.max(told.at, type_=told.at.type))
    wanted = (told.subscriber_id == subscriber_id, told.kind.in_(_BEGINS_ANEW))
    found: datetime | None = connection.scalar(query.where(*wanted))
    return found


def _came_back_softly(
    connection: Connection, subscriber_id: int, since: datetime | None
) -> Mapping[int, datetime]:
    """When each delivery left that came back softly, of those that are not forgotten.

    Those that are would say nothing: what was delivered between them is forgotten too.
    """
    query = (
        select(deliveries.c.id, deliveries.c.ended_at)
        .join(feedback, feedback.c.delivery_id == deliveries.c.id)
        .where(feedback.c.subscriber_id == subscriber_id, feedback.c.verdict == "soft")
        .where(deliveries.c.ended_at.is_not(None))
    )
    rows = connection.execute(query).all()
    return {row.id: row.ended_at for row in rows if since is None or row.ended_at >= since}


def _delivered(
    connection: Connection, subscriber_id: int, after: datetime, now: datetime
) -> list[datetime]:
    """When each of a reader's deliveries left that nothing came back about for a while."""
    chosen = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    came_back = exists().where(
        feedback.c.subscriber_id == subscriber_id,
        feedback.c.delivery_id == deliveries.c.id,
        feedback.c.kind == Kind.BOUNCE,
    )
    query = select(deliveries.c.ended_at).where(
        deliveries.c.subscription_id.in_(chosen),
        deliveries.c.status == "sent",
        deliveries.c.ended_at > after,
        deliveries.c.ended_at <= now - QUIET,
        ~came_back,
    )
    return list(connection.scalars(query))
