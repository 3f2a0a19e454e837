"""Polls one source: lease, ask, read, record, note how it went. Commits as it goes."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine

from colporteur.articles import refusals
from colporteur.articles.sources import polling, store
from colporteur.articles.sources.document import is_challenge
from colporteur.articles.sources.feeds import read_feed
from colporteur.articles.sources.polling import SourceState
from colporteur.articles.sources.reading import Asked, topics_by_name
from colporteur.articles.sources.taking import Counts, Taker
from colporteur.articles.sources.visiting import SECONDS, Interrupted, Visit
from colporteur.articles.sources.walking import Walk, Walked
from colporteur.articles.sources.wordpress import posts_url, read_posts
from colporteur.counting import SOURCE_POLLS
from colporteur.db import database_now, reading, writing
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
_MakeVisit = Callable[[store.Polled], Visit]
_SHARE_OF_FIRST = 1 / 2  # of a poll's time
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
    visit: Visit
    source: store.Polled
    channel: Channel
    wanted: Source
    revision: Revision
    taker: Taker
    refused: Mapping[str, store.Standing]
    now: datetime
    forced: bool


def poll(
    engine: Engine,
    fetcher: Fetcher,
    source_id: int,
    *,
    forced: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    seconds: float = SECONDS,
) -> Report | None:
    """Ask a source for what is new and take it in; None if it is not due or another polls it.

    ``seconds`` is for all requests together.
    """

    def make_visit(source: store.Polled) -> Visit:
        return Visit(fetcher, partial(_may_go_on, engine, source, stopping), seconds)

    begun = _begin(engine, source_id, make_visit, forced=forced)
    if begun is None:
        return None
    try:
        course, more = _asked(begun)
    except Interrupted:
        with writing(engine) as connection:
            store.give_back(connection, begun.source)
        return Report(begun.source.url, begun.taker.counts, "It was interrupted.")
    counts = begun.taker.counts
    taken = begun.source.taken + counts.added + counts.updated
    with writing(engine) as connection:
        store.settle(connection, begun.source, course, {**more, "taken": taken})
    result = _result(course)
    SOURCE_POLLS.labels(result).inc()
    said = {"source": source_id, "result": result, "added": counts.added, "updated": counts.updated}
    level = logging.INFO if counts.added or counts.updated or course.problem else logging.DEBUG
    _log.log(level, "Source %s was polled: %s", source_id, course.problem or result, extra=said)
    return Report(begun.source.url, counts, course.problem)


def _result(course: polling.Course) -> str:
    if course.state is SourceState.GONE:
        return "gone"
    return "failed" if course.failures else "ok"


def _may_go_on(engine: Engine, source: store.Polled, stopping: Callable[[], bool]) -> bool:
    """Whether the process runs on, and the source is still ours."""
    if stopping():
        return False
    with reading(engine) as connection:
        return store.hold(connection, source)


def _begin(engine: Engine, source_id: int, make_visit: _MakeVisit, *, forced: bool) -> _Poll | None:
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
    visit = make_visit(source)
    return _Poll(engine, visit, source, *place, revision, taker, refused, now, forced)


def _place(revision: Revision, names: Ids, source: store.Polled) -> tuple[Channel, Source] | None:
    for channel in revision.publication.channels:
        for wanted in channel.sources:
            if names.channels[channel.slug] == source.channel_id and wanted.url == source.url:
                return channel, wanted
    return None


def _asked(run: _Poll) -> tuple[polling.Course, dict[str, Any]]:
    """Ask, and take in what comes; how it goes on, and what else to note."""
    course, every, home = run.source.course, run.wanted.every, run.source.url
    try:
        answer = run.visit.get(_address(run), _headers(run.source), share=_SHARE_OF_FIRST)
        if answer.status == _GONE:
            problem = polling.status_problem(_GONE, answer.headers)
            return polling.gone(course, every, _now(run), problem, home=home), {}
        if answer.status == _NOT_MODIFIED:
            return polling.succeeded(course, every, _now(run), answer.moved_to), {}
        if answer.status != _OK:
            later = answer.headers.get("retry-after", "")
            return polling.failed(course, every, _now(run), _problem(answer), later, home=home), {}
        walked = _taken(run, answer)
    except (ServiceUnavailable, Interrupted):
        raise
    except (FetchFailed, FetchRefused, SourceRefused) as error:
        if isinstance(error, SourceRefused):
            _note_refusal(run, error)
        problem = f"{error.message} {error.cure}".strip()
        return polling.failed(course, every, _now(run), problem, home=home), {}
    except Exception as error:  # noqa: BLE001 - whatever it was, it is asked again later
        _log.exception("The source %s cannot be read.", run.source.id)
        problem = f"Unexpected {type(error).__name__}. Please report it, with its address."
        return polling.failed(course, every, _now(run), problem, home=home), {}
    now = _now(run)
    course = polling.succeeded(course, every, now, answer.moved_to, soon=walked.soon)
    return course, _to_note(run, answer, walked, now)


def _address(run: _Poll) -> str:
    kind, address = run.wanted.kind, run.source.address
    return posts_url(address) if kind == "wordpress" else address


def _headers(source: store.Polled) -> dict[str, str]:
    """A conditional request (RFC 9110 section 13.1): an unchanged source costs it nothing."""
    said = {"If-None-Match": source.etag, "If-Modified-Since": source.http_date}
    return {"Accept": _ACCEPT, **{name: value for name, value in said.items() if value}}


def _taken(run: _Poll, answer: Answer) -> Walked:
    """Read an answer and record what it holds; how far that went."""
    if _hash(answer) == run.source.body_hash:
        return Walked()
    asked = _known_before(run, answer.url)
    if run.wanted.kind == "sitemap":
        source, refused = run.source, run.refused
        walk = Walk(run.engine, run.visit, run.taker, source, asked, refused, run.forced)
        walked = walk.take(answer)
    else:
        read = read_posts if run.wanted.kind == "wordpress" else read_feed
        harvest = read(answer.body, answer.headers, asked)
        if not run.taker.take(harvest, run.now):
            raise Interrupted
        # One that is never well-formed has been taken when nothing more of it is new.
        walked = Walked(harvest.whole and (harvest.well_formed or not run.taker.counts.added))
    _forget_refusal(run)
    return walked


def _to_note(run: _Poll, answer: Answer, walked: Walked, now: datetime) -> dict[str, Any]:
    """What a row says after an answer that could be read."""
    more: dict[str, Any] = dict.fromkeys(("etag", "http_date", "body_hash"))
    more["next_sitemap"] = walked.next_sitemap
    if walked.whole:
        more["first_taken_at"] = run.source.first_taken_at or now
    if walked.whole and not walked.lists_sitemaps:  # else a 304 would hide what is left
        more |= _validators(answer.headers, _hash(answer))
    return more


def _hash(answer: Answer) -> str:
    return hashlib.sha256(answer.body).hexdigest()


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
