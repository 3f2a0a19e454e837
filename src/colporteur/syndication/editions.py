"""Feeds of editions: an entry is an edition that has left, and leads to its page on the web."""

import hashlib
import html
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from colporteur.articles.cleaning import clean_text
from colporteur.articles.formats.markdown import note_html
from colporteur.db.tables.publication import channels as channel_table
from colporteur.db.tables.syndication import documents
from colporteur.editions.addresses import page_path
from colporteur.editions.past import Past, past_editions
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision
from colporteur.syndication.checking import apart, keep_back, let_through
from colporteur.syndication.documents import store
from colporteur.syndication.feed import FORMATS, Entry, Head, head, in_its_direction
from colporteur.syndication.fragments import Format
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.lint import lint_fragment, lint_head
from colporteur.syndication.scopes import EDITIONS_LIMIT, editions_scope
from colporteur.syndication.xml import ATOM, RSS
from colporteur.templating import Templates

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


def build_editions(
    connection: Connection,
    revision: Revision,
    names: Ids,
    templates: Templates,
    site: str,
    now: datetime,
) -> list[str]:
    """Build the feeds of editions that are not stored as they should be; the paths written.

    A channel has them from its first edition on.
    """
    publication, written = revision.publication, list[str]()
    known = {row.id: row for row in connection.execute(select(channel_table))}
    for channel in publication.channels:
        row = known[names.channels[channel.slug]]
        past = past_editions(connection, row.id, EDITIONS_LIMIT)
        if not past:
            continue
        words = templates.catalogue(channel.language)
        scope = editions_scope(publication, channel, words.gettext("Editions"))
        feed_id = f"{row.feed_id}:editions"
        entries = [_entry(one, channel, site, feed_id) for one in past]
        changed = [row.restated_at or _LONG_AGO, *(one.updated for one in entries)]
        top = head(scope, publication, site, feed_id, max(changed))
        with apart(connection, scope.path):
            written += _store(connection, top, entries, now)
    return written


def _entry(past: Past, channel: Channel, site: str, feed_id: str) -> Entry:
    titles = " · ".join(one.title for one in past.lines)
    intro = past.edition.arrangement.intro
    return in_its_direction(
        Entry(
            id=f"{feed_id}:{past.edition.public_id}",
            link=site + page_path(past.edition.public_id),
            title=clean_text(past.title) or channel.title,
            teaser=titles,
            content=note_html(intro) + _contents(past, site),
            language=channel.language,
            authors=(),
            categories=(),
            scheme="",
            image=None,
            published=past.left_at.replace(microsecond=0),
            # Two entries must not bear one date; the edition's number tells them apart.
            updated=past.changed_at.replace(microsecond=past.edition.id % 1_000_000),
        )
    )


def _contents(past: Past, site: str) -> str:
    """The titles as a list of links."""
    lines = (
        f'<li><a href="{html.escape(one.link(site))}">{html.escape(one.title)}</a></li>'
        for one in past.lines
    )
    listed = "".join(lines)
    return f"<ul>{listed}</ul>" if listed else ""


def _store(connection: Connection, top: Head, entries: Sequence[Entry], now: datetime) -> list[str]:
    key = hashlib.sha256(repr((top, entries)).encode()).hexdigest()
    kept = select(documents.c.path, documents.c.made_from).where(
        documents.c.path.startswith(f"{top.path}.", autoescape=True), documents.c.address != ""
    )
    known = {row.path: row.made_from for row in connection.execute(kept)}
    written = []
    formats: tuple[Format, ...] = (RSS, ATOM, JSON)
    for one in formats:
        path = f"{top.path}.{one.suffix}"
        if known.get(path) == key:
            continue
        body = _join(connection, one, top, entries, path, now)
        kind = FORMATS[one.suffix]
        if body is not None and store(connection, path, kind, body, now, made_from=key):
            written.append(path)
    return written


def _join(
    connection: Connection,
    written: Format,
    top: Head,
    entries: Sequence[Entry],
    path: str,
    now: datetime,
) -> bytes | None:
    """The document; None if it breaks a rule, which is noted: what was there is served on."""
    parts = [written.fragment(one, top) for one in entries]
    found: list[Any] = lint_head(
        written.join(top, ()), written.suffix, feed_url=top.url(written.suffix)
    )
    for part in parts:
        found += lint_fragment(part, written.suffix)
    faults = [one for one in found if not one.warning]
    if faults:
        for line in keep_back(connection, path, {0: faults}, now):
            _log.error("%s is served as it was. %s", path, line)
        return None
    let_through(connection, path)
    return written.join(top, parts)
