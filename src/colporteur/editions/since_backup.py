"""What a restore leaves open: what left between the backup and the restore, which nobody knows.

The database does not have it any more. So sending is held, and whoever releases it says what
becomes of what was due in between: nothing is doubled, or nobody is missed, by their choice.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from colporteur.db.numbering import last_number
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.editions import editions
from colporteur.db.tables.publication import facts
from colporteur.editions import brakes
from colporteur.editions.opening import SINCE_BACKUP, pass_over, places
from colporteur.editions.states import Event, State
from colporteur.editions.store import Edition, happen, in_state, load
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision
from colporteur.publication.site import note

RESTORED = "restored"
BY = "restore"


class Since(enum.StrEnum):
    """What becomes of what was due since the backup."""

    MISSED = "missed"
    """Slots that passed are left out, and what was leaving is paused, for people to look at. The
    articles come with the next edition."""
    SENT = "sent"
    """The same, and all that the backup has counts as brought: no mail brings it again."""
    DUE = "due"
    """As after an outage: what waits leaves, and slots are caught up (docs/rules.md, 8)."""


@dataclass(frozen=True)
class Restored:
    """The moment of the backup that this database was restored from, and when that was."""

    backup_of: datetime
    at: datetime


def hold_restored(connection: Connection, backup_of: datetime, now: datetime) -> None:
    """Hold all sending, since a backup was restored; an older reason gives way to that."""
    note(connection, RESTORED, {"backup_of": backup_of.isoformat(), "at": now.isoformat()})
    connection.execute(delete(facts).where(facts.c.name == brakes.SUSPENDED))
    why = f"The backup of {backup_of:%Y-%m-%d %H:%M} UTC was restored."
    brakes.suspend(connection, by=BY, why=why, now=now)


def restored(connection: Connection) -> Restored | None:
    """The restore that nobody has released yet, if there was one."""
    known: Any = connection.scalar(select(facts.c.value).where(facts.c.name == RESTORED))
    if known is None:
        return None
    moments = (datetime.fromisoformat(known[name]) for name in ("backup_of", "at"))
    return Restored(*moments)


def let_go(
    connection: Connection,
    revision: Revision,
    names: Ids,
    *,
    by: str,
    now: datetime,
    since: Since = Since.MISSED,
) -> bool:
    """Release all sending; False if nothing held it. ``since`` matters after a restore alone."""
    if restored(connection) is not None:
        if since is not Since.DUE:
            _pass_over(connection, revision, names, now)
        if since is Since.SENT:
            _count_as_brought(connection)
        connection.execute(delete(facts).where(facts.c.name == RESTORED))
    return brakes.release(connection, by=by, now=now)


def uncertain(connection: Connection, now: datetime) -> list[Edition]:
    """The editions that may have left since the backup, in part or whole."""
    known = in_state(connection, State.OPEN, State.FROZEN, State.HELD, State.SENDING)
    tried_again = [load(connection, one) for one in _tried_again(connection)]
    return [*tried_again, *(one for one in known if _may_have_left(one, now))]


def _tried_again(connection: Connection) -> list[int]:
    """Editions that count as sent, and have messages that relays put off."""
    left = exists().where(batches.c.edition_id == editions.c.id, batches.c.status != "done")
    query = select(editions.c.id).where(editions.c.state == State.SENT, left)
    return list(connection.scalars(query.order_by(editions.c.id)))


def _may_have_left(edition: Edition, now: datetime) -> bool:
    by_hand = edition.state is State.HELD and edition.hold_until is None
    return not by_hand and edition.send_at is not None and edition.send_at <= now


def _pass_over(connection: Connection, revision: Revision, names: Ids, now: datetime) -> None:
    last_number(connection)  # the lock that freezes take: none is halfway
    for edition in uncertain(connection, now):
        happen(connection, edition.id, _stops(edition), by=BY, now=now, why=SINCE_BACKUP)
    for place in places(connection, revision, names):
        pass_over(connection, place, now, SINCE_BACKUP)


def _stops(edition: Edition) -> Event:
    if edition.state is State.OPEN:
        return Event.MISS if edition.regular else Event.HOLD
    return Event.DOUBT if edition.state is State.SENT else Event.PAUSE


def _count_as_brought(connection: Connection) -> None:
    """Have every reader begin after the newest article that the backup has."""
    newest = last_number(connection)
    before = update(subscriptions).where(subscriptions.c.start_number < newest)
    connection.execute(before.values(start_number=newest))
