"""Articles as the API tells them."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from colporteur.articles.article import Article
from colporteur.articles.store import channel_ids, topic_slugs
from colporteur.config import Settings
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force


class ArticleView(BaseModel):
    """An article. ``id`` is the caller's own; ``feed_id`` is in feeds, and also finds it here."""

    id: str | None
    feed_id: str
    slug: str
    url: str = Field(description="Where a person reads it.")
    state: str = Field(description="scheduled, published or withdrawn")
    version: int = Field(description="Counts significant changes.")
    number: int | None = Field(description="Its place in the order of publication.")
    language: str
    channels: list[str]
    topics: list[str]
    title: str
    teaser: str
    published: datetime | None


class TakenView(ArticleView):
    """An article that was handed in."""

    outcome: str = Field(description="added, updated or unchanged")


class PageView(BaseModel):
    """Some articles, the newest first; ``next`` leads to those before them."""

    articles: list[ArticleView]
    next: str | None


class ResultView(BaseModel):
    """What became of one article of many; ``reason`` and ``cure`` where it was refused."""

    outcome: str = Field(description="added, updated, unchanged or refused")
    id: str | None
    title: str
    feed_id: str | None = None
    slug: str | None = None
    url: str | None = None
    reason: str | None = None
    cure: str | None = None


class BulkView(BaseModel):
    """What became of many articles, in the order they came."""

    results: list[ResultView]


def views(
    connection: Connection, settings: Settings, found: Sequence[Article]
) -> list[ArticleView]:
    """Articles with the names that their channels and topics have now."""
    publication = require(connection).publication
    names = ids(connection, publication).channels
    site = site_in_force(connection, settings, publication)
    topics = topic_slugs(connection)
    shown_in = channel_ids(connection, [one.id for one in found])
    return [
        ArticleView(
            id=one.external_id,
            feed_id=one.feed_id,
            slug=one.slug,
            url=one.link(site),
            state=one.state,
            version=one.version,
            number=one.number,
            language=one.language,
            channels=[
                channel.slug
                for channel in publication.channels
                if names[channel.slug] in shown_in.get(one.id, ())
            ],
            topics=[topics[topic] for topic in one.topics if topic in topics],
            title=one.title,
            teaser=one.teaser,
            published=one.published_at,
        )
        for one in found
    ]


def location(view: ArticleView) -> str:
    """Where the API has an article, by the caller's id, else by its feed id."""
    return f"/api/v1/articles/{quote(view.id or view.feed_id, safe='')}"
