"""Polls one source: lease, ask, read, record, note how it went. Commits as it goes."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.articles import refusals
from colporteur.articles.sources import polling, store
from colporteur.articles.sources.document import is_challenge
from colporteur.articles.sources.feeds import read_feed
from colporteur.articles.sources.reading import Asked, topics_by_name
from colporteur.articles.sources.taking import Counts, Taker
from colporteur.articles.sources.walking import Walk, Walked
from colporteur.articles.sources.wordpress import posts_url, read_posts
from colporteur.db import database_now, writing
from colporteur.exceptions import (
    ColporteurError,
    FetchFailed,
    FetchRefused,
    ServiceUnavailable,
    SourceRefused,
)
from colporteur.fetch import Answer, Fetcher
from colporteur.publication import Channel
from colporteur.publication.identities import Ids, ids
from colporteur.publication.model import Source
from colporteur.publication.revisions import Revision, require

_log = logging.getLogger(__name__)
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_OK, _NOT_MODIFIED, _GONE = 200, 304, 410


@dataclass(frozen=True)
class Report:
    """What came of a poll; ``problem`` is empty when it went well."""

    url: str
    counts: Counts
    problem: str = ""


@dataclass(frozen=True)
class _Poll:
    engine: Engine
    fetcher: Fetcher
    source: store.Polled
    channel: Channel
    wanted: Source
    revision: Revision
    taker: Taker
    stopping: Callable[[], bool]
    now: datetime


class _Interrupted(Exception):  # noqa: N818 - no error
    """The process stops, or another worker has the source: nothing more is noted."""


def poll(
    engine: Engine,
    fetcher: Fetcher,
    source_id: int,
    *,
    forced: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> Report | None:
    """Ask a source for what is new and take it in; None if it is not due or another polls it."""
    begun = _begin(engine, fetcher, source_id, stopping, forced=forced)
    if begun is None:
        return None
    try:
        course, more = _asked(begun)
    except _Interrupted:
        with writing(engine) as connection:
            store.give_back(connection, begun.source)
        return Report(begun.source.url, begun.taker.counts, "It was interrupted.")
    counts = begun.taker.counts
    taken = begun.source.taken + counts.added + counts.updated
    with writing(engine) as connection:
        store.settle(connection, begun.source, course, {**more, "taken": taken})
    return Report(begun.source.url, counts, course.problem)


def _begin(
    engine: Engine,
    fetcher: Fetcher,
    source_id: int,
    stopping: Callable[[], bool],
    *,
    forced: bool,
) -> _Poll | None:
    with writing(engine) as connection:
        revision = require(connection)
        names = ids(connection, revision.publication)
        now = database_now(connection)
        store.sync(connection, revision, names, now)
        source = store.lease(connection, source_id, now, forced=forced)
        place = _place(revision, names, source) if source else None
        if source is None or place is None:
            return None
        refused = store.refused_entries(connection, source)
    taker = Taker(engine, source, revision, names, refused)
    return _Poll(engine, fetcher, source, *place, revision, taker, stopping, now)


def _place(revision: Revision, names: Ids, source: store.Polled) -> tuple[Channel, Source] | None:
    for channel in revision.publication.channels:
        for wanted in channel.sources:
            if names.channels[channel.slug] == source.channel_id and wanted.url == source.url:
                return channel, wanted
    return None


def _asked(run: _Poll) -> tuple[polling.Course, dict[str, Any]]:
    """Ask, and take in what comes; how it goes on, and what else to note."""
    course, every = run.source.course, run.wanted.every
    try:
        answer = run.fetcher.get(_address(run), _headers(run.source))
        if answer.status == _GONE:
            return polling.gone(course, polling.status_problem(_GONE, answer.headers)), {}
        if answer.status == _NOT_MODIFIED:
            return polling.succeeded(course, every, _now(run), answer.moved_to), {}
        if answer.status != _OK:
            later = answer.headers.get("retry-after", "")
            return polling.failed(course, every, _now(run), _problem(answer), later), {}
        more = _taken(run, answer)
    except (ServiceUnavailable, DBAPIError, _Interrupted):
        raise
    except (FetchFailed, FetchRefused, SourceRefused) as error:
        if isinstance(error, SourceRefused):
            _note_refusal(run, error)
        problem = f"{error.message} {error.cure}".strip()
        return polling.failed(course, every, _now(run), problem), {}
    except Exception as error:  # noqa: BLE001 - whatever it was, it is asked again later
        _log.exception("The source %s cannot be read.", run.source.id)
        problem = f"Unexpected {type(error).__name__}. Please report it, with its address."
        return polling.failed(course, every, _now(run), problem), {}
    return polling.succeeded(course, every, _now(run), answer.moved_to), more


def _address(run: _Poll) -> str:
    kind, address = run.wanted.kind, run.source.address
    return posts_url(address) if kind == "wordpress" else address


def _headers(source: store.Polled) -> dict[str, str]:
    """A conditional request (RFC 9110 section 13.1): an unchanged source costs it nothing."""
    said = {"If-None-Match": source.etag, "If-Modified-Since": source.http_date}
    return {"Accept": _ACCEPT, **{name: value for name, value in said.items() if value}}


def _taken(run: _Poll, answer: Answer) -> dict[str, Any]:
    """Read an answer and record what it holds; what to note when that went well."""
    body_hash = hashlib.sha256(answer.body).hexdigest()
    if body_hash == run.source.body_hash:
        return _validators(answer.headers, body_hash)
    asked = _known_before(run, answer.url)
    walked = Walked(whole=True, lists_sitemaps=False)
    if run.wanted.kind == "sitemap":
        walk = Walk(run.engine, run.fetcher, run.taker, run.source, asked, run.stopping)
        walked = walk.take(answer)
        if run.stopping() and not walked.whole:
            raise _Interrupted
    else:
        read = read_posts if run.wanted.kind == "wordpress" else read_feed
        if not run.taker.take(read(answer.body, answer.headers, asked), run.now):
            raise _Interrupted
    _forget_refusal(run)
    more: dict[str, Any] = dict.fromkeys(("etag", "http_date", "body_hash"))
    if walked.whole:
        more["first_taken_at"] = run.source.first_taken_at or _now(run)
    if walked.whole and not walked.lists_sitemaps:  # else a 304 would hide what is left
        more |= _validators(answer.headers, body_hash)
    return more


def _known_before(run: _Poll, url: str) -> Asked:
    publication = run.revision.publication
    return Asked(
        url=url,
        channel=run.channel.slug,
        language=run.channel.language,
        now=run.now,
        languages=publication.languages,
        topics=topics_by_name(publication),
        always=run.wanted.topics,
        feed=run.source.url,
        keep_ids=run.wanted.keep_ids,
    )


def _validators(headers: Mapping[str, str], body_hash: str) -> dict[str, Any]:
    etag, date = headers.get("etag", ""), headers.get("last-modified", "")
    return {
        "etag": etag if 0 < len(etag) <= 500 else None,  # noqa: PLR2004 - the column's
        "http_date": date if 0 < len(date) <= 100 else None,  # noqa: PLR2004 - the column's
        "body_hash": body_hash,
    }


def _problem(answer: Answer) -> str:
    said = polling.status_problem(answer.status, answer.headers)
    if is_challenge(answer.body.decode("utf-8", "replace")):
        return f"{said} The page tests browsers: ask the site to let programs read that address."
    return said


def _note_refusal(run: _Poll, error: ColporteurError) -> None:
    with writing(run.engine) as connection:
        source, now = run.source, database_now(connection)
        refusals.note(connection, source.origin, source.url, "", error.message, error.cure, now)


def _forget_refusal(run: _Poll) -> None:
    with writing(run.engine) as connection:
        refusals.forget(connection, run.source.origin, run.source.url)


def _now(run: _Poll) -> datetime:
    with writing(run.engine) as connection:
        return database_now(connection)
