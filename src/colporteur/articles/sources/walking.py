"""Walks a sitemap: finds the pages that are new or changed, fetches and takes some of them."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from colporteur.articles.sources import store
from colporteur.articles.sources.document import decoded
from colporteur.articles.sources.polling import LONGEST_WAIT, backoff, is_passing, status_problem
from colporteur.articles.sources.reading import Asked, Harvest, Refused
from colporteur.articles.sources.sitemaps import (
    Page,
    Sitemap,
    newest_first,
    read_article,
    read_sitemap,
)
from colporteur.articles.sources.taking import Taker
from colporteur.articles.sources.visiting import Interrupted, OutOfTime, Visit
from colporteur.db import reading
from colporteur.exceptions import ArticleRefused, FetchFailed, FetchRefused, SourceRefused
from colporteur.fetch import Answer

PAGES_A_POLL = 20  # a big site is taken in over several polls
_SITEMAPS_A_POLL = 50
_ALWAYS = 3  # sitemaps of an index that each poll asks: the newest
_SHARE_OF_SITEMAPS = 2 / 3  # of the poll's time; the rest is for pages
_PAGE_BYTES = 5 * 1024 * 1024
_UNPACKED_AT_MOST = 50 * 1024 * 1024  # what sitemaps.org allows
_OK = 200
_ANY_HEADER = 32 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Walked:
    """How far a walk went: ``whole`` if no page is left over; ``soon`` if more can be had now.

    ``next_sitemap`` is where the next walk goes on in an index.
    """

    whole: bool = True
    lists_sitemaps: bool = False
    soon: bool = False
    next_sitemap: int = 0


@dataclass(frozen=True)
class Walk:
    """One poll's walk through a source's sitemap; ``forced`` asks again what just failed."""

    engine: Engine
    visit: Visit
    taker: Taker
    source: store.Polled
    asked: Asked
    refused: Mapping[str, store.Standing]
    forced: bool

    def take(self, answer: Answer) -> Walked:
        """Take in up to twenty pages, as the poll's time allows.

        Raises:
            SourceRefused: it is no sitemap.
            Interrupted: the poll must end now.
        """
        sitemap = _read(answer)
        found, listed, goes_on = self._found(sitemap)
        taken = self._take_pages(found[:PAGES_A_POLL])
        with reading(self.engine) as connection:
            open_ = store.may_serve_yet(connection, self.source, self.asked.now)
        left = taken < len(found)
        return Walked(
            whole=listed and not left and not open_,
            lists_sitemaps=bool(sitemap.sitemaps),
            soon=left or (goes_on is not None and self.source.first_taken_at is None),
            next_sitemap=goes_on or 0,
        )

    def _take_pages(self, pages: Sequence[Page]) -> int:
        """How many were taken or refused before the time was up."""
        for done, page in enumerate(pages):
            try:
                harvest = self._harvest(page)
            except OutOfTime:
                return done
            if not self.taker.take(harvest, self.asked.now):
                raise Interrupted
        return len(pages)

    def _found(self, sitemap: Sitemap) -> tuple[list[Page], bool, int | None]:
        """Pages to take, whether these are all, and the sitemap to go on with, if not."""
        found = self._wanted(sitemap.pages)
        whole = sitemap.whole
        for count, (place, one) in enumerate(_in_turn(sitemap.sitemaps, self.source.next_sitemap)):
            if count == _SITEMAPS_A_POLL:
                return found, False, place
            if not self._to_ask(one):
                continue
            try:
                listed = self._listed(one)
            except OutOfTime:
                return found, False, place
            whole = whole and listed.whole
            found += self._wanted(listed.pages)
            if len(found) > PAGES_A_POLL:
                return found, False, place
        return found, whole, None

    def _listed(self, one: Page) -> Sitemap:
        """What a sitemap of an index lists: nothing if it fails, which is noted."""
        try:
            answer = self.visit.get(one.url, share=_SHARE_OF_SITEMAPS)
            if answer.status == _OK:
                sitemap = _read(answer)
                self.taker.forget(one.url)
                return sitemap
            reason, cure = status_problem(answer.status, answer.headers), "Mend the index."
        except (FetchFailed, FetchRefused, SourceRefused) as error:  # the others may serve
            reason, cure = error.message, error.cure
        refused = Refused(one.url, "", reason, cure, passing=True)
        self.taker.take(Harvest(refused=(refused,)), self.asked.now)
        return Sitemap()

    def _wanted(self, pages: tuple[Page, ...]) -> list[Page]:
        """What changed since the last poll, then what is new, each the newest first.

        What failed before comes last, so that it keeps nothing back.
        """
        with reading(self.engine) as connection:
            known = store.known_pages(connection, [page.url for page in pages])
        apart = {page.url: page for page in pages}
        open_ = [page for page in newest_first(list(apart.values())) if self._is_open(page)]
        again = [page for page in open_ if page.url in self.refused]
        fresh = [page for page in open_ if page.url not in self.refused]
        changed = [page for page in fresh if page.url in known and self._has_changed(page)]
        return [*changed, *(page for page in fresh if page.url not in known), *again]

    def _has_changed(self, page: Page) -> bool:
        last = self.source.succeeded_at
        return bool(last and page.changed and last < page.changed <= self.asked.now)

    def _is_open(self, page: Page) -> bool:
        """Not refused for good, or changed since: one without a text is not asked for each time."""
        standing = self.refused.get(page.url)
        if standing is None or (page.changed is not None and page.changed > standing.at):
            return True
        return 0 < standing.tries < store.TRIES and self._to_ask(page)

    def _to_ask(self, page: Page) -> bool:
        """Whether what failed in passing has been left alone long enough."""
        standing = self.refused.get(page.url)
        if standing is None or self.forced:
            return True
        return standing.at + backoff(standing.tries, LONGEST_WAIT) <= self.asked.now

    def _harvest(self, page: Page) -> Harvest:
        try:
            answer = self.visit.get(page.url, limit_bytes=_PAGE_BYTES)
            if answer.status != _OK:
                reason = status_problem(answer.status, answer.headers)
                cure = "Remove it from the sitemap, or mend it."
                return _refusal(page, reason, cure, passing=is_passing(answer.status))
            text = decoded(answer.body, answer.headers, self.asked.language)
            return read_article(text, page, self.asked)
        except FetchFailed as error:
            return _refusal(page, error.message, error.cure, passing=True)
        except (FetchRefused, SourceRefused, ArticleRefused) as error:
            return _refusal(page, error.message, error.cure)


def _in_turn(sitemaps: Sequence[Page], start: int) -> Iterator[tuple[int, Page]]:
    """The newest sitemaps, then the others from where the last walk stopped."""
    order = newest_first(sitemaps)
    for one in order[:_ALWAYS]:
        yield start, one
    others = order[_ALWAYS:]
    for place in range(start if start < len(others) else 0, len(others)):
        yield place, others[place]


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


def _refusal(page: Page, reason: str, cure: str, *, passing: bool = False) -> Harvest:
    return Harvest(refused=(Refused(page.url, page.title, reason, cure, passing),))
