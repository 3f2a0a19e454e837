"""Who asked and never pressed the button is forgotten, with all that was kept of them.

What a reader had before stays as it was, and so does the do-not-mail list. All in the caller's transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, text, update

from colporteur.audience.history import record
from colporteur.audience.states import Event, State, transition
from colporteur.db.tables.audience import (
    OPEN,
    consents,
    subscriber_events,
    subscribers,
    subscriptions,
)
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.feedback import feedback

BY = "calendar"
STILL_OPEN = text(OPEN.replace("confirmed_at", "consents.confirmed_at"))
"""Written out, so that the index of these is seen to serve."""
_AT_ONCE = 500


def unanswered_since(connection: Connection, before: datetime, limit: int = _AT_ONCE) -> list[int]:
    """Readers (ids) with a record from before then that nobody confirmed, some of them.

    A record of an imported reader counts from when they were asked.
    """
    found = select(consents.c.subscriber_id).where(_stale(before)).order_by(consents.c.at)
    return list(dict.fromkeys(connection.scalars(found.limit(limit))))


@dataclass(frozen=True)
class Unasked:
    """Somebody who signed up, and whose letter waits for room."""

    consent_id: int
    address: str
    domain: str
    at: datetime
    form_url: str


def unasked(
    connection: Connection, limit: int | None = None, *, but: Collection[str] = ()
) -> list[Unasked]:
    """Who signed up and waits for their letter, the oldest first; ``but`` to these domains."""
    found = (
        select(
            consents.c.id,
            subscribers.c.address,
            subscribers.c.domain,
            consents.c.at,
            consents.c.form_url,
        )
        .join(subscribers, subscribers.c.id == consents.c.subscriber_id)
        .where(
            STILL_OPEN,
            consents.c.asked_at.is_(None),
            subscribers.c.address.is_not(None),
            subscribers.c.domain.not_in(but),
        )
    )
    rows = connection.execute(found.order_by(consents.c.at, consents.c.id).limit(limit))
    return [Unasked(*row) for row in rows]


def forget_unconfirmed(connection: Connection, subscriber_id: int, before: datetime) -> bool:
    """Forget what a reader asked for before then and never confirmed; whether nothing is left."""
    if not _locked(connection, subscriber_id):
        return True
    mine = consents.c.subscriber_id == subscriber_id
    connection.execute(delete(consents).where(mine, _stale(before)))
    return _forget_rest(connection, subscriber_id, before)


def forget_record(connection: Connection, consent_id: int, now: datetime) -> bool:
    """Forget one record that nobody confirmed; whether nothing is left of who asked."""
    whose = connection.scalar(select(consents.c.subscriber_id).where(consents.c.id == consent_id))
    if whose is None or not _locked(connection, whose):
        return False
    there = (consents.c.id == consent_id, consents.c.confirmed_at.is_(None))
    if connection.execute(delete(consents).where(*there)).rowcount == 0:
        return False
    return _forget_rest(connection, whose, now)


def never_confirmed(connection: Connection, subscriber_id: int) -> bool:
    """Whether a reader is no more than an address that somebody typed, and nobody confirmed."""
    mine = subscriptions.c.subscriber_id == subscriber_id
    other = or_(subscriptions.c.state != State.PENDING, subscriptions.c.ended_at.is_not(None))
    found = select(subscribers.c.id).where(
        subscribers.c.id == subscriber_id,
        subscribers.c.state == State.PENDING,
        subscribers.c.confirmed_at.is_(None),
        ~select(subscriptions.c.id).where(mine, other).exists(),
    )
    return connection.scalar(found) is not None


def forget_waiting(connection: Connection, subscriber_id: int) -> bool:
    """Forget who never confirmed, with all that they asked for; False if they just did."""
    if _locked(connection, subscriber_id) and not never_confirmed(connection, subscriber_id):
        return False
    held = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    _drop(connection, list(connection.scalars(held)))
    connection.execute(delete(consents).where(consents.c.subscriber_id == subscriber_id))
    _drop_reader(connection, subscriber_id)
    return True


def _locked(connection: Connection, subscriber_id: int) -> bool:
    """Have the reader to ourselves; False if there is none any more."""
    found = select(subscribers.c.id).where(subscribers.c.id == subscriber_id)
    return connection.scalar(found.with_for_update()) is not None


def _stale(before: datetime) -> ColumnElement[bool]:
    since = func.coalesce(consents.c.asked_at, consents.c.at, type_=consents.c.at.type)
    return and_(STILL_OPEN, consents.c.at < before, since < before)


def _forget_rest(connection: Connection, subscriber_id: int, now: datetime) -> bool:
    asked = select(consents.c.channels).where(
        consents.c.subscriber_id == subscriber_id, consents.c.confirmed_at.is_(None)
    )
    still = {channel for channels in connection.scalars(asked) for channel in channels}
    held = select(subscriptions).where(
        subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.state == State.PENDING
    )
    for row in connection.execute(held).all():
        if row.channel_id not in still:
            _lapse(connection, row.id, now) if row.ended_at else _drop(connection, [row.id])
    kept = (
        select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id),
        select(consents.c.id).where(consents.c.subscriber_id == subscriber_id),
        select(subscribers.c.id).where(
            subscribers.c.id == subscriber_id, subscribers.c.confirmed_at.is_not(None)
        ),
    )
    if any(connection.scalar(one.limit(1)) is not None for one in kept):
        return False
    _drop_reader(connection, subscriber_id)
    return True


def _lapse(connection: Connection, subscription_id: int, now: datetime) -> None:
    """They had it once, and left: it is ended again."""
    ended = transition(State.PENDING, Event.LAPSED)
    theirs = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(theirs.values(state=ended))
    record(connection, subscription_id, Event.LAPSED, by=BY, now=now)


def _drop(connection: Connection, ids: Sequence[int]) -> None:
    """Nothing ever came of these subscriptions."""
    rows = select(subscriptions.c.subscriber_id, subscriptions.c.channel_id)
    for row in connection.execute(rows.where(subscriptions.c.id.in_(ids))).all():
        connection.execute(
            delete(subscriber_events).where(
                subscriber_events.c.subscriber_id == row.subscriber_id,
                subscriber_events.c.channel_id == row.channel_id,
            )
        )
    connection.execute(delete(subscriptions).where(subscriptions.c.id.in_(ids)))


def _drop_reader(connection: Connection, subscriber_id: int) -> None:
    theirs = select(letters.c.id).where(letters.c.subscriber_id == subscriber_id)
    connection.execute(delete(deliveries).where(deliveries.c.letter_id.in_(theirs)))
    for table in (letters, feedback, subscriber_events):
        connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    connection.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))
