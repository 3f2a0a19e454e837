"""Who belongs to the newsroom, and how they stand: one look at all of them, or at one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from colporteur.db.tables.staff import api_tokens, sessions, users
from colporteur.exceptions import UnknownName
from colporteur.staff.people import Person, person_of


@dataclass(frozen=True)
class Member:
    """Somebody of the newsroom. ``last_seen`` is None once their sessions are forgotten."""

    person: Person
    has_password: bool
    second_factor: bool
    last_seen: datetime | None
    tokens: int  # that work


def roster(connection: Connection, now: datetime) -> list[Member]:
    """Everybody, by address."""
    found = _members(now).order_by(users.c.address_key)
    return [_member(row) for row in connection.execute(found)]


def member(connection: Connection, person_id: int, now: datetime) -> Member:
    """Somebody by their id.

    Raises:
        UnknownName: nobody has it.
    """
    row = connection.execute(_members(now).where(users.c.id == person_id)).first()
    if row is None:
        raise UnknownName("There is nobody of this number.", cure="Look at the list of people.")
    return _member(row)


def _members(now: datetime) -> Select[Any]:
    seen = select(func.max(sessions.c.seen_at)).where(sessions.c.user_id == users.c.id)
    held = select(func.count()).where(api_tokens.c.user_id == users.c.id, works(now))
    return select(
        users,
        seen.scalar_subquery().label("last_seen"),
        held.scalar_subquery().label("held"),
    )


def works(now: datetime) -> ColumnElement[bool]:
    """A condition on ``api_tokens``: those that have not ended."""
    lasts = api_tokens.c.expires_at.is_(None) | (api_tokens.c.expires_at > now)
    return api_tokens.c.revoked_at.is_(None) & lasts


def _member(row: Any) -> Member:
    return Member(
        person_of(row),
        row.password_hash is not None,
        row.totp_since is not None,
        row.last_seen,
        row.held,
    )
