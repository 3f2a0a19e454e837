"""What a feed says, whatever its format; each format is written from this one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from colporteur.articles.article import Article
from colporteur.articles.submission import Image
from colporteur.publication import Channel, Publication

FORMATS: Mapping[str, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
"""Suffix to media type."""

LABELS: Mapping[str, str] = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


@dataclass(frozen=True)
class Entry:
    """One article in a feed; ``content`` is HTML, empty where only the teaser is public."""

    id: str
    link: str
    title: str
    teaser: str
    content: str
    language: str
    authors: tuple[str, ...]
    categories: tuple[tuple[str, str], ...]  # term, label
    image: Image | None
    published: datetime
    updated: datetime


@dataclass(frozen=True)
class Feed:
    """A channel's feed. ``path`` has no suffix: ``feeds/actualites``."""

    id: str
    title: str
    description: str
    language: str
    site: str
    home: str
    path: str
    rights: str
    updated: datetime
    entries: tuple[Entry, ...]

    def url(self, suffix: str) -> str:
        """The address of the feed in a format."""
        return f"{self.site}/{self.path}.{suffix}"


def channel_feed(
    publication: Publication,
    channel: Channel,
    articles: Sequence[Article],
    topics: Mapping[int, str],
    site: str,
    *,
    feed_id: str,
    since: datetime,
) -> Feed:
    """The feed of a channel; ``since`` is its date while it has no entry.

    ``updated`` is the newest entry's change, never the time of building.
    """
    entries = tuple(_entry(publication, channel, article, topics, site) for article in articles)
    path = f"feeds/{channel.slug}"
    return Feed(
        id=feed_id,
        title=f"{publication.title} · {channel.title}",
        description=channel.description or publication.tagline.get(channel.language, channel.title),
        language=channel.language,
        site=site,
        home=f"{site}/{channel.slug}",
        path=path,
        rights=f"© {publication.title}",
        updated=max((entry.updated for entry in entries), default=since),
        entries=entries,
    )


def _entry(
    publication: Publication,
    channel: Channel,
    article: Article,
    topics: Mapping[int, str],
    site: str,
) -> Entry:
    assert article.published_at is not None
    public = channel.feed.full_text and article.body_public
    return Entry(
        id=article.feed_id,
        link=article.link(site),
        title=article.title,
        teaser=article.teaser,
        content=article.body_html if public else "",
        language=article.language,
        authors=article.authors,
        categories=tuple(
            (slug, publication.topics[slug].name.get(article.language, slug))
            for slug in (topics.get(number, "") for number in article.topics)
            if slug in publication.topics
        ),
        image=article.image,
        published=article.published_at,
        updated=article.changed_at or article.published_at,
    )
