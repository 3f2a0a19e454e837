"""Takes what a program sends into the store, and has the feeds built at once."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from colporteur import tasks
from colporteur.articles.cleaning import clean_text
from colporteur.articles.formats.records import from_record
from colporteur.articles.intake import Outcome, Taken
from colporteur.articles.store import by_ids, by_key
from colporteur.articles.submission import Submission
from colporteur.articles.taking import Entry, refuse, take
from colporteur.articles.withdrawing import withdraw
from colporteur.clock import utcnow
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.articles import articles
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.exceptions import ArticleRefused, ColporteurError, ServiceUnavailable
from colporteur.staff import people
from colporteur.staff.permissions import require_within_reach
from colporteur.staff.tokens import Token
from colporteur.tasks import Runtime
from colporteur.web.api.noting import note
from colporteur.web.api.problems import unknown_article
from colporteur.web.api.views import ArticleView, ResultView, TakenView, views

_log = logging.getLogger(__name__)
_KEYS = ("id", "url", "feed_id", "title")
_SIGNIFICANT = "significant"
_NOTED = {Outcome.ADDED: "article.written", Outcome.UPDATED: "article.changed"}
_REMOVE = "remove"
REMOVABLE = ["teaser", "image", "enclosure", "source"]


@dataclass(frozen=True)
class Intake:
    """The API's way into the store of one installation."""

    runtime: Runtime

    def one(self, record: Mapping[str, Any], token: Token, *, part: bool = False) -> TakenView:
        """Add an article, or update the one it is.

        Raises:
            ArticleRefused: it cannot be taken; that was written down.
        """
        taken = self._take(record, token, part=part)
        self.ring()
        (view,) = self.shown([taken.article_id])
        return TakenView(**view.model_dump(), outcome=taken.outcome)

    def at(self, key: str, record: Mapping[str, Any], token: Token) -> TakenView:
        """Add or update the article of an id, the caller's or a feed's."""
        return self.one(self._keyed(key, record), token)

    def part(self, key: str, record: Mapping[str, Any], token: Token) -> TakenView:
        """Update an article by what is said; the rest stays.

        Raises:
            Problem: 404, there is no such article.
        """
        with reading(self.runtime.engine) as connection:
            if by_key(connection, key) is None:
                raise unknown_article(key)
        return self.one(self._keyed(key, record), token, part=True)

    def many(self, records: list[Any], token: Token) -> list[ResultView]:
        """Take each on its own: a bad one stops none."""
        found = [self._result(record, token) for record in records]
        self.ring()
        with reading(self.runtime.engine) as connection:
            known = by_ids(connection, [one.article_id for one in found if isinstance(one, Taken)])
            shown = views(connection, self.runtime.settings, list(known.values()))
        by_id = dict(zip(known, shown, strict=True))
        return [
            _told(one, by_id[one.article_id]) if isinstance(one, Taken) else one for one in found
        ]

    def withdraw(self, key: str, token: Token) -> None:
        """Take an article back; again is no mistake.

        Raises:
            Problem: 404, there is no such article.
        """
        with writing(self.runtime.engine) as connection:
            found = by_key(connection, key)
            if found is None:
                raise unknown_article(key)
            now = database_now(connection)
            person = people.by_id(connection, token.user_id)
            require_within_reach(connection, person, found.id)
            if withdraw(connection, found.slug, now):
                said = f"article:{found.id}"
                note(connection, token, "article.withdrawn", said, now, title=found.title)
            withdraw_from_frozen(connection, now)
        self.ring()

    def submit(
        self, submission: Submission, entry: Entry, token: Token, *, significant: bool = True
    ) -> Taken:
        """Take in what was read already, as the token's holder; a refusal is written down.

        Raises:
            ArticleRefused: it cannot be taken.
            Forbidden: it is an update of what the holder may not change.
        """
        then = partial(_as_holder, token)
        engine = self.runtime.engine
        try:
            return take(engine, submission, significant=significant, entry=entry, then=then)
        except ArticleRefused as error:
            refuse(self.runtime.engine, entry, submission.title, error.message, error.cure)
            raise

    def shown(self, article_ids: list[int]) -> list[ArticleView]:
        """Articles as the API tells them."""
        with reading(self.runtime.engine) as connection:
            found = by_ids(connection, article_ids)
            return views(connection, self.runtime.settings, [found[one] for one in article_ids])

    def ring(self) -> None:
        """Have the feeds built now rather than at the next tick."""
        tasks.ring(tasks.build_feeds)

    def _take(self, record: Mapping[str, Any], token: Token, *, part: bool = False) -> Taken:
        entry = _entry(record, token)
        try:
            significant = _significant(record)
            submission = _part(record) if part else from_record(_said(record), utcnow())
        except ArticleRefused as error:
            title = record.get("title")
            shown = title if isinstance(title, str) else ""
            refuse(self.runtime.engine, entry, shown, error.message, error.cure)
            raise
        return self.submit(submission, entry, token, significant=significant)

    def _keyed(self, key: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record with the key from the address; one of its own must be the same."""
        with reading(self.runtime.engine) as connection:
            known = by_key(connection, key)
        name = "feed_id" if known and known.feed_id == key != known.external_id else "id"
        own = record.get(name)
        if own is not None and str(own) != key:
            raise ArticleRefused(
                f"Its {name} is not that of its address.", cure=f"Leave {name} out, or correct it."
            )
        return {**record, name: key}

    def _result(self, record: Any, token: Token) -> Taken | ResultView:
        if not isinstance(record, dict):
            return _refusal(record, "It is no object.", 'Write {"title": "…", "body": "…"}.')
        try:
            return self._take(record, token)
        except (ServiceUnavailable, DBAPIError):  # no article's fault: the next would meet it too
            raise
        except ColporteurError as error:
            return _refusal(record, error.message, error.cure)
        except Exception as error:  # noqa: BLE001 - one article's surprise must not undo the others
            _log.exception("An article of many was refused.")
            why = f"Unexpected {type(error).__name__}."
            return _refusal(record, why, "Please report it, with the article.")


def _as_holder(token: Token, connection: Connection, taken: Taken, now: datetime) -> None:
    """What was added is the holder's own; what was changed must be within their reach."""
    if taken.outcome is Outcome.UNCHANGED:
        return
    subject, title = f"article:{taken.article_id}", taken.title
    person = note(connection, token, _NOTED[taken.outcome], subject, now, title=title)
    if taken.outcome is Outcome.ADDED:
        mine = update(articles).where(articles.c.id == taken.article_id)
        connection.execute(mine.values(made_by=person.id))
    else:
        require_within_reach(connection, person, taken.article_id)


def _said(record: Mapping[str, Any], *ours: str) -> dict[str, Any]:
    """What a record says of the article, without what it says to us."""
    return {name: value for name, value in record.items() if name not in {_SIGNIFICANT, *ours}}


def _part(record: Mapping[str, Any]) -> Submission:
    """What is said of a known article; null says nothing, and a title is blank by mistake only."""
    remove = record.get(_REMOVE)
    removed = [] if remove is None else remove
    if not isinstance(removed, list) or not all(one in REMOVABLE for one in removed):
        raise ArticleRefused(
            "remove is no list of what can be removed.",
            cure=f"Write some of {json.dumps(REMOVABLE)}.",
        )
    submission = from_record(_said(record, _REMOVE), utcnow())
    if record.get("title") is not None and not clean_text(submission.title):
        raise ArticleRefused("The article has no title.", cure="Give it one, or leave it out.")
    return replace(submission, part=True, remove=frozenset(removed))


def _significant(record: Mapping[str, Any]) -> bool:
    value = record.get(_SIGNIFICANT)
    if value is None or isinstance(value, bool):
        return value is not False
    raise ArticleRefused(
        "significant is neither true nor false.", cure="Write significant: false for a typo."
    )


def _entry(record: Mapping[str, Any], token: Token) -> Entry:
    """What a refusal is written down under: the first of its keys that it has."""
    names = (record.get(key) for key in _KEYS)
    name = next((str(one) for one in names if isinstance(one, str | int) and one), "")
    return Entry(f"api:{token.name}", name)


def _told(taken: Taken, view: ArticleView) -> ResultView:
    return ResultView(
        outcome=taken.outcome,
        id=view.id,
        title=view.title,
        feed_id=view.feed_id,
        slug=view.slug,
        url=view.url,
    )


def _refusal(record: Any, reason: str, cure: str) -> ResultView:
    said = record if isinstance(record, dict) else {}
    key, title = said.get("id"), said.get("title")
    return ResultView(
        outcome="refused",
        id=clean_text(key) if isinstance(key, str) else None,
        title=clean_text(title) if isinstance(title, str) else "",
        reason=clean_text(reason),
        cure=clean_text(cure),
    )
