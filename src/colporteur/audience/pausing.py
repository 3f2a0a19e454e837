"""Readers who want no mail for a while. All in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    false,
    insert,
    null,
    or_,
    select,
    update,
)

from colporteur.audience.history import record, standing
from colporteur.audience.moving import lock_reader_of
from colporteur.audience.states import Event, State, transition
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import subscriber_events, subscribers, subscriptions
from colporteur.exceptions import ChoiceRefused, UnknownName

BY = "calendar"


def pause(
    connection: Connection,
    subscription_id: int,
    until: datetime,
    *,
    backlog: bool = False,
    by: str,
    now: datetime,
) -> None:
    """Send nothing until then; what comes meanwhile follows only with ``backlog``.

    For who is paused already it is another end.

    Raises:
        UnknownName: there is no such subscription.
        ChoiceRefused: it has ended, or the moment is past.
        ReaderStateRefused: it was never confirmed.
    """
    lock_reader_of(connection, subscription_id)
    found = standing(connection, subscription_id)
    if found is None:
        raise UnknownName("There is no such subscription.", cure="Subscribe them first.")
    if until <= now:
        raise ChoiceRefused(
            f"A pause until {until:%Y-%m-%d %H:%M} UTC would be over already.",
            cure="Name a later moment.",
        )
    if found.state == State.UNSUBSCRIBED:  # perhaps at this very moment
        raise ChoiceRefused("They left this channel: nothing is sent.", cure="Nothing to pause.")
    after = transition(State(found.state), Event.PAUSED)
    paused = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(paused.values(state=after, paused_until=until, keeps_backlog=backlog))
    more = {"until": until.isoformat(), "backlog": backlog}
    record(connection, subscription_id, Event.PAUSED, by=by, now=now, more=more)


def resume(connection: Connection, subscription_id: int, *, by: str, now: datetime) -> bool:
    """End a pause now; whether there was one."""
    lock_reader_of(connection, subscription_id)
    paused_until = connection.scalar(
        select(subscriptions.c.paused_until).where(subscriptions.c.id == subscription_id)
    )
    end = min(now, paused_until) if paused_until else now
    return _end(connection, subscriptions.c.id == subscription_id, end, by=by, now=now) > 0


def end_pauses(connection: Connection, now: datetime) -> int:
    """End the pauses whose time has come; how many there were.

    Many pauses end at the same moment: each moment is a statement, whatever their number.
    """
    due = (subscriptions.c.state == State.PAUSED, subscriptions.c.paused_until <= now)
    ends = connection.scalars(select(subscriptions.c.paused_until).where(*due).distinct()).all()
    if ends:
        _lock_all(connection, select(subscriptions.c.subscriber_id).where(*due))
    return sum(
        _end(connection, subscriptions.c.paused_until == end, end, by=BY, now=now) for end in ends
    )


def _lock_all(connection: Connection, readers: Select[tuple[int]]) -> None:
    """Lock readers before what is theirs (``audience.moving``), in an order that all keep to."""
    theirs = select(subscribers.c.id).where(subscribers.c.id.in_(readers))
    connection.execute(theirs.order_by(subscribers.c.id).with_for_update(key_share=True)).all()


def _end(
    connection: Connection,
    which: ColumnElement[bool],
    end: datetime,
    *,
    by: str,
    now: datetime,
) -> int:
    """Let the paused ones among these have what is numbered after their pause's end."""
    start = subscriptions.c.start_number
    last = last_number_at(connection, end)
    kept = or_(subscriptions.c.keeps_backlog, start > last)
    ended = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.state == State.PAUSED, which)
        .values(
            state=transition(State.PAUSED, Event.RESUMED),
            paused_until=null(),
            keeps_backlog=false(),
            start_number=case((kept, start), else_=last),
        )
        .returning(subscriptions.c.subscriber_id, subscriptions.c.channel_id, start)
    ).all()
    _record_ends(connection, ended, by, now)
    return len(ended)


def _record_ends(
    connection: Connection, ended: Sequence[tuple[int, int, int]], by: str, now: datetime
) -> None:
    """A pause's end changes no choice: the events before it say what was chosen."""
    rows = [
        {
            "subscriber_id": subscriber_id,
            "channel_id": channel_id,
            "at": now,
            "kind": Event.RESUMED,
            "detail": {"by": by, "start_number": start_number},
        }
        for subscriber_id, channel_id, start_number in ended
    ]
    if rows:
        connection.execute(insert(subscriber_events), rows)
