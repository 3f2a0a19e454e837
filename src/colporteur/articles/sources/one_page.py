"""Reads the article at an address that somebody names, for them to look over before it is kept."""

from dataclasses import replace
from datetime import datetime

from colporteur.articles.formats.page import read_page
from colporteur.articles.sources.document import decoded, is_challenge
from colporteur.articles.sources.polling import status_problem
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused, FetchFailed, SourceRefused
from colporteur.fetch import Fetcher

SECONDS = 20.0
"""Somebody waits for it."""
_BYTES_AT_MOST = 5 * 1024 * 1024
_ACCEPTED = {"Accept": "text/html, application/xhtml+xml;q=0.9"}
_OK = 200


def read_address(fetcher: Fetcher, url: str, now: datetime) -> Submission:
    """What the page at an address says of its article; its own address where it names none.

    Raises:
        FetchRefused: the address must not be fetched.
        FetchFailed: no page was had there.
        ArticleRefused: it is no page, or has neither text nor teaser.
    """
    answer = replace(fetcher, seconds=SECONDS).get(url, _ACCEPTED, limit_bytes=_BYTES_AT_MOST)
    if answer.status != _OK:
        raise FetchFailed(status_problem(answer.status, answer.headers))
    try:
        text = decoded(answer.body, answer.headers)
    except SourceRefused as error:
        raise ArticleRefused(error.message, cure=error.cure) from None
    try:
        (found,) = read_page(text, now)
    except ArticleRefused:
        if is_challenge(text):
            raise FetchFailed("The site lets no program read its pages.") from None
        raise
    return replace(found, url=found.url or answer.url)
