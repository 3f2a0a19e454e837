"""Readers leave, at once, and may change their minds. All in the caller's transaction.

What is queued for them is not sent either: it is looked at again when it would leave.
"""

import enum
import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from colporteur.audience.announcing import announce
from colporteur.audience.history import record
from colporteur.audience.links import RETURN_FOR
from colporteur.audience.moving import lock_reader_of
from colporteur.audience.pausing import pause
from colporteur.audience.states import Event, State, states_before, transition
from colporteur.audience.subscribing import unsubscribe
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import subscriber_events, subscriptions
from colporteur.db.tables.editions import editions
from colporteur.webhooks.kinds import Kind

WORDS_AT_MOST = 500
"""Characters of what somebody writes when they leave; the rest is cut."""


_PUBLIC_ID = re.compile(r"[\w-]{1,40}", re.ASCII)
"""What an edition's can be; a database may refuse to look for anything else, such as NUL."""


class Reason(enum.StrEnum):
    """Why somebody left, as they chose from a list."""

    TOO_MANY = "too_many"
    NOT_FOR_ME = "not_for_me"
    FEED = "feed"  # they read the feed or the site instead
    NEVER_ASKED = "never_asked"
    OTHER = "other"


def leave(
    connection: Connection,
    subscription_id: int,
    *,
    by: str,
    edition: str | None = None,
    now: datetime,
) -> bool:
    """End one subscription, that channel's only; whether it was not ended already.

    ``edition`` is the public id of the one whose link was pressed; it is kept if there is such.
    """
    known = (
        edition
        and _PUBLIC_ID.fullmatch(edition)
        and connection.scalar(select(editions.c.public_id).where(editions.c.public_id == edition))
    )
    more = {"edition": known} if known else None
    return unsubscribe(connection, subscription_id, by=by, now=now, more=more)


def leave_all(
    connection: Connection,
    subscriber_id: int,
    *,
    by: str,
    edition: str | None = None,
    now: datetime,
) -> int:
    """End all subscriptions of a reader; how many were not ended already."""
    held = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    found = connection.scalars(held.order_by(subscriptions.c.id)).all()
    return sum(leave(connection, one, by=by, edition=edition, now=now) for one in found)


def take_back(
    connection: Connection,
    subscription_id: int,
    *,
    by: str,
    now: datetime,
    left_at: datetime | None = None,
) -> bool:
    """Undo leaving within 7 days; whether it was undone.

    The choices are those they had, and so is what they are owed; a pause goes on, or ended when
    it was to end. Who had never confirmed, and whose address gets nothing any more, does not come
    back by this. ``left_at``, to the second: only the leaving of then.
    """
    reader = lock_reader_of(connection, subscription_id)
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.id == subscription_id)
    ).first()
    if row is None or reader is not State.ACTIVE or row.ended_at is None:
        return False
    if not may_take_back(connection, subscription_id, now, left_at):
        return False
    left = _last_leaving(connection, subscription_id).detail
    until = datetime.fromisoformat(left["until"]) if "until" in left else None
    values: dict[str, Any] = {"state": transition(State(row.state), Event.RETURNED)}
    if until is not None and until <= now and not left["backlog"]:
        values["start_number"] = max(row.start_number, last_number_at(connection, until))
    back = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(back.values(**values, ended_at=None))
    record(connection, subscription_id, Event.RETURNED, by=by, now=now)
    came = Kind.SUBSCRIBER_CONFIRMED
    announce(connection, came, row.subscriber_id, [subscription_id], Event.RETURNED, now)
    if until is not None and until > now:
        pause(connection, subscription_id, until, backlog=left["backlog"], by=by, now=now)
    return True


def ended_with(connection: Connection, subscription_id: int) -> list[int]:
    """The reader's subscriptions that ended at the same moment, that one among them."""
    other = subscriptions.alias()
    same = (other.c.subscriber_id == subscriptions.c.subscriber_id) & (
        other.c.ended_at == subscriptions.c.ended_at
    )
    query = select(other.c.id).join(subscriptions, same)
    found = connection.scalars(query.where(subscriptions.c.id == subscription_id))
    return sorted(found)


def may_take_back(
    connection: Connection, subscription_id: int, now: datetime, left_at: datetime | None = None
) -> bool:
    """Whether leaving is recent enough, and was of somebody who had confirmed.

    ``left_at``, to the second: only the leaving of then, for one may leave, return and leave.
    """
    ended = connection.scalar(
        select(subscriptions.c.ended_at).where(subscriptions.c.id == subscription_id)
    )
    left = _last_leaving(connection, subscription_id)
    if ended is None or left is None:
        return False
    if left_at is not None and ended.replace(microsecond=0) != left_at:
        return False
    recent: bool = ended >= now - RETURN_FOR
    return recent and left.detail.get("before") != State.PENDING


def note_reason(
    connection: Connection, subscription_id: int, reason: Reason | None, words: str
) -> bool:
    """Keep with their leaving why somebody left; False if they did not leave."""
    left = _last_leaving(connection, subscription_id)
    if left is None or not (reason or words.strip()):
        return False
    said: dict[str, str] = {"reason": reason} if reason else {}
    if words.strip():
        said["words"] = words.strip()[:WORDS_AT_MOST]
    changed = update(subscriber_events).where(subscriber_events.c.id == left.id)
    connection.execute(changed.values(detail={**left.detail, **said}))
    return True


def _last_leaving(connection: Connection, subscription_id: int) -> Any:
    """The row of the event by which a subscription ended; None if it has not."""
    return connection.execute(
        select(subscriber_events.c.id, subscriber_events.c.detail)
        .join(
            subscriptions,
            (subscriptions.c.subscriber_id == subscriber_events.c.subscriber_id)
            & (subscriptions.c.channel_id == subscriber_events.c.channel_id),
        )
        .where(
            subscriptions.c.id == subscription_id,
            subscriptions.c.state.in_(states_before(Event.RETURNED, State.ACTIVE)),
            subscriptions.c.ended_at == subscriber_events.c.at,
            subscriber_events.c.kind == Event.UNSUBSCRIBED,
        )
        .order_by(subscriber_events.c.id.desc())
        .limit(1)
    ).first()
