"""Links that let somebody choose a password: each once, for a while, and kept as a hash."""

import enum
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from colporteur.db.tables.staff import staff_links, users
from colporteur.staff.people import Person, person_of

_TOKEN_AT_MOST = 100
_KEPT_FOR = timedelta(days=30)


class Purpose(enum.StrEnum):
    """What a link is for."""

    INVITED = "invited"
    RESET = "reset"
    FIRST = "first"  # of nobody yet: who opens it says who they are, and becomes the first admin


LASTS: Mapping[Purpose, timedelta] = {
    Purpose.INVITED: timedelta(days=7),
    Purpose.RESET: timedelta(hours=2),
    Purpose.FIRST: timedelta(days=1),
}


@dataclass(frozen=True)
class Link:
    """A link that still opens; ``person`` is None for the first admin's."""

    id: int
    purpose: Purpose
    person: Person | None
    ends_at: datetime


def make(connection: Connection, purpose: Purpose, person_id: int | None, now: datetime) -> str:
    """A link for somebody; its token, which nothing else keeps. Those made before end."""
    end_all(connection, person_id, now)
    text = secrets.token_urlsafe(32)
    connection.execute(
        insert(staff_links).values(
            user_id=person_id,
            purpose=purpose.value,
            token_hash=_hash(text),
            created_at=now,
            ends_at=now + LASTS[purpose],
        )
    )
    return text


def path_of(text: str) -> str:
    """Where a link's token opens."""
    return f"/newsroom/password/{text}"


def opened(connection: Connection, text: str, now: datetime) -> Link | None:
    """The link of a token; None once it was used or has ended, or its holder is disabled."""
    row = _row(connection, text, now)
    if row is None:
        return None
    if row.user_id is None:
        return Link(row.id, Purpose(row.purpose), None, row.ends_at)
    mine = (users.c.id == row.user_id) & users.c.disabled_at.is_(None)
    holder = connection.execute(select(users).where(mine)).first()
    if holder is None:
        return None
    return Link(row.id, Purpose(row.purpose), person_of(holder), row.ends_at)


def use(connection: Connection, link: Link, now: datetime) -> bool:
    """Use a link up; False where somebody else did so meanwhile."""
    unused = (staff_links.c.id == link.id) & staff_links.c.used_at.is_(None)
    return connection.execute(update(staff_links).where(unused).values(used_at=now)).rowcount > 0


def end_all(connection: Connection, person_id: int | None, now: datetime) -> None:
    """No link of somebody opens any more; None: of the first admin."""
    whose: ColumnElement[bool] = staff_links.c.user_id.is_(None)
    if person_id is not None:
        whose = staff_links.c.user_id == person_id
    open_ones = whose & staff_links.c.used_at.is_(None) & (staff_links.c.ends_at > now)
    connection.execute(update(staff_links).where(open_ones).values(ends_at=now))


def ended(now: datetime) -> ColumnElement[bool]:
    """A condition: a link ended long ago."""
    return staff_links.c.ends_at < now - _KEPT_FOR


def _row(connection: Connection, text: str, now: datetime) -> Any:
    if not text or len(text) > _TOKEN_AT_MOST:
        return None
    open_ones = staff_links.c.used_at.is_(None) & (staff_links.c.ends_at > now)
    mine = open_ones & (staff_links.c.token_hash == _hash(text))
    return connection.execute(select(staff_links).where(mine)).first()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
