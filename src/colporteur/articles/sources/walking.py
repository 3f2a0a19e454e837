"""Walks a sitemap: finds the pages that are new or changed, fetches and takes some of them."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from colporteur.articles.sources import store
from colporteur.articles.sources.document import decoded
from colporteur.articles.sources.polling import status_problem
from colporteur.articles.sources.reading import Asked, Harvest, Refused
from colporteur.articles.sources.sitemaps import (
    Page,
    Sitemap,
    newest_first,
    read_article,
    read_sitemap,
)
from colporteur.articles.sources.taking import Taker
from colporteur.db import reading
from colporteur.exceptions import ArticleRefused, FetchFailed, FetchRefused, SourceRefused
from colporteur.fetch import Answer, Fetcher

PAGES_A_POLL = 20  # a big site is taken in over several polls
_SITEMAPS_A_POLL = 50
_PAGE_BYTES = 5 * 1024 * 1024
_UNPACKED_AT_MOST = 50 * 1024 * 1024  # what sitemaps.org allows
_OK = 200
_ANY_HEADER = 32 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Walked:
    """How far a walk went: ``whole`` if no page is left over."""

    whole: bool
    lists_sitemaps: bool


@dataclass(frozen=True)
class Walk:
    """One poll's walk through a source's sitemap."""

    engine: Engine
    fetcher: Fetcher
    taker: Taker
    source: store.Polled
    asked: Asked
    stopping: Callable[[], bool]

    def take(self, answer: Answer) -> Walked:
        """Take in up to twenty pages.

        Raises:
            SourceRefused: it is no sitemap.
        """
        sitemap = _read(answer)
        found = self._found(sitemap)
        whole = len(found) <= PAGES_A_POLL
        for page in found[:PAGES_A_POLL]:
            harvest = _harvest(self.fetcher, page, self.asked)
            if self.stopping() or not self.taker.take(harvest, self.asked.now):
                whole = False
                break
        return Walked(whole, bool(sitemap.sitemaps))

    def _found(self, sitemap: Sitemap) -> list[Page]:
        with reading(self.engine) as connection:
            refused = store.refused_entries(connection, self.source)
        found: list[Page] = []
        for pages in _pages(self.fetcher, sitemap):
            with reading(self.engine) as connection:
                known = store.known_pages(connection, [page.url for page in pages])
            found += _wanted(pages, known, refused, self.source.succeeded_at, self.asked.now)
            if len(found) > PAGES_A_POLL or self.stopping():
                break
        return found


def _pages(fetcher: Fetcher, sitemap: Sitemap) -> Iterator[tuple[Page, ...]]:
    yield sitemap.pages
    for one in newest_first(sitemap.sitemaps)[:_SITEMAPS_A_POLL]:
        try:
            answer = fetcher.get(one.url)
            yield _read(answer).pages if answer.status == _OK else ()
        except (FetchFailed, FetchRefused, SourceRefused):  # the others may serve
            continue


def _read(answer: Answer) -> Sitemap:
    return read_sitemap(_unpacked(answer.body), answer.headers, answer.url)


def _unpacked(body: bytes) -> bytes:
    """A ``.xml.gz`` that is no Content-Encoding."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        text = unpacker.decompress(body, _UNPACKED_AT_MOST)
    except zlib.error:
        raise SourceRefused("The sitemap's gzip data is damaged.", cure="Check it.") from None
    if unpacker.unconsumed_tail:
        raise SourceRefused("The sitemap unpacks to more than 50 MB.", cure="Split it.")
    return text


def _wanted(
    pages: tuple[Page, ...],
    known: set[str],
    refused: dict[str, datetime],
    last: datetime | None,
    now: datetime,
) -> list[Page]:
    """Pages that changed since the last poll, then new ones; each the newest first."""
    apart = {page.url: page for page in pages}
    open_ = [page for page in newest_first(list(apart.values())) if _is_open(page, refused)]
    changed = [
        page
        for page in open_
        if page.url in known and last and page.changed and last < page.changed <= now
    ]
    return changed + [page for page in open_ if page.url not in known]


def _is_open(page: Page, refused: dict[str, datetime]) -> bool:
    """Not refused before, or changed since: a page without a text is not asked for each time."""
    at = refused.get(page.url)
    return at is None or (page.changed is not None and page.changed > at)


def _harvest(fetcher: Fetcher, page: Page, asked: Asked) -> Harvest:
    try:
        answer = fetcher.get(page.url, limit_bytes=_PAGE_BYTES)
        if answer.status != _OK:
            reason = status_problem(answer.status, answer.headers)
            return _refusal(page, reason, "Remove it from the sitemap, or mend it.")
        text = decoded(answer.body, answer.headers, asked.language)
        return read_article(text, page, asked)
    except (FetchFailed, FetchRefused, SourceRefused, ArticleRefused) as error:
        return _refusal(page, error.message, error.cure)


def _refusal(page: Page, reason: str, cure: str) -> Harvest:
    return Harvest(refused=(Refused(page.url, page.title, reason, cure),))
