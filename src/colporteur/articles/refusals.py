"""What was not taken in, with the reason, until someone mends it or it is taken after all."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.articles.cleaning import clean_text
from colporteur.db.tables.articles import refusals

_NAME_AT_MOST = 500  # what the columns hold
_TEXT_AT_MOST = 2000


@dataclass(frozen=True)
class Refusal:
    """One article that was refused. ``origin`` is who brought it, ``entry`` which one it was."""

    origin: str
    entry: str
    title: str
    reason: str
    cure: str
    at: datetime


def note(
    connection: Connection,
    origin: str,
    entry: str,
    title: str,
    reason: str,
    cure: str,
    now: datetime,
    *,
    tries: int = 0,
) -> None:
    """Write down a refusal, over an earlier one of the same entry from the same origin.

    Any text is taken, however long and whatever characters it has. ``tries`` is how often it
    was asked for in vain, if it may serve another time.
    """
    values = {
        "key": _key(origin, entry),
        "origin": shown(origin),
        "entry": shown(entry),
        "title": shown(title),
        "reason": shown(reason, _TEXT_AT_MOST),
        "cure": shown(cure, _TEXT_AT_MOST),
        "at": now,
        "tries": tries,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(refusals).values(values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[refusals.c.key], set_=values)
    )


def forget(connection: Connection, origin: str, entry: str) -> bool:
    """Drop the refusal of an entry that was taken after all; whether there was one."""
    gone = delete(refusals).where(refusals.c.key == _key(origin, entry))
    return connection.execute(gone).rowcount > 0


def listing(connection: Connection, limit: int | None = None) -> list[Refusal]:
    """What stands refused, the newest first."""
    columns = [refusals.c[name] for name in Refusal.__dataclass_fields__]
    query = select(*columns).order_by(refusals.c.at.desc(), refusals.c.id.desc()).limit(limit)
    return [Refusal(*row) for row in connection.execute(query)]


def _key(origin: str, entry: str) -> str:
    whole = f"{origin}\0{entry}".encode(errors="backslashreplace")
    return hashlib.sha256(whole).hexdigest()


def shown(text: str, at_most: int = _NAME_AT_MOST) -> str:
    """One line that every database takes; lone surrogates, as names of files have, spelled out."""
    return clean_text(text.encode(errors="backslashreplace").decode())[:at_most]
