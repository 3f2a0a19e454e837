"""Forgets a reader: what stays is a hash on the do-not-mail list, and rows that name nobody.

Their deliveries stay, for an edition's numbers are those of what was sent. All in the caller's
transaction.
"""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.leaving import leave_all
from colporteur.audience.moving import move
from colporteur.audience.preferences import person
from colporteur.audience.states import Event
from colporteur.audience.subscribing import profile_of
from colporteur.audience.suppressing import Reason, suppress
from colporteur.db.tables.audience import (
    consents,
    subscriber_events,
    subscribers,
    subscriptions,
)
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.feedback import feedback

OUTSIDE = ("new-address", "address-changed")
"""Letters about a reader to addresses that are not theirs, or not any more: purposes begin so."""
_KEPT_OF_EVENTS = {"before", "after", "start_number", "edition", "reason"}


def erase(connection: Connection, subscriber_id: int, *, by: str, now: datetime) -> None:
    """Forget all that tells who a reader is, at once.

    The hash of their address stays, so that no list that is imported brings them back; they
    themselves may subscribe again. ``by`` is "page", or who of the staff did it.

    Raises:
        UnknownName: there is no such reader, or they were erased before.
    """
    reader = person(connection, subscriber_id, lock=True)
    leave_all(connection, subscriber_id, by=by, now=now)
    suppress(connection, parse_address(reader.address).hash, Reason.ERASED, now)
    _forget_person(connection, subscriber_id)
    _forget_choices(connection, subscriber_id)
    _forget_events(connection, subscriber_id)
    connection.execute(delete(consents).where(consents.c.subscriber_id == subscriber_id))
    _forget_mail(connection, subscriber_id)
    move(connection, subscriber_id, Event.ERASED, by=by, now=now)


def _forget_person(connection: Connection, subscriber_id: int) -> None:
    gone = update(subscribers).where(subscribers.c.id == subscriber_id)
    nothing = {"address": None, "address_key": None, "domain": None, "feed_key": None}
    connection.execute(gone.values(**nothing, name="", language=""))


def _forget_choices(connection: Connection, subscriber_id: int) -> None:
    """A subscription must have a cadence and a profile: what anybody might have chosen."""
    mine = update(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id)
    usual = profile_of(connection, Choice(0, ""))
    connection.execute(
        mine.values(profile_id=usual, weekday=None, minute=None, timezone=None, specials=True)
    )


def _forget_events(connection: Connection, subscriber_id: int) -> None:
    """When what happened stays, for numbers over time; not what they chose or wrote."""
    found = subscriber_events.c
    mine = select(found.id, found.detail).where(found.subscriber_id == subscriber_id)
    for row in connection.execute(mine).all():
        kept = {name: value for name, value in row.detail.items() if name in _KEPT_OF_EVENTS}
        connection.execute(update(subscriber_events).where(found.id == row.id).values(detail=kept))


def _forget_mail(connection: Connection, subscriber_id: int) -> None:
    """Letters to and about them, what servers answered, and what came back."""
    found = letters_of(connection, subscriber_id)
    for one in found:
        connection.execute(
            update(letters)
            .where(letters.c.id == one)
            .values(address=None, content={}, purpose=f"erased:{one}:{secrets.token_hex(4)}")
        )
    held = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    for said in (deliveries.c.subscription_id.in_(held), deliveries.c.letter_id.in_(found)):
        connection.execute(update(deliveries).where(said).values(reply=None, relay_id=None))
    heard = update(feedback).where(feedback.c.subscriber_id == subscriber_id)
    connection.execute(heard.values(text="", raw=None, domain=None))


def letters_of(connection: Connection, subscriber_id: int) -> list[int]:
    """The ids of letters to a reader, and of those about them to other addresses.

    Two questions, for each has its index: that of the others has few but them.
    """
    to = select(letters.c.id).where(letters.c.subscriber_id == subscriber_id)
    about = (letters.c.purpose.startswith(f"{one}:{subscriber_id}:") for one in OUTSIDE)
    others = select(letters.c.id).where(letters.c.address.is_not(None), or_(*about))
    return sorted({*connection.scalars(to), *connection.scalars(others)})
