"""Builds the feeds of channels that changed, from kept entries, with the pages of their past."""

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from colporteur.articles.store import topic_slugs
from colporteur.db.tables.publication import channels as channel_table
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, publication_feed_id
from colporteur.publication.revisions import Revision
from colporteur.syndication import listing
from colporteur.syndication.archives import Page, cut
from colporteur.syndication.checking import apart, keep_back, let_through
from colporteur.syndication.documents import (
    OPML_PATH,
    STALE,
    made_from,
    paths,
    stale,
    store,
    take_away,
)
from colporteur.syndication.editions import build_editions
from colporteur.syndication.feed import FORMATS, Head, History, Listed, head
from colporteur.syndication.fragments import Format, Shape, forget_shapes, fragments
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.lint import lint_head
from colporteur.syndication.opml import write_opml
from colporteur.syndication.scopes import Scope, channel_scope, editions_path, scopes
from colporteur.syndication.xml import ATOM, RSS
from colporteur.templating import Templates

WRITERS: tuple[Format, ...] = (RSS, ATOM, JSON)
_log = logging.getLogger(__name__)
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def build_stale(
    connection: Connection,
    revision: Revision,
    names: Ids,
    templates: Templates,
    site: str,
    now: datetime,
    at_most: int | None = None,
) -> list[str]:
    """Build the feeds of channels that changed since they were built; the paths written.

    With ``at_most`` so many channels, for who builds them group by group; the feed of everything
    and the list of all feeds are built with the last.
    """
    rows = lock_stale(connection, at_most)
    if not rows:
        return []
    feeds = _feeds(connection, revision, names, templates, site)
    written = _build_those(connection, feeds, {row.id for row in rows}, now)
    for row in rows:
        done = update(channel_table).where(channel_table.c.id == row.id)
        connection.execute(done.values(built=row.changes))
    if stale(connection):
        return written
    written += _build_those(connection, feeds, {None}, now)
    written += build_editions(connection, revision, names, templates, site, now)
    _forget_vanished(connection, revision.publication)
    if len(rows) > 1:  # as when what entries depend on has changed
        forget_shapes(connection, {feed.shape.key for feed in feeds})
    return written + _store_opml(connection, revision, site, now)


def lock_stale(connection: Connection, at_most: int | None = None) -> Sequence[Any]:
    """The channels to be built, locked until commit.

    Who reads the publication after it reads the one that these changes belong to: a change of
    the publication touches the same rows.
    """
    here = channel_table.c.removed_at.is_(None)
    query = select(channel_table).where(STALE, here).order_by(channel_table.c.id).limit(at_most)
    return connection.execute(query.with_for_update()).all()


@dataclass(frozen=True)
class _Feed:
    """A scope with its ids, and what its entries and head are written with."""

    scope: Scope
    channel_id: int | None
    topic_id: int | None
    head: Head  # dated by what the feed says of itself; entries may be newer
    shape: Shape

    def key(self) -> str:
        """Equal for feeds whose entries and heads are written alike."""
        lasting = repr(replace(self.head, updated=_NO_DATE))
        return hashlib.sha256(f"{lasting}{self.shape.key}".encode()).hexdigest()


def _feeds(
    connection: Connection, revision: Revision, names: Ids, templates: Templates, site: str
) -> list[_Feed]:
    publication = revision.publication
    known = {row.id: row for row in connection.execute(select(channel_table))}
    everything = publication_feed_id(connection)
    restated = [known[names.channels[one.slug]].restated_at for one in publication.channels]
    newest = max((one for one in restated if one), default=revision.made_at)
    topics, words = topic_slugs(connection), retractions(publication, templates)
    found = []
    for scope in scopes(publication):
        channel_id = names.channels[scope.channel] if scope.channel else None
        topic_id = names.topics[scope.topic] if scope.topic else None
        row = known[channel_id] if channel_id else None
        # A topic's own tag: URI is its channel's with its lasting number.
        feed_id = (row.feed_id if row else everything) + (f":topic:{topic_id}" if topic_id else "")
        since = (row.restated_at if row else None) or newest
        top = head(scope, publication, site, feed_id, since)
        shape = Shape(publication, topics, site, _full_text(publication, scope), words)
        found.append(_Feed(scope, channel_id, topic_id, top, shape))
    return found


def retractions(publication: Publication, templates: Templates) -> Mapping[str, str]:
    """What the entry of a withdrawn article says, in each of the publication's languages."""
    return {
        tag: templates.catalogue(tag).gettext("This article has been withdrawn.")
        for tag in publication.languages
    }


def _build_those(
    connection: Connection,
    feeds: Sequence[_Feed],
    channel_ids: Collection[int | None],
    now: datetime,
) -> list[str]:
    """Build the feeds of these channels; what goes wrong with one stops no other."""
    written: list[str] = []
    for feed in feeds:
        if feed.channel_id not in channel_ids:
            continue
        with apart(connection, feed.scope.path):
            written += _build(connection, feed, now)
    return written


def _build(connection: Connection, feed: _Feed, now: datetime) -> list[str]:
    newest = listing.newest(connection, feed.scope.limit, feed.channel_id, feed.topic_id)
    pages = _archive(connection, feed, len(newest))
    written = _build_archive(connection, feed, pages, now)
    updated = max([feed.head.updated, *(one.changed_at for one in newest)])
    history = History(previous=pages[-1].path if pages else None)
    top = replace(feed.head, updated=updated, history=history)
    for one in WRITERS:
        path = f"{feed.scope.path}.{one.suffix}"
        body = _join(connection, feed, one, top, newest, path, now)
        if body is not None and store(connection, path, FORMATS[one.suffix], body, now):
            written.append(path)
    return written


def _archive(connection: Connection, feed: _Feed, shown: int) -> list[Page]:
    """The pages of a feed's past; none while the feed itself holds everything."""
    place = (feed.channel_id, feed.topic_id)
    if listing.how_many(connection, *place) <= shown:
        return []
    return cut(feed.scope.path, listing.ever(connection, *place), feed.key())


def _build_archive(
    connection: Connection, feed: _Feed, pages: Sequence[Page], now: datetime
) -> list[str]:
    """Write the pages that are not stored as they should be, and take away the others."""
    known = made_from(connection, feed.scope.path)
    wanted = {f"{page.path}.{one.suffix}": page.key for page in pages for one in WRITERS}
    take_away(connection, known.keys() - wanted.keys())
    written = []
    for page in pages:
        history = History(page.previous, page.next, archived=True)
        updated = max(one.changed_at for one in page.listed)
        top = replace(feed.head, updated=updated, address=page.address, history=history)
        for one in WRITERS:
            path = f"{page.path}.{one.suffix}"
            if known.get(path) == page.key:
                continue
            body = _join(connection, feed, one, top, page.listed, path, now)
            address = f"{page.address}.{one.suffix}"
            kind = FORMATS[one.suffix]
            if body is None:
                continue
            if store(connection, path, kind, body, now, address=address, made_from=page.key):
                written.append(path)
    return written


def _join(
    connection: Connection,
    feed: _Feed,
    written: Format,
    top: Head,
    listed: Sequence[Listed],
    path: str,
    now: datetime,
) -> bytes | None:
    """The document; None if it breaks a rule, which is noted: what was there is served on."""
    parts = fragments(connection, listed, written, feed.shape, top)
    shell = written.join(top, ())
    of_feed = lint_head(shell, written.suffix, feed_url=top.url(written.suffix))
    faults = {0: [one for one in of_feed if not one.warning]}
    faults |= {one.article_id: list(one.faults) for one in parts}
    broken = {number: found for number, found in faults.items() if found}
    if broken:
        for line in keep_back(connection, path, broken, now):
            _log.error("%s is served as it was. %s", path, line)
        return None
    let_through(connection, path)
    return written.join(top, (one.body for one in parts))


def _forget_vanished(connection: Connection, publication: Publication) -> None:
    """Take away the documents of feeds that the publication has no more."""
    feeds = {scope.path for scope in scopes(publication)}
    feeds |= {editions_path(one.slug) for one in publication.channels}
    kept = {f"{feed}.{one.suffix}" for feed in feeds for one in WRITERS} | {OPML_PATH}
    gone = [
        path
        for path in paths(connection)
        if path not in kept and path.partition("/archive/")[0] not in feeds
    ]
    if gone:
        take_away(connection, gone)


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
    return [OPML_PATH] if store(connection, OPML_PATH, "text/x-opml", opml, now) else []
