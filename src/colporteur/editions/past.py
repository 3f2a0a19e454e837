"""Editions that have left: what the web and the feeds of editions tell of them.

An edition can be read from the moment its first message was taken, whatever became of it then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from colporteur.articles.article import link_of
from colporteur.db.tables.articles import article_versions, articles
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.addresses import KEY_SHOWN
from colporteur.editions.choosing import Candidate, in_order
from colporteur.editions.store import Edition, of_ids
from colporteur.exceptions import UnknownName

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Line:
    """An article that an edition brought, with the title that it had there."""

    id: int
    version: int
    title: str
    slug: str
    url: str | None

    def link(self, site: str) -> str:
        """Where a person reads it."""
        return link_of(self.url, self.slug, site)


@dataclass(frozen=True)
class Past:
    """An edition that has left; its articles in order, without any that was withdrawn once.

    Of those restored nobody knows who got them: some mails left before they were taken out.
    ``changed_at`` is when it left, or when the last of its articles was withdrawn.
    """

    edition: Edition
    left_at: datetime
    changed_at: datetime
    lines: tuple[Line, ...]

    @property
    def day(self) -> datetime:
        """The moment by which it goes: its slot, or when it was sent."""
        return self.edition.slot or self.left_at

    @property
    def title(self) -> str:
        """Its subject, else its lead's title; empty for a note without one."""
        first = self.lines[0] if self.lines else None
        subject, _ = self.edition.arrangement.words_for(first.id if first else None)
        return subject or (first.title if first else "")


def past_edition(connection: Connection, public_id: str) -> Past:
    """The edition of a public id.

    Raises:
        UnknownName: there is none, or nothing of it has left.
    """
    has_left = (editions.c.public_id == public_id, editions.c.first_left_at.is_not(None))
    found = connection.scalar(select(editions.c.id).where(*has_left))
    if found is None:
        raise UnknownName("There is no such edition.", cure="/archive lists those there are.")
    return _past(connection, [found])[0]


def past_editions(
    connection: Connection, channel_id: int, limit: int, offset: int = 0
) -> list[Past]:
    """The editions of a channel that have left, the newest first."""
    query = (
        select(editions.c.id)
        .where(editions.c.channel_id == channel_id, editions.c.first_left_at.is_not(None))
        .order_by(editions.c.first_left_at.desc(), editions.c.id.desc())
    )
    return _past(connection, connection.scalars(query.limit(limit).offset(offset)).all())


def of_variant(connection: Connection, edition_id: int, shown_key: str) -> frozenset[int]:
    """The articles of the variant whose key begins so.

    Raises:
        UnknownName: the edition has none.
    """
    found = None
    if len(shown_key) == KEY_SHOWN and set(shown_key) <= _HEX:
        mine = (variants.c.edition_id == edition_id, variants.c.key.startswith(shown_key))
        found = connection.scalar(select(variants.c.articles).where(*mine).limit(1))
    if found is None:
        raise UnknownName("The edition was never sent so.", cure="Its own page shows all of it.")
    return frozenset(found)


def _past(connection: Connection, ids: Sequence[int]) -> list[Past]:
    brought: dict[int, list[Any]] = {one: [] for one in ids}
    for row in connection.execute(_brought(ids)):
        brought[row.edition_id].append(row)
    known = of_ids(connection, ids)
    return [_one(known[one], rows) for one, rows in brought.items()]


def _one(edition: Edition, rows: Sequence[Any]) -> Past:
    assert edition.first_left_at is not None
    stayed = [row for row in rows if row.state == "published" and row.taken_out_at is None]
    there = {row.id: row for row in stayed}
    gone = [row.withdrawn_at or row.taken_out_at for row in rows]  # a restored one was taken out
    offered = [Candidate(row.id, row.number, frozenset(), row.dated) for row in there.values()]
    order = [there[one.id] for one in in_order(offered, edition.arrangement)]
    return Past(
        edition,
        edition.first_left_at,
        max([edition.first_left_at, *filter(None, gone)]),
        tuple(Line(row.id, row.version, row.title, row.slug, row.url) for row in order),
    )


def _brought(ids: Collection[int]) -> Select[Any]:
    dated = func.coalesce(
        articles.c.dated_at, articles.c.numbered_at, type_=articles.c.dated_at.type
    )
    then = (article_versions.c.article_id == edition_articles.c.article_id) & (
        article_versions.c.version == edition_articles.c.version
    )
    return (
        select(edition_articles.c.edition_id, articles.c.id, edition_articles.c.version)
        .add_columns(articles.c.slug, articles.c.url, articles.c.state, articles.c.number)
        .add_columns(edition_articles.c.taken_out_at)
        .add_columns(articles.c.withdrawn_at, dated.label("dated"), article_versions.c.title)
        .join(articles, articles.c.id == edition_articles.c.article_id)
        .join(article_versions, then)
        .where(edition_articles.c.edition_id.in_(ids))
    )
