"""What holds mail back: a suspension of all sending, and the rehearsal before a start.

With a real relay a publication begins in rehearsal: only its staff get mail, until somebody
says that it goes live. What holds is noted in ``facts``, where every process reads it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.addresses import parse_address
from colporteur.db.numbering import last_number, last_number_at
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.publication import facts
from colporteur.db.tables.staff import users
from colporteur.editions.calendar import previous_slot
from colporteur.editions.skips import NOT_BROUGHT
from colporteur.exceptions import ColporteurError
from colporteur.publication import Publication
from colporteur.publication.identities import Ids

LIVE = "live"
SUSPENDED = "suspended"
RELEASED_AT = "released_at"
WHY_AT_MOST = 500
"""Characters of the reason of a suspension."""


@dataclass(frozen=True)
class Suspension:
    """Who suspended all sending, when and why."""

    by: str
    at: datetime
    why: str

    def __str__(self) -> str:
        """The suspension in a sentence."""
        return (
            f"All sending is suspended since {self.at:%Y-%m-%d %H:%M} UTC by {self.by}: {self.why}"
        )


@dataclass(frozen=True)
class Brake:
    """What holds mail back now; ``staff_only`` are the address keys that a rehearsal reaches."""

    suspended: Suspension | None
    staff_only: frozenset[str] | None

    @property
    def rehearsal(self) -> bool:
        """Whether only the staff get mail."""
        return self.staff_only is not None

    def reaches(self, address_key: str) -> bool:
        """Whether mail may go to an address, a suspension aside."""
        return self.staff_only is None or address_key in self.staff_only


def in_force(connection: Connection, publication: Publication, *, real_relay: bool) -> Brake:
    """What holds mail back now; mail to a folder of this machine is never a rehearsal."""
    rehearsal = real_relay and live_since(connection) is None
    return Brake(
        suspended=suspension(connection),
        staff_only=staff_addresses(connection, publication) if rehearsal else None,
    )


def staff_addresses(connection: Connection, publication: Publication) -> frozenset[str]:
    """The address keys of the newsroom's people and of ``alerts_to``."""
    active = select(users.c.address_key).where(users.c.disabled_at.is_(None))
    alerted = (parse_address(address).key for address in publication.alerts_to)
    return frozenset([*connection.scalars(active), *alerted])


def suspended_now() -> ColumnElement[bool]:
    """A condition for other queries: all sending is suspended."""
    return exists().where(facts.c.name == SUSPENDED)


def live_now() -> ColumnElement[bool]:
    """A condition for other queries: the publication is live."""
    return exists().where(facts.c.name == LIVE)


def suspend(connection: Connection, *, by: str, why: str, now: datetime) -> bool:
    """Hold all mail back; False if it was, for the reason given then.

    Raises:
        ColporteurError: the reason says nothing, or is no text.
    """
    said = " ".join(why.split())
    if not said or len(said) > WHY_AT_MOST or not said.isprintable():
        raise ColporteurError(
            "This cannot be a reason.", cure=f"Write 1 to {WHY_AT_MOST} printable characters."
        )
    return _note_once(connection, SUSPENDED, {"by": by, "at": now.isoformat(), "why": said})


def release(connection: Connection, *, by: str, now: datetime) -> bool:
    """Let mail go again; False if nothing held it."""
    freed = connection.execute(delete(facts).where(facts.c.name == SUSPENDED)).rowcount > 0
    if freed:
        connection.execute(delete(facts).where(facts.c.name == RELEASED_AT))
        _note_once(connection, RELEASED_AT, {"by": by, "at": now.isoformat()})
    return freed


def suspension(connection: Connection) -> Suspension | None:
    """The suspension of all sending, if there is one."""
    known = _known(connection, SUSPENDED)
    if known is None:
        return None
    return Suspension(known["by"], datetime.fromisoformat(known["at"]), known["why"])


def released_at(connection: Connection) -> datetime | None:
    """When a suspension was last lifted: lateness counts from then at the earliest."""
    known = _known(connection, RELEASED_AT)
    return datetime.fromisoformat(known["at"]) if known else None


def live_since(connection: Connection) -> datetime | None:
    """When the publication went live, None before."""
    known = _known(connection, LIVE)
    return datetime.fromisoformat(known["at"]) if known else None


def go_live(
    connection: Connection, publication: Publication, names: Ids, now: datetime, by: str
) -> bool:
    """End the rehearsal for good; False if it was ended before.

    Who never got anything starts at the last slot of their cadence, so that nobody gets all
    that gathered in the rehearsal. Letters that waited are due.
    """
    if not _note_once(connection, LIVE, {"by": by, "at": now.isoformat()}):
        return False
    last_number(connection)  # the lock that freezes take: none is halfway
    for channel in publication.channels:
        if channel.digest is None:
            continue
        for name, cadence in channel.digest.cadences.items():
            zone = publication.zone_of(cadence)
            slot = previous_slot(cadence, zone, now, channel.digest.skip)
            start = last_number_at(connection, slot)
            _start_later(connection, names.channels[channel.slug], name, start)
    waiting = update(batches).where(batches.c.edition_id.is_(None), batches.c.status == "pending")
    connection.execute(waiting.where(batches.c.due_at > now).values(due_at=now, enqueued_at=None))
    return True


def readers(connection: Connection) -> int:
    """How many people have an active subscription: whom a release or a start reaches."""
    active = subscriptions.c.state == "active"
    people = select(func.count(subscriptions.c.subscriber_id.distinct())).where(active)
    return int(connection.scalar(people) or 0)


def _start_later(connection: Connection, channel_id: int, cadence: str, start: int) -> None:
    got_something = exists().where(
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.status.not_in(NOT_BROUGHT),
    )
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.channel_id == channel_id,
            subscriptions.c.cadence == cadence,
            subscriptions.c.start_number < start,
            ~got_something,
        )
        .values(start_number=start)
    )


def _note_once(connection: Connection, name: str, value: dict[str, Any]) -> bool:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(facts).values(name=name, value=value).on_conflict_do_nothing()
    return connection.scalar(statement.returning(facts.c.name)) is not None


def _known(connection: Connection, name: str) -> dict[str, str] | None:
    return connection.scalar(select(facts.c.value).where(facts.c.name == name))
