"""The newsroom's people: by address, each with one role."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, insert, select, update

from colporteur.db.tables.staff import users
from colporteur.exceptions import AddressRefused, ColporteurError, UnknownName

_NAME_AT_MOST = 200


class Role(enum.StrEnum):
    """What somebody does here."""

    AUTHOR = "author"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True)
class Person:
    """Somebody of the newsroom; instants are aware."""

    id: int
    address: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    language: str | None = None  # of the newsroom's pages; None: as the browser asks


def add(
    connection: Connection, address: str, *, name: str | None, role: Role | None, now: datetime
) -> tuple[Person, bool]:
    """Add somebody, or say anew the name and role of whom there is; whether they are new.

    None keeps what there was; a new person has no name and is an editor.

    Raises:
        AddressRefused: it is no e-mail address.
        ColporteurError: the name cannot be one.
    """
    text, key = _parse(address)
    check_name(name or "")
    said = {"name": name, "role": role and role.value}
    known = connection.scalar(select(users.c.id).where(users.c.address_key == key))
    if known is None:
        values = {"name": name or "", "role": (role or Role.EDITOR).value}
        connection.execute(
            insert(users).values(address=text, address_key=key, created_at=now, **values)
        )
    elif changed := {name: value for name, value in said.items() if value is not None}:
        connection.execute(update(users).where(users.c.id == known).values(changed))
    return by_address(connection, address), known is None


def listing(connection: Connection) -> list[Person]:
    """Everybody, by address."""
    return [
        person_of(row) for row in connection.execute(select(users).order_by(users.c.address_key))
    ]


def by_address(connection: Connection, address: str) -> Person:
    """The person of an address, however it is spelled.

    Raises:
        AddressRefused: it is no e-mail address.
        UnknownName: nobody has it.
    """
    key = _parse(address)[1]
    row = connection.execute(select(users).where(users.c.address_key == key)).first()
    if row is None:
        raise UnknownName(
            f"Nobody here has the address {address!r}.",
            cure="`colporteur users list` has those there are, `users add` adds one.",
        )
    return person_of(row)


def by_id(connection: Connection, person_id: int) -> Person:
    """The person that a token names as its holder."""
    return person_of(connection.execute(select(users).where(users.c.id == person_id)).one())


def person_of(row: Any) -> Person:
    """The person of a row of ``users``."""
    return Person(
        row.id,
        row.address,
        row.name,
        Role(row.role),
        row.created_at,
        row.disabled_at,
        row.language,
    )


def address_key(address: str) -> str:
    """What all spellings of an address share.

    Raises:
        AddressRefused: it is no e-mail address.
    """
    return _parse(address)[1]


def _parse(address: str) -> tuple[str, str]:
    """An address as it is written to, and what all its spellings share."""
    try:
        found = validate_email(
            address.strip(), check_deliverability=False, strict=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise AddressRefused(
            f"{address[:80]!r} is no e-mail address: {error}", cure="Correct it."
        ) from None
    return found.normalized, f"{found.local_part}@{found.ascii_domain}".casefold()


def check_name(name: str) -> None:
    """Refuse what cannot be a name.

    Raises:
        ColporteurError: it is too long, or cannot be printed.
    """
    if len(name) > _NAME_AT_MOST or not name.isprintable():
        raise ColporteurError(
            "This cannot be a name.", cure=f"Write at most {_NAME_AT_MOST} printable characters."
        )
