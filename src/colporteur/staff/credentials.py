"""What somebody proves with that it is them: their password, and whether a second factor is on."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from colporteur.db.tables.staff import users
from colporteur.exceptions import AddressRefused
from colporteur.staff import links, sessions
from colporteur.staff.people import Person, address_key, person_of


@dataclass(frozen=True)
class Known:
    """Somebody with what is kept of their password; None where they have not chosen one yet."""

    person: Person
    password_hash: str | None = field(repr=False)
    second_factor: bool  # on, and proved


def of_address(connection: Connection, address: str) -> Known | None:
    """Who may sign in with an address: None where nobody has it, or they are disabled."""
    try:
        key = address_key(address)
    except AddressRefused:
        return None
    mine = (users.c.address_key == key) & users.c.disabled_at.is_(None)
    return _known(connection.execute(select(users).where(mine)).first())


def of_person(connection: Connection, person_id: int) -> Known | None:
    """The same of an id."""
    mine = (users.c.id == person_id) & users.c.disabled_at.is_(None)
    return _known(connection.execute(select(users).where(mine)).first())


def unchanged(connection: Connection, known: Known) -> bool:
    """Whether a password that was compared outside of this transaction still holds.

    Whoever changes it meanwhile waits for this transaction's end, or this one for theirs.
    """
    mine = (users.c.id == known.person.id) & users.c.disabled_at.is_(None)
    kept = connection.execute(select(users.c.password_hash).where(mine).with_for_update()).first()
    return kept is not None and kept.password_hash == known.password_hash


def keep_password(
    connection: Connection, person_id: int, password_hash: str, now: datetime
) -> None:
    """Somebody chose a password: whoever knew the old one is signed out, and no link opens any more."""
    chosen = {"password_hash": password_hash, "password_changed_at": now}
    connection.execute(update(users).where(users.c.id == person_id).values(chosen))
    sessions.end_all(connection, person_id)
    links.end_all(connection, person_id, now)


def rehash(connection: Connection, known: Known, password_hash: str) -> None:
    """Keep the same password in today's way, unless it was changed meanwhile."""
    same = (users.c.id == known.person.id) & (users.c.password_hash == known.password_hash)
    connection.execute(update(users).where(same).values(password_hash=password_hash))


def nobody_signs_in(connection: Connection) -> bool:
    """Whether nobody has a password yet, as on a first start."""
    chosen = select(func.count()).select_from(users).where(users.c.password_hash.is_not(None))
    return connection.scalar(chosen) == 0


def _known(row: Row[tuple[object, ...]] | None) -> Known | None:
    if row is None:
        return None
    return Known(person_of(row), row.password_hash, row.totp_since is not None)
