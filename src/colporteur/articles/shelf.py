"""The newsroom's shelf: articles in whatever state, filtered, page by page, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from colporteur.articles.searching import matching
from colporteur.db.tables.articles import (
    article_channels,
    article_topics,
    article_versions,
    articles,
)

_DATE = func.coalesce(
    articles.c.published_at,
    articles.c.publish_at,
    articles.c.created_at,
    type_=articles.c.created_at.type,
)
STATES = ("published", "scheduled", "withdrawn")
_CURRENT = and_(
    article_versions.c.article_id == articles.c.id,
    article_versions.c.version == articles.c.version,
)


@dataclass(frozen=True)
class Asked:
    """What a list shall show; empty asks for all. ``maker`` is a person's id."""

    words: str = ""
    state: str = ""
    channel_id: int | None = None
    topic_id: int | None = None
    language: str = ""
    maker: int | None = None
    without_topics: bool = False


@dataclass(frozen=True)
class Shelved:
    """An article as a list and its page show it. Instants are aware; topics and channels are ids.

    ``edits`` counts changes of any kind; ``changed_at`` is of its last version.
    """

    id: int
    title: str
    teaser: str
    language: str
    state: str
    slug: str
    url: str | None
    version: int
    edits: int
    number: int | None
    made_by: int | None
    in_digests: bool
    listed: bool
    publish_at: datetime | None
    published_at: datetime | None
    numbered_at: datetime | None
    withdrawn_at: datetime | None
    created_at: datetime
    made_at: datetime
    authors: Sequence[str]
    topics: Sequence[int]


def shelf(
    connection: Connection,
    asked: Asked,
    within: ColumnElement[bool],
    limit: int,
    before: int | None = None,
) -> list[Shelved]:
    """Articles by their dates, the newest first: published ones, and others ``within`` reach.

    ``before`` is the last of the page before, by its id.
    """
    conditions = [or_(articles.c.state == "published", within), *_conditions(connection, asked)]
    if before is not None:
        conditions.append(tuple_(_DATE, articles.c.id) < _place(before))
    order = (_DATE.desc(), articles.c.id.desc())
    # The page first, then what it shows: texts are not sorted along with all the others.
    ids = connection.scalars(
        select(articles.c.id).where(*conditions).order_by(*order).limit(limit)
    ).all()
    page = _query().where(articles.c.id.in_(ids)).order_by(*order)
    return [_shelved(row) for row in connection.execute(page)]


def one(connection: Connection, article_id: int, within: ColumnElement[bool]) -> Shelved | None:
    """An article that is ``within`` reach, or None."""
    row = connection.execute(_query().where(articles.c.id == article_id, within)).first()
    return _shelved(row) if row else None


def seen(connection: Connection, article_id: int, within: ColumnElement[bool]) -> Shelved | None:
    """One that may be looked at: published, or within reach; or None."""
    return one(connection, article_id, or_(articles.c.state == "published", within))


@dataclass(frozen=True)
class Version:
    """A version that an article had; ``made_at`` is when it was written last."""

    version: int
    made_at: datetime
    title: str
    teaser: str


def versions(connection: Connection, article_id: int) -> list[Version]:
    """Every version of an article, the newest first."""
    columns = [article_versions.c[name] for name in Version.__dataclass_fields__]
    mine = select(*columns).where(article_versions.c.article_id == article_id)
    return [
        Version(*row)
        for row in connection.execute(mine.order_by(article_versions.c.version.desc()))
    ]


def _place(article_id: int) -> Any:
    """Where an article stands in the order."""
    mine = articles.alias()
    date = func.coalesce(mine.c.published_at, mine.c.publish_at, mine.c.created_at)
    return select(date, mine.c.id).where(mine.c.id == article_id).scalar_subquery()


def _query() -> Any:
    own = [
        (articles.c[name] if name in articles.c else article_versions.c[name])
        for name in Shelved.__dataclass_fields__
    ]
    return select(*own).join(article_versions, _CURRENT)


def _shelved(row: Any) -> Shelved:
    return Shelved(*row)


def _conditions(connection: Connection, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.words:
        found.append(matching(connection, asked.words))
    if asked.state:
        found.append(articles.c.state == asked.state)
    if asked.language:
        found.append(articles.c.language == asked.language)
    if asked.maker is not None:
        found.append(articles.c.made_by == asked.maker)
    if asked.channel_id is not None:
        shown = select(article_channels.c.article_id)
        found.append(
            articles.c.id.in_(shown.where(article_channels.c.channel_id == asked.channel_id))
        )
    told = select(article_topics.c.article_id)
    if asked.topic_id is not None:
        found.append(articles.c.id.in_(told.where(article_topics.c.topic_id == asked.topic_id)))
    if asked.without_topics:
        mine = told.where(article_topics.c.article_id == articles.c.id).correlate(articles)
        found.append(~mine.exists())
    return found
