"""What people and their programs changed: one row each, in the transaction of the change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from colporteur.db.tables.staff import audit
from colporteur.staff.people import Person

_SUBJECT_AT_MOST = 200
_TEXT_AT_MOST = 500


@dataclass(frozen=True)
class Noted:
    """Something that was done: by whom, when, to what (``article:4711``)."""

    id: int
    at: datetime
    by: str
    action: str
    subject: str
    detail: dict[str, Any]


def note(
    connection: Connection,
    person: Person | str,
    action: str,
    subject: str,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """Note that somebody did something. Long texts are cut: it is a log, no archive.

    A text names who is nobody of the newsroom, such as the command line.
    """
    named = {"user_id": None, "by": person} if isinstance(person, str) else _named(person)
    connection.execute(
        insert(audit).values(
            at=now,
            **named,
            action=action,
            subject=subject[:_SUBJECT_AT_MOST],
            detail={name: _short(value) for name, value in detail.items()},
        )
    )


def noted(
    connection: Connection,
    *,
    limit: int,
    before: int | None = None,
    subject: str | None = None,
    by: str | None = None,
    action: str | None = None,
    families: Sequence[str] = (),
) -> Sequence[Noted]:
    """What was noted, the newest first; ``before`` is an id, ``families`` are actions' first words."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if by is not None:
        query = query.where(audit.c.by == by)
    if action is not None:
        query = query.where(audit.c.action == action)
    if families:
        of = [audit.c.action.startswith(f"{one}.", autoescape=True) for one in families]
        query = query.where(or_(*of))
    return [
        Noted(row.id, row.at, row.by, row.action, row.subject, row.detail)
        for row in connection.execute(query)
    ]


def who_did(connection: Connection) -> Sequence[str]:
    """Everybody who is named in it, in order."""
    found = connection.scalars(select(audit.c.by).distinct().order_by(audit.c.by))
    return [str(one) for one in found]


def _named(person: Person) -> dict[str, Any]:
    return {"user_id": person.id, "by": person.address}


def _short(value: Any) -> Any:
    return value[:_TEXT_AT_MOST] if isinstance(value, str) else value
