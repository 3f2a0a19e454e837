"""What a feed says, whatever its format; each format is written from these values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from colporteur.articles.article import Article
from colporteur.articles.submission import Image
from colporteur.publication import Publication
from colporteur.syndication.scopes import Scope

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
    scheme: str  # of the terms, an address
    image: Image | None
    published: datetime
    updated: datetime
    retracted: bool = False


@dataclass(frozen=True)
class Head:
    """A feed without its entries. ``path`` has no suffix: ``feeds/actualites``."""

    id: str
    title: str
    description: str
    language: str
    site: str
    home: str
    path: str
    rights: str
    updated: datetime

    def url(self, suffix: str) -> str:
        """The address of the feed in a format."""
        return f"{self.site}/{self.path}.{suffix}"


def head(
    scope: Scope, publication: Publication, site: str, feed_id: str, updated: datetime
) -> Head:
    """A feed's head; ``updated`` is its newest entry's change, never the time of building."""
    return Head(
        id=feed_id,
        title=scope.title,
        description=scope.description,
        language=scope.language,
        site=site,
        home=f"{site}/{scope.home}",
        path=scope.path,
        rights=f"© {publication.title}",
        updated=updated,
    )


def entry(
    article: Article,
    publication: Publication,
    topics: Mapping[int, str],
    site: str,
    *,
    full_text: bool,
    retraction: str,
) -> Entry:
    """An article's entry; ``full_text`` is the channel's choice, the article may say no.

    A withdrawn one keeps its id, under which ``retraction`` says that it was withdrawn.
    """
    assert article.published_at is not None
    updated = article.changed_at or article.published_at
    if article.state == "withdrawn":
        return _retraction(article, site, retraction, updated)
    slugs = [topics.get(number, "") for number in article.topics]
    return Entry(
        id=article.feed_id,
        link=article.link(site),
        title=article.title,
        teaser=article.teaser,
        content=article.body_html if full_text and article.body_public else "",
        language=article.language,
        authors=article.authors,
        categories=tuple(
            (slug, publication.topics[slug].name.get(article.language, slug))
            for slug in slugs
            if slug in publication.topics
        ),
        scheme=f"{site}/topics",
        image=article.image,
        published=article.published_at,
        updated=updated,
    )


def _retraction(article: Article, site: str, words: str, updated: datetime) -> Entry:
    assert article.published_at is not None
    return Entry(
        id=article.feed_id,
        link=article.link(site),
        title=article.title,
        teaser=words,
        content="",
        language=article.language,
        authors=(),
        categories=(),
        scheme="",
        image=None,
        published=article.published_at,
        updated=updated,
        retracted=True,
    )
