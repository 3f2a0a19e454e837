"""What becomes of somebody in the newsroom: their role, their leave; never without an admin."""

from datetime import datetime

from sqlalchemy import Connection, Select, select, update

from colporteur.db.tables.staff import users
from colporteur.exceptions import PersonRefused, UnknownName
from colporteur.staff import links, sessions
from colporteur.staff.people import Person, Role, check_name, person_of


def find(connection: Connection, person_id: int) -> Person:
    """Somebody by their id.

    Raises:
        UnknownName: nobody has it.
    """
    row = connection.execute(select(users).where(users.c.id == person_id)).first()
    if row is None:
        raise UnknownName("There is nobody of this number.", cure="Look at the list of people.")
    return person_of(row)


def set_role(connection: Connection, person_id: int, role: Role) -> Role:
    """Give somebody another role; the one they had.

    Raises:
        PersonRefused: nobody would be left who administers.
        UnknownName: nobody has this id.
    """
    before = find(connection, person_id).role
    if before is Role.ADMIN and role is not Role.ADMIN:
        _keep_an_admin(connection, person_id)
    connection.execute(update(users).where(users.c.id == person_id).values(role=role.value))
    return before


def disable(connection: Connection, person_id: int, now: datetime) -> bool:
    """End what somebody may do here: sessions, links, tokens; whether they could.

    Raises:
        PersonRefused: nobody would be left who administers.
        UnknownName: nobody has this id.
    """
    found = find(connection, person_id)
    if found.disabled_at is not None:
        return False
    if found.role is Role.ADMIN:
        _keep_an_admin(connection, person_id)
    connection.execute(update(users).where(users.c.id == person_id).values(disabled_at=now))
    sessions.end_all(connection, person_id)
    links.end_all(connection, person_id, now)
    return True


def enable(connection: Connection, person_id: int) -> bool:
    """Let somebody in again, as what they were; whether they were disabled."""
    disabled = (users.c.id == person_id) & users.c.disabled_at.is_not(None)
    done = connection.execute(update(users).where(disabled).values(disabled_at=None))
    return done.rowcount > 0


def describe(connection: Connection, person_id: int, name: str, language: str | None) -> None:
    """Note what somebody says of themselves: their name, and the language they read here.

    Raises:
        ColporteurError: the name cannot be one.
    """
    check_name(name)
    said = {"name": name, "language": language}
    connection.execute(update(users).where(users.c.id == person_id).values(said))


def has_password(connection: Connection, person_id: int) -> bool:
    """Whether somebody has chosen a password."""
    chosen = (users.c.id == person_id) & users.c.password_hash.is_not(None)
    return connection.scalar(select(users.c.id).where(chosen)) is not None


def _keep_an_admin(connection: Connection, but: int) -> None:
    """Refuse what leaves no admin who can sign in; two who demote each other take turns."""
    if not any(one != but for one in connection.scalars(_admins())):
        raise PersonRefused(
            "Nobody would be left who administers.",
            cure="First give somebody else who signs in the role admin.",
        )


def _admins() -> Select[int]:
    active = users.c.disabled_at.is_(None) & users.c.password_hash.is_not(None)
    found = select(users.c.id).where(users.c.role == Role.ADMIN.value, active)
    return found.order_by(users.c.id).with_for_update()
