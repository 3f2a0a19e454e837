"""Seals anew what the database keeps sealed, when the secret key was changed.

Links need nothing of the kind: they are believed for as long as their key is among the fallbacks.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, select, update

from colporteur.db.tables.staff import users
from colporteur.db.tables.webhooks import webhooks
from colporteur.sealing import seal, unseal
from colporteur.staff import second_factor
from colporteur.webhooks import endpoints


@dataclass(frozen=True)
class Sealed:
    """One kind of what is kept sealed."""

    what: str
    table: Table
    column: "Column[str]"
    purpose: str


KEPT = (
    Sealed("second factors", users, users.c.totp_secret, second_factor.SEALED_FOR),
    Sealed("secrets of webhooks", webhooks, webhooks.c.secret, endpoints.PURPOSE),
)


@dataclass(frozen=True)
class Opened:
    """How many of one kind each key opens, in the keys' order, and how many none does."""

    what: str
    by_key: tuple[int, ...]
    by_none: int


def name_of(key: str) -> str:
    """What a key is told by: the same everywhere, and nothing can be made of it."""
    return hashlib.sha256(f"colporteur.name.{key}".encode()).hexdigest()[:8]


def opened(connection: Connection, keys: Sequence[str]) -> list[Opened]:
    """Which of the keys opens what, by kind."""
    found = []
    for kind in KEPT:
        openers = [_opener(kind, text, keys) for _, text in _rows(connection, kind)]
        by_key = tuple(openers.count(number) for number in range(len(keys)))
        found.append(Opened(kind.what, by_key, openers.count(None)))
    return found


def reseal(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Seal with the first key what another one of them opens; how many, by kind.

    What none opens stays: its key may come back. What changes meanwhile is left alone.
    """
    return {kind.what: _reseal(connection, kind, keys) for kind in KEPT}


def _reseal(connection: Connection, kind: Sealed, keys: Sequence[str]) -> int:
    done = 0
    for number, text in _rows(connection, kind):
        opener = _opener(kind, text, keys)
        if not opener:  # the first opens it, or none does
            continue
        secret = unseal(keys[opener], kind.purpose, text)
        assert secret is not None
        same = kind.table.c.id == number, kind.column == text
        anew = {kind.column.name: seal(keys[0], kind.purpose, secret)}
        done += connection.execute(update(kind.table).where(*same).values(anew)).rowcount
    return done


def _rows(connection: Connection, kind: Sealed) -> Iterator[tuple[int, str]]:
    query = select(kind.table.c.id, kind.column).where(kind.column.is_not(None))
    for number, text in connection.execute(query.order_by(kind.table.c.id)).all():
        yield int(number), str(text)


def _opener(kind: Sealed, text: str, keys: Sequence[str]) -> int | None:
    """The place of the key that opens a text."""
    found = (n for n, key in enumerate(keys) if unseal(key, kind.purpose, text) is not None)
    return next(found, None)
