"""Records a source's entries in groups, each in a transaction of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Engine, func, or_, select, update
from sqlalchemy.exc import DataError, DBAPIError

from colporteur.articles import refusals
from colporteur.articles.intake import Outcome, record
from colporteur.articles.preparing import Prepared, prepare
from colporteur.articles.sources import store
from colporteur.articles.sources.harvesting import PLACE
from colporteur.articles.sources.reading import Entry, Harvest, Refused
from colporteur.articles.submission import Submission
from colporteur.db import database_now, writing
from colporteur.db.tables.articles import articles
from colporteur.exceptions import ArticleRefused
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, require

GROUP = 20  # entries in one transaction, so that others' articles are not held up
SAME_MOMENT = timedelta(minutes=1)
_REPORT = "Please report it, with the source's address."
_Ready = tuple[Entry, Prepared | Refused]


@dataclass
class Counts:
    """What became of a poll's entries."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


class Taker:
    """Takes the entries of one poll of one source."""

    def __init__(
        self,
        engine: Engine,
        source: store.Polled,
        revision: Revision,
        names: Ids,
        known_refused: dict[str, store.Standing],
    ) -> None:
        self.counts = Counts()
        self._engine = engine
        self._source = source
        self._revision = revision
        self._names = names
        self._known_refused = known_refused

    def take(self, harvest: Harvest, now: datetime) -> bool:
        """Record what was read; False if another worker has taken the source over."""
        ready = (self._prepared(entry, now) for entry in harvest.entries)
        while group := list(islice(ready, GROUP)):
            if not self._record(group):
                return False
        with writing(self._engine) as connection:
            now = database_now(connection)
            for key in self._known_refused:
                if key.startswith(PLACE):  # another may stand in that place now
                    refusals.forget(connection, self._source.origin, key)
            for refused in harvest.refused:
                self._refuse(connection, refused, now)
        return True

    def forget(self, key: str) -> None:
        """Drop what stands refused, if it does: it serves again."""
        if key in self._known_refused:
            with writing(self._engine) as connection:
                refusals.forget(connection, self._source.origin, key)

    def _prepared(self, entry: Entry, now: datetime) -> _Ready:
        """Clean an entry, which takes long, before a transaction begins."""
        try:
            topics = self._names.topics
            return entry, prepare(entry.said, self._revision.publication, topics, now)
        except ArticleRefused as refusal:
            return entry, _refused(entry, refusal.message, refusal.cure)
        except Exception as error:  # noqa: BLE001 - one entry's surprise must not stop the others
            return entry, _surprise(entry, error)

    def _record(self, group: Sequence[_Ready]) -> bool:
        with writing(self._engine) as connection:
            if not store.hold(connection, self._source):
                return False
            now = database_now(connection)
            for entry, prepared in self._in_force(connection, group, now):
                self._record_one(connection, entry, prepared, now)
        return True

    def _in_force(
        self, connection: Connection, group: Sequence[_Ready], now: datetime
    ) -> Iterator[_Ready]:
        """The group, prepared again if the publication has changed since."""
        revision = require(connection)
        if revision.number == self._revision.number:
            yield from group
            return
        self._revision, self._names = revision, ids(connection, revision.publication)
        for entry, _ in group:
            yield self._prepared(entry, now)

    def _record_one(
        self, connection: Connection, entry: Entry, prepared: Prepared | Refused, now: datetime
    ) -> None:
        if isinstance(prepared, Refused):
            self._refuse(connection, prepared, now)
            return
        try:
            with connection.begin_nested():
                outcome = self._written(connection, entry, prepared, now)
        except ArticleRefused as refusal:
            self._refuse(connection, _refused(entry, refusal.message, refusal.cure), now)
        except DataError:
            reason = "The database cannot hold a character or number of it."
            self._refuse(connection, _refused(entry, reason, _REPORT), now)
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - the same
            self._refuse(connection, _surprise(entry, error), now)
        else:
            self._count(outcome)
            if refusals.shown(entry.key) in self._known_refused:
                refusals.forget(connection, self._source.origin, entry.key)

    def _written(
        self, connection: Connection, entry: Entry, prepared: Prepared, now: datetime
    ) -> Outcome:
        said = prepared.said
        if said.feed_id and _is_anothers(connection, said):
            prepared = replace(prepared, said=replace(said, feed_id=None))
        taken = record(
            connection,
            prepared,
            self._revision.publication,
            self._names,
            now,
            significant=_is_significant(connection, entry),
            in_digests=self._source.first_taken_at is not None,
        )
        _keep_word(connection, taken.article_id, entry.updated)
        return taken.outcome

    def _count(self, outcome: Outcome) -> None:
        name = outcome.value
        setattr(self.counts, name, getattr(self.counts, name) + 1)

    def _refuse(self, connection: Connection, refused: Refused, now: datetime) -> None:
        self.counts.refused += 1
        before = self._known_refused.get(refused.key)
        tries = (before.tries if before else 0) + 1 if refused.passing else 0
        refusals.note(
            connection,
            self._source.origin,
            refused.key,
            refused.title,
            refused.reason,
            refused.cure,
            now,
            tries=tries,
        )


def _is_significant(connection: Connection, entry: Entry) -> bool:
    """Whether an entry says that it changed since we last knew of a change.

    Without such a word a change is a correction: readers' programs are not told again. The same
    word again is none: one of the future would make each later typo significant.
    """
    if entry.updated is None:
        return False
    when = articles.c.created_at.type
    changed = func.max(func.coalesce(articles.c.changed_at, articles.c.created_at, type_=when))
    said_before = func.max(articles.c.source_updated_at, type_=when)
    known = connection.execute(
        select(
            changed.label("changed"),
            func.max(articles.c.created_at).label("created"),
            said_before.label("said"),
        ).where(_same(entry.said))
    ).one()
    if known.created is None:
        return True
    if known.said == entry.updated:
        return False
    return bool(entry.updated > max(known.changed, known.created) + SAME_MOMENT)


def _keep_word(connection: Connection, article_id: int, updated: datetime | None) -> None:
    """Note when an article's source says that it changed."""
    said = articles.c.source_updated_at
    if updated is not None:
        other = (articles.c.id == article_id, or_(said.is_(None), said != updated))
        connection.execute(update(articles).where(*other).values(source_updated_at=updated))


def _same(said: Submission) -> ColumnElement[bool]:
    key = store.url_key(said.url) if said.url else ""
    return or_(articles.c.external_id == said.external_id, articles.c.url_key == key)


def _is_anothers(connection: Connection, said: Submission) -> bool:
    """Whether the id that an entry would be published under is another article's."""
    same = articles.c.feed_id == said.feed_id
    found = connection.execute(select(articles.c.external_id, articles.c.url).where(same)).first()
    if found is None or said.external_id == found.external_id:
        return False
    return said.url is None or said.url != found.url


def _refused(entry: Entry, reason: str, cure: str) -> Refused:
    return Refused(entry.key, entry.said.title, reason, cure)


def _surprise(entry: Entry, error: Exception) -> Refused:
    said = f": {error}"[:200] if str(error) else ""
    return _refused(entry, f"Unexpected {type(error).__name__}{said}.", _REPORT)
