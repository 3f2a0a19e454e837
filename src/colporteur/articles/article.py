"""An article as the rest of the house knows it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from colporteur.articles.submission import Enclosure, Image, Origin


@dataclass(frozen=True)
class Article:
    """One article at one version. Instants are aware; ``topics`` are ids, the names apart."""

    id: int
    version: int
    feed_id: str
    slug: str
    language: str
    title: str
    teaser: str
    teaser_given: bool
    body_html: str
    state: str
    number: int | None
    url: str | None
    external_id: str | None
    listed: bool
    body_public: bool
    in_digests: bool
    authors: tuple[str, ...]
    topics: tuple[int, ...]
    image: Image | None
    enclosure: Enclosure | None
    source: Origin | None
    publish_at: datetime | None
    published_at: datetime | None
    changed_at: datetime | None

    def link(self, base_url: str) -> str:
        """Where a person reads it: its own address, else its page on our site."""
        return link_of(self.url, self.slug, base_url)


def link_of(url: str | None, slug: str, base_url: str) -> str:
    """Where a person reads an article: its own address, else its page on our site."""
    return url or f"{base_url}/articles/{quote(slug)}"
