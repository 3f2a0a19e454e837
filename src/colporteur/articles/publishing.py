"""Publishes articles whose time has come, and notes whose feeds must show it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from colporteur.articles.announcing import announce
from colporteur.db.numbering import next_number
from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.publication import channels


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
    announce(connection, found, now)
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
