"""Gives articles their place in the one sequence that windows of editions go by."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from colporteur.db.tables.articles import article_channels, articles, sequences
from colporteur.db.tables.publication import channels

_ARTICLES = "articles"


def next_number(connection: Connection) -> int:
    """The next article number; holds the lock that numbering and freezing share until commit.

    So no number ever appears below one already seen (docs/rules.md).
    """
    bump = update(sequences).where(sequences.c.name == _ARTICLES)
    return int(
        connection.execute(
            bump.values(value=sequences.c.value + 1).returning(sequences.c.value)
        ).scalar_one()
    )


def last_number(connection: Connection) -> int:
    """The highest number given so far, under the same lock."""
    query = select(sequences.c.value).where(sequences.c.name == _ARTICLES)
    return int(connection.execute(query.with_for_update()).scalar_one())


def last_number_at(connection: Connection, moment: datetime) -> int:
    """The number after which all articles were numbered since a moment; 0 if all were.

    Clocks of machines differ, so a lower number may bear a later time; and the number before
    the next one may be the new place of an older article in a channel. Either way the reader is
    offered one article more rather than one less.
    """
    after = select(func.min(articles.c.number)).where(articles.c.numbered_at > moment)
    first_after = connection.scalar(after)
    before = select(func.max(articles.c.number))
    if first_after is not None:
        before = before.where(articles.c.number < first_after)
    return int(connection.scalar(before) or 0)


def publication_columns(number: int, date: datetime, now: datetime) -> dict[str, Any]:
    """What an article's row says from its publication on; ``date`` is what feeds say, for ever.

    Two entries of a feed must not bear one ``updated``: programs sort by it. The number tells
    them apart in the microseconds.
    """
    published_at = date.replace(microsecond=0)
    return {
        "state": "published",
        "number": number,
        "numbered_at": now,
        "published_at": published_at,
        "changed_at": published_at.replace(microsecond=number % 1_000_000),
    }


def publish_due(connection: Connection, now: datetime) -> int:
    """Publish the scheduled articles whose time has come; how many there were."""
    due = select(articles.c.id, articles.c.publish_at).where(
        articles.c.state == "scheduled", articles.c.publish_at <= now
    )
    rows = connection.execute(due.order_by(articles.c.publish_at, articles.c.id)).all()
    if not rows:
        return 0
    for row in rows:
        columns = publication_columns(next_number(connection), row.publish_at, now)
        connection.execute(update(articles).where(articles.c.id == row.id).values(columns))
    found = [row.id for row in rows]
    shown_in = select(article_channels.c.channel_id).where(article_channels.c.article_id.in_(found))
    touch_channels(connection, connection.scalars(shown_in.distinct()))
    return len(found)


def touch_channels(connection: Connection, channel_ids: Iterable[int]) -> None:
    """Note that the feeds of these channels must be built anew."""
    connection.execute(
        update(channels)
        .where(channels.c.id.in_(set(channel_ids)))
        .values(changes=channels.c.changes + 1)
    )


def restate_channels(connection: Connection, channel_ids: Iterable[int], now: datetime) -> None:
    """Date the feeds of these channels anew: an article has joined or left some of them.

    Else a feed's own date would go back when what changed last has left it.
    """
    touched = update(channels).where(channels.c.id.in_(set(channel_ids)))
    connection.execute(touched.values(restated_at=now))
