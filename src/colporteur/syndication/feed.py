"""What a feed says, whatever its format; each format is written from these values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from colporteur.articles.article import Article
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.publication import Publication
from colporteur.syndication.scopes import Scope
from colporteur.templating import language

FORMATS: Mapping[str, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
"""Suffix to media type."""

LABELS: Mapping[str, str] = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True)
class Listed:
    """An article's place in a feed: enough to find its fragment and to date the feed.

    ``edits`` counts its changes of any kind, corrections included.
    """

    article_id: int
    version: int
    edits: int
    changed_at: datetime


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
    enclosure: Enclosure | None = None
    source: Origin | None = None
    retracted: bool = False


def atom_id(identity: str) -> str:
    """An entry's id for Atom, which wants an absolute IRI (RFC 4287 section 4.2.6).

    Ids that were brought along from elsewhere need be none; RSS and JSON keep them as they are.
    """
    return identity if _IRI.fullmatch(identity) else f"urn:x-colporteur:{quote(identity, safe='')}"


@dataclass(frozen=True)
class History:
    """A document's place among a feed's pages (RFC 5005 section 4). Paths have no suffix."""

    previous: str | None = None
    next: str | None = None
    archived: bool = False


@dataclass(frozen=True)
class Head:
    """A feed without its entries. ``path`` has no suffix: ``feeds/actualites``.

    ``address`` is where this document is: an archive page's is its own. A ``private`` feed is one
    reader's: no hub tells of it.
    """

    id: str
    title: str
    description: str
    language: str
    site: str
    home: str
    path: str
    rights: str
    updated: datetime
    author: str = ""
    icon: str = ""
    logo: str = ""
    address: str = ""
    history: History = History()
    private: bool = False

    def url(self, suffix: str) -> str:
        """The address of this document in a format."""
        return self.address_of(self.address or self.path, suffix)

    def address_of(self, path: str, suffix: str) -> str:
        """The address of a document of this feed in a format."""
        return f"{self.site}/{path}.{suffix}"

    @property
    def hub(self) -> str:
        """Where programs subscribe to be told of changes (WebSub); empty where it tells of none."""
        return "" if self.history.archived or self.private else f"{self.site}/hub"


def head(
    scope: Scope, publication: Publication, site: str, feed_id: str, updated: datetime
) -> Head:
    """A feed's head; ``updated`` is its newest change, never the time of building."""
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
        author=publication.title,
        icon=_picture(publication.icon, site),
        logo=_picture(publication.logo, site),
    )


def _picture(url: str | None, site: str) -> str:
    return f"{site}{url}" if url and url.startswith("/") else url or ""


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
    said = Entry(
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
        enclosure=article.enclosure,
        source=article.source,
    )
    return in_its_direction(said)


def in_its_direction(entry: Entry) -> Entry:
    """An entry that keeps its direction among others: isolated titles, ``dir`` on its text.

    A reader's program lists titles of many feeds; without isolates, a number or a quotation
    mark at an Arabic title's end jumps to its start (Unicode Bidirectional Algorithm, 2.4.2).
    """
    if language(entry.language).direction != "rtl":
        return entry
    content = entry.content and f'<div dir="rtl" lang="{entry.language}">{entry.content}</div>'
    return replace(
        entry, title=_isolated(entry.title), teaser=_isolated(entry.teaser), content=content
    )


def _isolated(text: str) -> str:
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if text else ""


def _retraction(article: Article, site: str, words: str, updated: datetime) -> Entry:
    assert article.published_at is not None
    said = Entry(
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
    return in_its_direction(said)
