"""Pictures as rows: noted with the article that shows them, fetched when due, told to pages."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from colporteur.articles.article import Article
from colporteur.articles.cleaning import clean_text
from colporteur.articles.matching import url_key
from colporteur.articles.pictures.copying import Copied, Measured
from colporteur.articles.pictures.sizes import (
    KEPT,
    REFUSED,
    TRIES,
    WAITING,
    Known,
    Size,
    wait_after,
)
from colporteur.db.tables.articles import picture_copies, pictures

RING_AGAIN_AFTER = timedelta(seconds=10)
AT_ONCE = 2


@dataclass(frozen=True)
class Due:
    """A picture to fetch now, for the ``tries``-th time."""

    id: int
    url: str
    tries: int


@dataclass(frozen=True)
class Stored:
    """A copy as it is served."""

    type: str
    body: bytes


def note(connection: Connection, url: str, now: datetime) -> None:
    """Have the picture at an address fetched, if it is new.

    Intakes take turns, so that no two note one at the same moment.
    """
    key = url_key(url)
    if connection.scalar(select(pictures.c.id).where(pictures.c.url_key == key)) is None:
        fresh = {"url_key": key, "url": url, "state": WAITING, "due_at": now}
        connection.execute(insert(pictures).values(fresh))


def ring_due(connection: Connection, now: datetime) -> list[int]:
    """The pictures to fetch now, those of the newest articles first; noted as rung for."""
    lately = now - RING_AGAIN_AFTER
    waiting = (
        select(pictures.c.id)
        .where(pictures.c.due_at <= now)
        .where(or_(pictures.c.rung_at.is_(None), pictures.c.rung_at < lately))
        .order_by(pictures.c.tries, pictures.c.id.desc())
    )
    found = list(connection.scalars(waiting.limit(AT_ONCE)))
    if found:
        connection.execute(update(pictures).where(pictures.c.id.in_(found)).values(rung_at=now))
    return found


def take(connection: Connection, picture_id: int, now: datetime) -> Due | None:
    """Take a picture that is due; None if another has it.

    It is due again after its wait, whatever becomes of us.
    """
    row = connection.execute(
        update(pictures)
        .where(pictures.c.id == picture_id, pictures.c.due_at <= now)
        .values(tries=pictures.c.tries + 1, due_at=now + wait_after(1))
        .returning(pictures.c.id, pictures.c.url, pictures.c.tries)
    ).first()
    if row is None:
        return None
    if row.tries > TRIES:  # each time whoever had it died of it
        refuse(connection, picture_id, "It could not be read in time.")
        return None
    if row.tries > 1:
        waits = update(pictures).where(pictures.c.id == picture_id)
        connection.execute(waits.values(due_at=now + wait_after(row.tries)))
    return Due(*row)


def keep_own(
    connection: Connection, mark: str, copied: Sequence[Copied], site: str, now: datetime
) -> str:
    """Store a picture that nobody else has, by its copies; the address of the largest.

    ``mark`` tells it from all others; where it is kept already nothing is written.
    """
    url = f"{site}/images/{_name(mark, copied[-1])}"
    note(connection, url, now)
    known = select(pictures.c.id, pictures.c.state).where(pictures.c.url_key == url_key(url))
    row = connection.execute(known).one()
    if row.state != KEPT:
        largest = copied[-1]
        found = Measured(largest.width, largest.height, largest.type, len(largest.body))
        _write(connection, row.id, found, _rows(row.id, mark, copied), now)
    return url


def keep(
    connection: Connection, due: Due, found: Measured, copied: Sequence[Copied], now: datetime
) -> None:
    """Store what a picture is, and its copies."""
    _write(connection, due.id, found, _rows(due.id, due.url, copied), now)


def refuse(connection: Connection, picture_id: int, problem: str) -> None:
    """Show a picture nowhere."""
    values = {"state": REFUSED, "problem": clean_text(problem), "due_at": None}
    connection.execute(update(pictures).where(pictures.c.id == picture_id).values(values))


def put_off(connection: Connection, due: Due, problem: str) -> None:
    """Have a picture tried again after its wait; for the last time it is refused."""
    if due.tries >= TRIES:
        refuse(connection, due.id, problem)
    else:
        said = update(pictures).where(pictures.c.id == due.id)
        connection.execute(said.values(problem=clean_text(problem)))


def known(connection: Connection, urls: Collection[str]) -> Mapping[str, Known]:
    """What is known of the pictures at these addresses."""
    keys = {url_key(url): url for url in urls}
    rows = connection.execute(select(pictures).where(pictures.c.url_key.in_(keys))).all()
    copied: dict[int, list[Size]] = {row.id: [] for row in rows}
    columns = [picture_copies.c[name] for name in ("picture_id", "name", "width", "height")]
    mine = select(*columns).where(picture_copies.c.picture_id.in_(copied))
    for one in connection.execute(mine.order_by(picture_copies.c.width)):
        copied[one.picture_id].append(Size(f"/images/{one.name}", one.width, one.height))
    return {
        keys[row.url_key]: Known(row.state, row.width, row.height, tuple(copied[row.id]))
        for row in rows
    }


def of_articles(connection: Connection, found: Iterable[Article]) -> Mapping[str, Known]:
    """What is known of the pictures of articles, by their addresses."""
    urls = {one.image.url for one in found if one.image}
    return known(connection, urls) if urls else {}


def copy_named(connection: Connection, name: str) -> Stored | None:
    """The copy of a name, or None."""
    wanted = select(picture_copies.c.type, picture_copies.c.bytes)
    row: Any = connection.execute(wanted.where(picture_copies.c.name == name)).first()
    return Stored(row.type, bytes(row.bytes)) if row else None


def _write(
    connection: Connection,
    picture_id: int,
    found: Measured,
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
) -> None:
    measured = {name: getattr(found, name) for name in Measured.__dataclass_fields__}
    connection.execute(
        update(pictures)
        .where(pictures.c.id == picture_id)
        .values(**measured, state=KEPT, problem="", due_at=None, fetched_at=now)
    )
    connection.execute(delete(picture_copies).where(picture_copies.c.picture_id == picture_id))
    if rows:
        connection.execute(insert(picture_copies), rows)


def _rows(picture_id: int, mark: str, copied: Sequence[Copied]) -> list[dict[str, Any]]:
    return [
        {
            "name": _name(mark, one),
            "picture_id": picture_id,
            "width": one.width,
            "height": one.height,
            "type": one.type,
            "bytes": one.body,
        }
        for one in copied
    ]


def _name(mark: str, one: Copied) -> str:
    """A name for these bytes of this picture, by its address or another mark, for ever."""
    hashed = hashlib.sha256(f"{mark}\n".encode() + one.body).hexdigest()[:32]
    return f"{hashed}-{one.width}.{one.suffix}"
