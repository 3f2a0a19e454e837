"""Reads what an edition could bring, and what its readers get of it by other ways."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from colporteur.db.tables.articles import article_channels, article_versions, articles
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.choosing import Candidate
from colporteur.editions.store import REGULAR, Edition
from colporteur.editions.windows import holds, read_windows

_DATED = func.coalesce(articles.c.dated_at, articles.c.numbered_at, type_=articles.c.dated_at.type)
_CURRENT = and_(
    article_versions.c.article_id == articles.c.id, article_versions.c.version == articles.c.version
)


@dataclass(frozen=True)
class Found:
    """Candidates, and those (ids) that came to the channel after their publication."""

    candidates: tuple[Candidate, ...]
    late: frozenset[int]

    def not_older(self, oldest: datetime) -> "Found":
        """Those that are young enough to be brought."""
        young = tuple(one for one in self.candidates if one.dated_at >= oldest)
        return Found(young, self.late & {one.id for one in young})


def channel_candidates(
    connection: Connection, channel_id: int, language: str, oldest: datetime, upto: int
) -> Found:
    """What a channel could bring: published, in its language, not older, numbered to ``upto``."""
    place = func.coalesce(article_channels.c.number, articles.c.number)
    rows = connection.execute(
        _offered(place, article_channels.c.number.is_not(None).label("late"))
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(
            article_channels.c.channel_id == channel_id,
            article_channels.c.in_digests,
            articles.c.language == language,
            articles.c.in_digests,
            oldest <= _DATED,
            place <= upto,
        )
        .order_by(place)
    ).all()
    found = tuple(Candidate(row.id, row.place, frozenset(row.topics), row.dated) for row in rows)
    return Found(found, frozenset(row.id for row in rows if row.late))


def named_candidates(connection: Connection, ids: Sequence[int]) -> tuple[Candidate, ...]:
    """The articles that a special names, without those that were withdrawn."""
    rows = connection.execute(_offered(articles.c.number).where(articles.c.id.in_(ids))).all()
    return tuple(Candidate(row.id, row.place, frozenset(row.topics), row.dated) for row in rows)


def _offered(
    place: ColumnElement[int], *more: ColumnElement[bool]
) -> Select[tuple[int, int, list[int], datetime]]:
    columns = (
        articles.c.id,
        place.label("place"),
        article_versions.c.topics,
        _DATED.label("dated"),
    )
    return (
        select(*columns, *more)
        .join(article_versions, _CURRENT)
        .where(articles.c.state == "published")
    )


def brought_elsewhere(
    connection: Connection, edition: Edition, found: Found
) -> dict[int, frozenset[int]]:
    """By variant which candidates it brings, so that no reader gets one twice (rule 5).

    The channel's own earlier editions are told by their windows; here they count only for what
    has a new place in the channel since.
    """
    ours = {one.id: one.number for one in found.candidates}
    ways: list[ColumnElement[bool]] = [and_(_other_way(edition), _sharing(ours))]
    if edition.regular and found.late:
        ways.append(and_(~_other_way(edition), _sharing(found.late)))
    rows = connection.execute(
        select(variants.c.id, variants.c.articles, variants.c.windows, editions.c.channel_id)
        .add_columns(editions.c.kind)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(editions.c.id != edition.id, or_(*ways))
    )
    brought: dict[int, frozenset[int]] = {}
    for row in rows:
        shared = ours.keys() & set(row.articles)
        if edition.regular and row.kind == REGULAR and row.channel_id == edition.channel_id:
            windows = read_windows(row.windows)
            shared = {one for one in shared if not holds(windows, ours[one])}
        if shared:
            brought[row.id] = frozenset(shared)
    return brought


def _other_way(edition: Edition) -> ColumnElement[bool]:
    """Editions whose windows are not looked at: other channels' and specials; all for a special."""
    if not edition.regular:
        return editions.c.id != edition.id
    return or_(editions.c.channel_id != edition.channel_id, editions.c.kind != REGULAR)


def _sharing(ids: Iterable[int]) -> ColumnElement[bool]:
    shared = select(edition_articles.c.edition_id).where(edition_articles.c.article_id.in_(ids))
    return editions.c.id.in_(shared)


def numbers_of(candidates: Iterable[Candidate]) -> Mapping[int, int]:
    """Article id to its place."""
    return {one.id: one.number for one in candidates}
