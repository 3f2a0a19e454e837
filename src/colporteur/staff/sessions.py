"""Who is signed in: sessions in the database, so that ending one ends it everywhere at once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from colporteur.db.tables.staff import sessions, users
from colporteur.staff.people import Person, person_of

IDLE_FOR = timedelta(hours=12)
LASTS = timedelta(days=14)
_SEEN_NOTED_EVERY = timedelta(minutes=5)
_AGENT_AT_MOST = 200
_TOKEN_AT_MOST = 100


@dataclass(frozen=True)
class Session:
    """Somebody signed in on one browser; ``token_hash`` is what is kept of its cookie."""

    id: int
    user_id: int
    token_hash: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str
    ip: str | None


def begin(
    connection: Connection, person: Person, *, agent: str, ip: str | None, now: datetime
) -> str:
    """Sign somebody in; the text for the browser's cookie, which nothing else keeps."""
    text = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            user_id=person.id,
            token_hash=_hash(text),
            created_at=now,
            seen_at=now,
            ends_at=now + LASTS,
            agent=agent[:_AGENT_AT_MOST],
            ip=ip,
        )
    )
    return text


def signed_in(
    connection: Connection, text: str, now: datetime, *, in_turn: bool = False
) -> tuple[Person, Session] | None:
    """Whose session a cookie's text is; None when it ended, or its holder is disabled.

    ``in_turn``: whoever asks so of the same session meanwhile waits for this transaction's end.
    """
    if not text or len(text) > _TOKEN_AT_MOST:
        return None
    mine = select(sessions).where(sessions.c.token_hash == _hash(text))
    found = connection.execute(mine.with_for_update() if in_turn else mine).first()
    if found is None or found.ends_at <= now or now - found.seen_at > IDLE_FOR:
        return None
    row = connection.execute(
        select(users).where(users.c.id == found.user_id, users.c.disabled_at.is_(None))
    ).first()
    return None if row is None else (person_of(row), Session(*found))


def seen_is_news(session: Session, now: datetime) -> bool:
    """Whether that it is in use should be noted: every few minutes is enough."""
    return now - session.seen_at >= _SEEN_NOTED_EVERY


def note_seen(connection: Connection, session: Session, now: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))


def sessions_of(connection: Connection, person_id: int) -> Sequence[Session]:
    """Where somebody is signed in, the latest first."""
    mine = select(sessions).where(sessions.c.user_id == person_id)
    rows = connection.execute(mine.order_by(sessions.c.seen_at.desc(), sessions.c.id.desc()))
    return [Session(*row) for row in rows]


def end(connection: Connection, session_id: int, person_id: int) -> bool:
    """End one of somebody's sessions; whether there was one."""
    mine = (sessions.c.id == session_id) & (sessions.c.user_id == person_id)
    return connection.execute(delete(sessions).where(mine)).rowcount > 0


def end_of(connection: Connection, text: str) -> None:
    """End the session of a cookie's text, if it is of one."""
    if text and len(text) <= _TOKEN_AT_MOST:
        connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(text)))


def end_all(connection: Connection, person_id: int, *, but: int | None = None) -> int:
    """End all of somebody's sessions, ``but`` perhaps the one they sit at; how many."""
    mine = sessions.c.user_id == person_id
    if but is not None:
        mine &= sessions.c.id != but
    return connection.execute(delete(sessions).where(mine)).rowcount


def ended(now: datetime) -> ColumnElement[bool]:
    """A condition: a session is over."""
    return (sessions.c.ends_at <= now) | (sessions.c.seen_at < now - IDLE_FOR)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
