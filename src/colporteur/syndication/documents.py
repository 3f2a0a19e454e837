"""Stores documents: a feed's bytes with their codings and validators, and reads them back."""

import gzip
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import brotli
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.articles import sequences
from colporteur.db.tables.publication import channels
from colporteur.db.tables.syndication import documents

OPML_PATH = "feeds.opml"
_BROTLI_QUALITY = 5  # 7 ms for 500 entries; 11 takes 130 times as long for a tenth less


@dataclass(frozen=True)
class Document:
    """What is served at an address: the bytes in each coding, and their validators.

    ``path`` is its lasting name. ``address`` differs for an archive page that is full, and is
    empty for a document that has been taken away.
    """

    path: str
    address: str
    content_type: str
    body: bytes
    body_gzip: bytes
    body_br: bytes
    etag: str
    last_modified: datetime


@dataclass(frozen=True)
class Servable:
    """What a web process needs of a document; the plain bytes' ``size`` in place of them."""

    path: str
    address: str
    content_type: str
    size: int
    body_gzip: bytes
    body_br: bytes
    etag: str
    last_modified: datetime

    @property
    def lasting(self) -> bool:
        """Whether these bytes stay at this address for ever."""
        return self.address not in {self.path, ""}

    @property
    def of_the_past(self) -> bool:
        """Whether it is an archive page."""
        return "/archive/" in self.path


_COLUMNS = [documents.c[name] for name in Document.__dataclass_fields__]
_SERVED = [
    func.length(documents.c.body).label(name) if name == "size" else documents.c[name]
    for name in Servable.__dataclass_fields__
]
_THERE = documents.c.address != ""


def document(connection: Connection, path: str) -> Document | None:
    """The document of a path such as ``feeds/actualites.rss``, or None."""
    row = connection.execute(select(*_COLUMNS).where(documents.c.path == path, _THERE)).first()
    return Document(*row) if row else None


def written_since(connection: Connection, serial: int) -> tuple[list[Servable], int]:
    """The documents written or taken away after a serial, and the highest serial there is."""
    query = select(*_SERVED, documents.c.serial).where(documents.c.serial > serial)
    rows = connection.execute(query.order_by(documents.c.serial)).all()
    return [Servable(*row[:-1]) for row in rows], rows[-1].serial if rows else serial


def paths(connection: Connection) -> list[str]:
    """The paths of all stored documents."""
    query = select(documents.c.path).where(_THERE)
    return list(connection.scalars(query.order_by(documents.c.path)))


def made_from(connection: Connection, feed_path: str) -> dict[str, str]:
    """What each archive document of a feed was made from, by its path."""
    query = select(documents.c.path, documents.c.made_from).where(
        _THERE, documents.c.path.startswith(f"{feed_path}/archive/", autoescape=True)
    )
    return {row.path: row.made_from for row in connection.execute(query)}


STALE = channels.c.built < channels.c.changes


def stale(connection: Connection) -> bool:
    """Whether any channel changed since its feeds were built."""
    query = select(channels.c.id).where(STALE, channels.c.removed_at.is_(None))
    return connection.scalar(query.limit(1)) is not None


def touch_all(connection: Connection) -> None:
    """Have every feed built anew: the publication or the site's address changed."""
    connection.execute(update(channels).values(changes=channels.c.changes + 1))


def store(
    connection: Connection,
    path: str,
    kind: str,
    body: bytes,
    now: datetime,
    *,
    address: str = "",
    made_from: str = "",
) -> bool:
    """Store the bytes where they differ from what is there; whether they do."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    address = address or path
    before = connection.execute(
        select(documents.c.etag, documents.c.last_modified, documents.c.address).where(
            documents.c.path == path
        )
    ).first()
    if before and (before.etag, before.address) == (etag, address):
        return False
    moment = now.replace(microsecond=0)
    if before and moment <= before.last_modified:  # it must move whenever the ETag does
        moment = before.last_modified + timedelta(seconds=1)
    values = {
        "path": path,
        "address": address,
        "made_from": made_from,
        "content_type": f"{kind}; charset=utf-8",
        "body": body,
        "body_gzip": gzip.compress(body, 6, mtime=0),
        "body_br": brotli.compress(body, quality=_BROTLI_QUALITY),
        "etag": etag,
        "last_modified": moment,
        "serial": next_serial(connection),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(documents).values(values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[documents.c.path], set_=values)
    )
    return True


def take_away(connection: Connection, gone: Collection[str]) -> None:
    """Serve these paths no longer; their rows tell every process so."""
    there = select(documents.c.path).where(documents.c.path.in_(gone), _THERE)
    for path in connection.scalars(there).all():
        empty = {"address": "", "made_from": "", "body": b"", "body_gzip": b"", "body_br": b""}
        emptied = update(documents).where(documents.c.path == path)
        serial = next_serial(connection)
        connection.execute(emptied.values(**empty, etag="", serial=serial))


def next_serial(connection: Connection) -> int:
    """The next serial; its row is locked until commit, so none appears below one seen."""
    bump = update(sequences).where(sequences.c.name == "documents")
    return int(
        connection.execute(
            bump.values(value=sequences.c.value + 1).returning(sequences.c.value)
        ).scalar_one()
    )
