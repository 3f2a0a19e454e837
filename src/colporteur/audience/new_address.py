"""A reader moves to another address. All in the caller's transaction."""

import enum
from datetime import datetime

from sqlalchemy import Connection, update

from colporteur.audience.addresses import EmailAddress, mask
from colporteur.audience.forgetting import forget_waiting, never_confirmed
from colporteur.audience.history import note
from colporteur.audience.moving import move
from colporteur.audience.preferences import ADDRESS_CHANGED, Person, person_of
from colporteur.audience.states import Event, State
from colporteur.audience.suppressing import LIFTED_BY_OWNER, lift, suppression_of
from colporteur.audience.waking import owe_from_now
from colporteur.db.tables.audience import subscribers

_ALIVE_AGAIN = (State.BOUNCED, State.COMPLAINED)


class Standing(enum.Enum):
    """What an address is to us before a reader moves there."""

    FREE = enum.auto()  # or on the do-not-mail list in a way that its owner lifts,
    # or typed into a form by somebody, who never pressed the button
    OWN = enum.auto()  # of this very reader, perhaps spelt in another way
    TAKEN = enum.auto()  # by another reader
    SUPPRESSED = enum.auto()


def standing_of(connection: Connection, reader: Person, new: EmailAddress) -> Standing:
    """What an address is; people are never told, for it may be another's."""
    owner = person_of(connection, new)
    if owner is not None and not never_confirmed(connection, owner.id):
        return Standing.OWN if owner.id == reader.id else Standing.TAKEN
    reason = suppression_of(connection, new.hash)
    barred = reason is not None and reason not in LIFTED_BY_OWNER
    return Standing.SUPPRESSED if barred else Standing.FREE


def move_to(
    connection: Connection, reader: Person, new: EmailAddress, *, by: str, now: datetime
) -> bool:
    """Write to a reader at a new address from now on; False where it is not free any more.

    They confirmed it there: who only signed up with it, and never confirmed, was they or nobody,
    and is forgotten; a bounce or a complaint of it is lifted, and who was written to no more at the
    old one is written to again, of what comes from now on.
    """
    found = standing_of(connection, reader, new)
    if found not in {Standing.FREE, Standing.OWN} or reader.state is State.SUPPRESSED:
        return False
    waiting = person_of(connection, new)
    other = waiting is not None and waiting.id != reader.id
    if waiting is not None and other and not forget_waiting(connection, waiting.id):
        return False
    values = {"address": new.text, "address_key": new.key, "domain": new.domain}
    changed = update(subscribers).where(subscribers.c.id == reader.id)
    connection.execute(changed.values(**values))
    more = {"from": mask(reader.address), "to": new.masked}
    note(connection, reader.id, ADDRESS_CHANGED, by=by, now=now, more=more)
    lift(connection, new.hash, by_owner=True)
    if reader.state in _ALIVE_AGAIN and found is Standing.FREE:
        move(connection, reader.id, Event.CONFIRMED, by=by, now=now)
        owe_from_now(connection, reader.id, now)
    return True
