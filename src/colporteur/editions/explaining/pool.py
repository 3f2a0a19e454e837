"""The articles that an edition could have brought, as they were when it was frozen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from colporteur.db.tables.articles import article_channels, article_versions, articles
from colporteur.db.tables.editions import edition_articles
from colporteur.editions.choosing import Candidate
from colporteur.editions.explaining.reasons import Rule
from colporteur.editions.store import Edition
from colporteur.publication import Channel


@dataclass(frozen=True)
class Pooled:
    """An article, and the rule that keeps it from everybody, if one does.

    ``late``: it came to the channel after its publication.
    """

    candidate: Candidate
    slug: str
    title: str
    late: bool
    barred: Rule | None


@dataclass(frozen=True)
class Frame:
    """When an edition was frozen, or now, and the last number that it saw."""

    moment: datetime
    upto: int
    oldest: datetime
    until: datetime


def pool(connection: Connection, edition: Edition, channel: Channel, frame: Frame) -> list[Pooled]:
    """Each article of the channel that is recent enough to be asked for, the newest first."""
    place = func.coalesce(article_channels.c.number, articles.c.number)
    dated = func.coalesce(
        articles.c.dated_at, articles.c.numbered_at, type_=articles.c.dated_at.type
    )
    brought = brought_by(connection, edition.id)
    rows = connection.execute(
        select(
            articles,
            place.label("place"),
            dated.label("dated"),
            article_channels.c.number.is_not(None).label("late"),
            article_channels.c.in_digests.label("here"),
        )
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(
            article_channels.c.channel_id == edition.channel_id,
            place.is_not(None),
            or_(dated >= frame.oldest, articles.c.numbered_at >= frame.oldest),
            articles.c.numbered_at <= frame.until,
        )
        .order_by(place.desc())
    ).all()
    versions = _versions(connection, [row.id for row in rows], frame.moment)
    return [
        _pooled(row, versions[row.id], edition, channel, frame, known=row.id in brought)
        for row in rows
    ]


def brought_by(connection: Connection, edition_id: int) -> frozenset[int]:
    """The articles that a frozen edition brings to anybody."""
    mine = edition_articles.c.edition_id == edition_id
    return frozenset(connection.scalars(select(edition_articles.c.article_id).where(mine)))


def named(connection: Connection, ids: Collection[int], moment: datetime) -> dict[int, Pooled]:
    """The articles that a special edition names."""
    rows = connection.execute(select(articles).where(articles.c.id.in_(ids))).all()
    versions = _versions(connection, ids, moment)
    found = {}
    for row in rows:
        candidate = Candidate(row.id, row.number or 0, frozenset(), row.dated_at or moment)
        gone = Rule.WITHDRAWN if _withdrawn(row, moment) else None
        found[row.id] = Pooled(candidate, row.slug, versions[row.id].title, late=False, barred=gone)
    return found


def _pooled(
    row: Any, version: Any, edition: Edition, channel: Channel, frame: Frame, *, known: bool
) -> Pooled:
    """``known``: the edition brings it, so what has changed since did not bar it then."""
    place = row.place
    if known and place > frame.upto:  # withdrawn and restored since, with a new place
        place = min(row.number, frame.upto)
    candidate = Candidate(row.id, place, frozenset(version.topics), row.dated)
    barred = None if known else _barred(row, edition, channel, frame)
    return Pooled(candidate, row.slug, version.title, bool(row.late), barred)


def _barred(row: Any, edition: Edition, channel: Channel, frame: Frame) -> Rule | None:
    if _withdrawn(row, frame.moment):
        return Rule.WITHDRAWN
    if row.place > frame.upto:
        closed = edition.approved_to is not None and row.numbered_at <= frame.moment
        return Rule.AFTER_THE_APPROVAL if closed else Rule.CAME_LATER
    if row.language != channel.language:
        return Rule.OTHER_LANGUAGE
    return None if row.in_digests and row.here else Rule.NOT_FOR_DIGESTS


def _withdrawn(row: Any, moment: datetime) -> bool:
    return row.state != "published" and (row.withdrawn_at is None or row.withdrawn_at <= moment)


def _versions(connection: Connection, ids: Iterable[int], moment: datetime) -> Mapping[int, Any]:
    """Each article's version of that moment, or its first."""
    query = select(
        article_versions.c.article_id,
        article_versions.c.made_at,
        article_versions.c.title,
        article_versions.c.topics,
    ).where(article_versions.c.article_id.in_(ids))
    found: dict[int, Any] = {}
    for row in connection.execute(query.order_by(article_versions.c.version)):
        if row.article_id not in found or row.made_at <= moment:
            found[row.article_id] = row
    return found
