"""What a feed holds and ever held, as the database has it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from colporteur.db.tables.articles import article_channels, article_topics, articles
from colporteur.db.tables.publication import channels
from colporteur.editions.choosing import Profile
from colporteur.syndication.feed import Listed

_SHOWN = articles.c.state.in_(["published", "withdrawn"])


def newest(
    connection: Connection, limit: int, channel_id: int | None, topic_id: int | None
) -> list[Listed]:
    """What a feed holds, the newest first; None stands for every channel or topic."""
    order = (articles.c.published_at.desc(), articles.c.number.desc())
    return _listed(connection, _places(channel_id, topic_id).order_by(*order).limit(limit))


def chosen(connection: Connection, limit: int, tastes: Mapping[int, Profile]) -> list[Listed]:
    """What somebody chose of channels, by their ids, the newest first."""
    theirs = select(article_channels.c.article_id).where(
        or_(false(), *(_wanted(*taste) for taste in tastes.items()))
    )
    query = select(
        articles.c.id, articles.c.version, articles.c.edits, articles.c.changed_at
    ).where(_SHOWN, articles.c.id.in_(theirs))
    order = (articles.c.published_at.desc(), articles.c.number.desc())
    return _listed(connection, query.order_by(*order).limit(limit))


def ever(connection: Connection, channel_id: int | None, topic_id: int | None) -> list[Listed]:
    """All that a feed ever held, in the order in which it came, the oldest first."""
    return _listed(connection, _places(channel_id, topic_id).order_by(articles.c.number))


def how_many(connection: Connection, channel_id: int | None, topic_id: int | None) -> int:
    """How many articles a feed ever held."""
    inner = _places(channel_id, topic_id).subquery()
    return int(connection.scalar(select(func.count()).select_from(inner)) or 0)


def _places(channel_id: int | None, topic_id: int | None) -> Select[Any]:
    query: Select[Any] = select(
        articles.c.id, articles.c.version, articles.c.edits, articles.c.changed_at
    ).where(_SHOWN)
    if channel_id is not None:
        query = query.join(article_channels, article_channels.c.article_id == articles.c.id)
        query = query.where(article_channels.c.channel_id == channel_id)
    else:  # of the channels there are: what a removed one alone showed ends with it
        shown_in = select(article_channels.c.article_id).join(
            channels, channels.c.id == article_channels.c.channel_id
        )
        query = query.where(articles.c.id.in_(shown_in.where(channels.c.removed_at.is_(None))))
    if topic_id is not None:
        query = query.join(article_topics, article_topics.c.article_id == articles.c.id)
        query = query.where(article_topics.c.topic_id == topic_id)
    return query


def _wanted(channel_id: int, taste: Profile) -> ColumnElement[bool]:
    """``Profile.wants`` of what a channel shows, for the database to work out."""
    among = (
        select(article_topics.c.topic_id)
        .where(article_topics.c.article_id == article_channels.c.article_id)
        .correlate(article_channels)
    )
    wanted = [article_channels.c.channel_id == channel_id]
    if taste.topics_in:
        wanted.append(among.where(article_topics.c.topic_id.in_(taste.topics_in)).exists())
    if taste.topics_out:
        wanted.append(among.exists())
        wanted.append(~among.where(article_topics.c.topic_id.in_(taste.topics_out)).exists())
    return and_(*wanted)


def _listed(connection: Connection, query: Select[Any]) -> list[Listed]:
    rows: Sequence[Any] = connection.execute(query).all()
    return [Listed(*row) for row in rows]
