"""Builds and stores documents: a feed's bytes with their codings and validators."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import brotli
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.articles.store import newest, topic_slugs
from colporteur.db.tables.articles import sequences
from colporteur.db.tables.publication import channels as channel_table
from colporteur.db.tables.syndication import documents
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision
from colporteur.syndication.feed import FORMATS, Feed, channel_feed
from colporteur.syndication.jsonfeed import write_json
from colporteur.syndication.opml import write_opml
from colporteur.syndication.xml import write_atom, write_rss

OPML_PATH = "feeds.opml"
_BROTLI_QUALITY = 5  # 7 ms for 500 entries; 11 takes 130 times as long for a tenth less
WRITERS: Mapping[str, Callable[[Feed], bytes]] = {
    "rss": write_rss,
    "atom": write_atom,
    "json": write_json,
}


@dataclass(frozen=True)
class Document:
    """What is served at a path: the bytes in each coding, and their validators."""

    path: str
    content_type: str
    body: bytes
    body_gzip: bytes
    body_br: bytes
    etag: str
    last_modified: datetime


def document(connection: Connection, path: str) -> Document | None:
    """The document at a path such as ``feeds/actualites.rss``, or None."""
    columns = [column for column in documents.c if column.name != "serial"]
    row = connection.execute(select(*columns).where(documents.c.path == path)).first()
    return Document(*row) if row else None


def written_since(connection: Connection, serial: int) -> tuple[list[Document], int]:
    """The documents written after a serial, and the highest serial there is."""
    columns = [column for column in documents.c if column.name != "serial"]
    query = select(*columns, documents.c.serial).where(documents.c.serial > serial)
    rows = connection.execute(query.order_by(documents.c.serial)).all()
    return [Document(*row[:-1]) for row in rows], rows[-1].serial if rows else serial


def paths(connection: Connection) -> list[str]:
    """The paths of all stored documents."""
    return list(connection.scalars(select(documents.c.path).order_by(documents.c.path)))


_STALE = channel_table.c.built < channel_table.c.changes


def stale(connection: Connection) -> bool:
    """Whether any channel changed since its feeds were built."""
    query = select(channel_table.c.id).where(_STALE, channel_table.c.removed_at.is_(None))
    return connection.scalar(query.limit(1)) is not None


def build_stale(
    connection: Connection, revision: Revision, names: Ids, site: str, now: datetime
) -> list[str]:
    """Build the feeds of channels that changed since they were built; the paths written."""
    rows = connection.execute(select(channel_table).where(_STALE).with_for_update()).all()
    if not rows:
        return []
    slugs = {names.channels[one.slug]: one for one in revision.publication.channels}
    topics = topic_slugs(connection)
    written = []
    for row in rows:
        if channel := slugs.get(row.id):
            articles = newest(connection, row.id, channel.feed.limit)
            feed = channel_feed(
                revision.publication,
                channel,
                articles,
                topics,
                site,
                feed_id=row.feed_id,
                since=revision.made_at,
            )
            written += _store_formats(connection, feed, now)
            connection.execute(
                update(channel_table).where(channel_table.c.id == row.id).values(built=row.changes)
            )
    written += _store_opml(connection, revision, site, now)
    return written


def touch_all(connection: Connection) -> None:
    """Have every feed built anew: the publication or the site's address changed."""
    connection.execute(update(channel_table).values(changes=channel_table.c.changes + 1))


def _store_formats(connection: Connection, feed: Feed, now: datetime) -> list[str]:
    written = [
        _store(connection, f"{feed.path}.{suffix}", FORMATS[suffix], writer(feed), now)
        for suffix, writer in WRITERS.items()
    ]
    return [path for path in written if path]


def _store_opml(connection: Connection, revision: Revision, site: str, now: datetime) -> list[str]:
    publication, since = revision.publication, revision.made_at
    outlines = [
        channel_feed(publication, channel, (), {}, site, feed_id="", since=since)
        for channel in publication.channels
    ]
    opml = write_opml(publication.title, outlines)
    return [path] if (path := _store(connection, OPML_PATH, "text/x-opml", opml, now)) else []


def next_serial(connection: Connection) -> int:
    """The next serial; its row is locked until commit, so none appears below one seen."""
    bump = update(sequences).where(sequences.c.name == "documents")
    return int(
        connection.execute(
            bump.values(value=sequences.c.value + 1).returning(sequences.c.value)
        ).scalar_one()
    )


def _store(connection: Connection, path: str, kind: str, body: bytes, now: datetime) -> str:
    """Store the bytes where they differ from what is there; the path if they do, else ""."""
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    before = connection.execute(
        select(documents.c.etag, documents.c.last_modified).where(documents.c.path == path)
    ).first()
    if before and before.etag == etag:
        return ""
    moment = now.replace(microsecond=0)
    if before and moment <= before.last_modified:  # it must move whenever the ETag does
        moment = before.last_modified + timedelta(seconds=1)
    values = {
        "path": path,
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
    return path
