"""Has programs elsewhere told that articles were published, in the transaction in which they are."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from colporteur.db.tables.articles import article_channels, article_versions, articles
from colporteur.db.tables.publication import channels
from colporteur.webhooks.kinds import Kind
from colporteur.webhooks.telling import tell


def announce(connection: Connection, article_ids: Sequence[int], now: datetime) -> None:
    """Have each of these told of."""
    for one in article_ids:
        tell(connection, Kind.ARTICLE_PUBLISHED, partial(_said, connection, one), now)


def _said(connection: Connection, article_id: int) -> dict[str, Any]:
    """What is said of an article: its names, and where it is read."""
    row = connection.execute(
        select(articles, article_versions.c.title, article_versions.c.teaser)
        .join(
            article_versions,
            (article_versions.c.article_id == articles.c.id)
            & (article_versions.c.version == articles.c.version),
        )
        .where(articles.c.id == article_id)
    ).one()
    shown_in = (
        select(channels.c.slug)
        .join(article_channels, article_channels.c.channel_id == channels.c.id)
        .where(article_channels.c.article_id == article_id)
    )
    return {
        "id": row.external_id,
        "feed_id": row.feed_id,
        "slug": row.slug,
        "title": row.title,
        "teaser": row.teaser,
        "language": row.language,
        "channels": sorted(connection.scalars(shown_in)),
        "number": row.number,
        "published": row.published_at.isoformat(),
        "url": row.url,
        "path": f"/articles/{quote(row.slug)}",
    }
