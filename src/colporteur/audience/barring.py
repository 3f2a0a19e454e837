"""The do-not-mail list by hand: somebody asked us, or took it back. In the caller's transaction."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from colporteur.audience.addresses import EmailAddress
from colporteur.audience.moving import move
from colporteur.audience.states import Event, Reason, State, states_before
from colporteur.audience.suppressing import lift, suppress
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import subscribers, subscriptions


def bar(connection: Connection, address: EmailAddress, *, why: str, by: str, now: datetime) -> bool:
    """Never write to an address again; whether it is a reader's. Queued mail is not sent either.

    Subscriptions stay as they are, for who lifts it. No form, button or list lifts it.
    """
    reader = _reader(connection, address)
    if reader is not None:
        move(connection, reader, Event.SUPPRESSED, by=by, now=now, more={"why": why})
    suppress(connection, address.hash, Reason.MANUAL, now)
    return reader is not None


def unbar(
    connection: Connection, address: EmailAddress, *, why: str, by: str, now: datetime
) -> bool:
    """Take an address off the list, whatever put it there; whether anything was there to lift.

    A reader with active subscriptions gets what is numbered from now on, not what came before.
    """
    listed = lift(connection, address.hash, by_owner=False)
    reader = _reader(connection, address)
    state = None
    if reader is not None:
        state = connection.scalar(select(subscribers.c.state).where(subscribers.c.id == reader))
    if reader is None or state not in states_before(Event.LIFTED, State.ACTIVE):
        return listed
    move(connection, reader, Event.LIFTED, by=by, now=now, more={"why": why})
    last = last_number_at(connection, now)
    behind = (
        subscriptions.c.subscriber_id == reader,
        subscriptions.c.state == State.ACTIVE,
        subscriptions.c.start_number < last,
    )
    connection.execute(update(subscriptions).where(*behind).values(start_number=last))
    return True


def _reader(connection: Connection, address: EmailAddress) -> int | None:
    theirs = subscribers.c.address_key == address.key
    found: int | None = connection.scalar(select(subscribers.c.id).where(theirs))
    return found
