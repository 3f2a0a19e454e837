"""Builds and stores documents: a feed's bytes with their codings and validators."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import brotli
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.articles.store import topic_slugs
from colporteur.db.tables.articles import sequences
from colporteur.db.tables.publication import channels as channel_table
from colporteur.db.tables.syndication import documents
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, publication_feed_id
from colporteur.publication.revisions import Revision
from colporteur.syndication.feed import FORMATS, head
from colporteur.syndication.fragments import Format, Shape, fragments, newest_listed
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.opml import write_opml
from colporteur.syndication.scopes import Scope, channel_scope, scopes
from colporteur.syndication.xml import ATOM, RSS
from colporteur.templating import Templates

OPML_PATH = "feeds.opml"
_BROTLI_QUALITY = 5  # 7 ms for 500 entries; 11 takes 130 times as long for a tenth less
WRITERS: tuple[Format, ...] = (RSS, ATOM, JSON)


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


_COLUMNS = [documents.c[name] for name in Document.__dataclass_fields__]


def document(connection: Connection, path: str) -> Document | None:
    """The document at a path such as ``feeds/actualites.rss``, or None."""
    row = connection.execute(select(*_COLUMNS).where(documents.c.path == path)).first()
    return Document(*row) if row else None


def written_since(connection: Connection, serial: int) -> tuple[list[Document], int]:
    """The documents written after a serial, and the highest serial there is."""
    query = select(*_COLUMNS, documents.c.serial).where(documents.c.serial > serial)
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
    connection: Connection,
    revision: Revision,
    names: Ids,
    templates: Templates,
    site: str,
    now: datetime,
) -> list[str]:
    """Build the feeds of channels that changed since they were built; the paths written."""
    here = channel_table.c.removed_at.is_(None)
    query = select(channel_table).where(_STALE, here).with_for_update()
    rows = connection.execute(query).all()
    if not rows:
        return []
    known = {row.id: row.feed_id for row in connection.execute(select(channel_table))}
    built = {row.id for row in rows}
    source = _Source(revision, topic_slugs(connection), site, _retractions(revision, templates))
    written: list[str] = []
    for scope in scopes(revision.publication):
        channel_id = names.channels[scope.channel] if scope.channel else None
        if channel_id is None or channel_id in built:
            feed_id = known[channel_id] if channel_id else publication_feed_id(connection)
            place = _Place(scope, channel_id, names, feed_id)
            written += _build(connection, source, place, now)
    _forget_vanished(connection, revision.publication)
    for row in rows:
        done = update(channel_table).where(channel_table.c.id == row.id)
        connection.execute(done.values(built=row.changes))
    return written + _store_opml(connection, revision, site, now)


def touch_all(connection: Connection) -> None:
    """Have every feed built anew: the publication or the site's address changed."""
    connection.execute(update(channel_table).values(changes=channel_table.c.changes + 1))


@dataclass(frozen=True)
class _Place:
    """A scope with the ids that its feed is made with."""

    scope: Scope
    channel_id: int | None
    names: Ids
    channel_feed_id: str

    @property
    def topic_id(self) -> int | None:
        return self.names.topics[self.scope.topic] if self.scope.topic else None

    @property
    def feed_id(self) -> str:
        """The feed's own ``tag:`` URI: a topic's is its channel's with its lasting number."""
        return self.channel_feed_id + (f":topic:{self.topic_id}" if self.topic_id else "")


@dataclass(frozen=True)
class _Source:
    """What all feeds of one build are made from."""

    revision: Revision
    topics: Mapping[int, str]
    site: str
    retractions: Mapping[str, str]


def _retractions(revision: Revision, templates: Templates) -> dict[str, str]:
    """What the entry of a withdrawn article says, in each of the publication's languages."""
    return {
        tag: templates.catalogue(tag).gettext("This article has been withdrawn.")
        for tag in revision.publication.languages
    }


def _build(connection: Connection, source: _Source, place: _Place, now: datetime) -> list[str]:
    publication, scope, site = source.revision.publication, place.scope, source.site
    listed = newest_listed(connection, scope.limit, place.channel_id, place.topic_id)
    updated = max((one.changed_at for one in listed), default=source.revision.made_at)
    top = head(scope, publication, site, place.feed_id, updated)
    full_text = _full_text(publication, scope)
    shape = Shape(publication, source.topics, site, full_text, source.retractions)
    written = []
    for one in WRITERS:
        body = one.join(top, fragments(connection, listed, one, shape, top))
        path = f"{scope.path}.{one.suffix}"
        written.append(_store(connection, path, FORMATS[one.suffix], body, now))
    return [path for path in written if path]


def _forget_vanished(connection: Connection, publication: Publication) -> None:
    """Drop the documents of feeds that the publication has no more."""
    kept = [f"{scope.path}.{one.suffix}" for scope in scopes(publication) for one in WRITERS]
    connection.execute(delete(documents).where(documents.c.path.not_in([*kept, OPML_PATH])))


def _full_text(publication: Publication, scope: Scope) -> bool:
    """Whole texts where the channel says so; of everything, only if every channel does."""
    concerned = [one for one in publication.channels if scope.channel in {None, one.slug}]
    return all(one.feed.full_text for one in concerned)


def _store_opml(connection: Connection, revision: Revision, site: str, now: datetime) -> list[str]:
    publication, since = revision.publication, revision.made_at
    outlines = [
        head(channel_scope(publication, channel), publication, site, "", since)
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
