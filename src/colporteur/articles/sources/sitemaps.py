"""Sitemaps and their indexes (sitemaps.org), with Google's news extension. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from colporteur.articles.cleaning import is_web_address
from colporteur.articles.formats.page import read_page
from colporteur.articles.sources.document import decoded, refuse_html, root_of
from colporteur.articles.sources.harvesting import harvest
from colporteur.articles.sources.jsonfeeds import moment
from colporteur.articles.sources.mending import web_address
from colporteur.articles.sources.reading import Asked, Harvest, Raw
from colporteur.exceptions import SourceRefused

_DATE_ONLY = len("2026-11-21")
_ROOT_END = re.compile(
    r"(?:</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*|\A<[^<>]*/)>[^<>]*(?:<!--.*-->\s*)?\Z", re.DOTALL
)
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


@dataclass(frozen=True)
class Page:
    """A page that a sitemap names. ``changed`` is when, at the latest, it last did."""

    url: str
    changed: datetime | None = None
    title: str = ""
    published: datetime | None = None
    language: str | None = None


@dataclass(frozen=True)
class Sitemap:
    """What a sitemap holds: pages, or other sitemaps; not ``whole`` if it breaks off."""

    pages: tuple[Page, ...] = ()
    sitemaps: tuple[Page, ...] = ()
    whole: bool = True


def read_sitemap(body: bytes, headers: Mapping[str, str], url: str) -> Sitemap:
    """The pages or sitemaps that a sitemap lists.

    Raises:
        SourceRefused: it is no sitemap, or not safe to read.
    """
    text = root_of(decoded(body, headers))
    refuse_html(text, "a sitemap", url)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(text.encode(), parser)
    kind = "" if root is None else _local(root)
    if kind not in {"urlset", "sitemapindex"}:
        raise SourceRefused(
            "The answer is no sitemap: it has neither <urlset> nor <sitemapindex>.",
            cure='Check the address; a feed needs kind = "feed".',
        )
    name = "url" if kind == "urlset" else "sitemap"
    found = (_page(one, url) for one in root if _local(one) == name)
    pages = tuple(page for page in found if page is not None)
    whole = _ROOT_END.search(text) is not None
    return Sitemap(pages, (), whole) if name == "url" else Sitemap((), pages, whole)


def newest_first(pages: Sequence[Page]) -> list[Page]:
    """The pages by their last change; those that say none come last, in their order."""
    dated = [page for page in pages if page.changed is not None]
    dated.sort(key=lambda page: page.changed, reverse=True)  # type: ignore[arg-type, return-value]
    return [*dated, *(page for page in pages if page.changed is None)]


def read_article(text: str, page: Page, asked: Asked) -> Harvest:
    """The article on a page of a sitemap; what the sitemap says of it comes first.

    Raises:
        ArticleRefused: there is no article on it.
    """
    (said,) = read_page(text, asked.now)
    raw = Raw(
        title=page.title or said.title,
        id=page.url,
        link=page.url,
        summary=said.teaser or "",
        content=said.body_html or "",
        published=page.published or said.dated_at,
        updated=page.changed,
        language=page.language,
        feed_language=said.language,
        authors=said.authors or (),
        image=said.image,
    )
    return harvest([raw], lambda one: one, asked)


def _page(node: Any, base: str) -> Page | None:
    url = web_address(_said(node, "loc"), base)
    if url is None or not is_web_address(url):
        return None
    news = next((one for one in node if one.tag == f"{_NEWS}news"), None)
    if news is None:
        return Page(url, _changed(_said(node, "lastmod")))
    language = next((_said(one, "language") for one in news if _local(one) == "publication"), "")
    return Page(
        url,
        _changed(_said(node, "lastmod")),
        _said(news, "title"),
        moment(_said(news, "publication_date")),
        language or None,
    )


def _changed(text: str) -> datetime | None:
    """When, at the latest: a day alone ends at its midnight."""
    found = moment(text)
    return found + timedelta(days=1) if found and len(text) == _DATE_ONLY else found


def _said(node: Any, name: str) -> str:
    return next(((one.text or "").strip() for one in node if _local(one) == name), "")


def _local(node: Any) -> str:
    # A parser that recovers gives names that are none, at which lxml's QName stops.
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
