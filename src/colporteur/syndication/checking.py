"""Looks at stored documents with the lint, and keeps those from being stored that break a rule."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import DBAPIError

from colporteur.db.tables.articles import articles
from colporteur.db.tables.syndication import faulty_documents
from colporteur.syndication.documents import document, paths
from colporteur.syndication.lint import Fault, lint_document
from colporteur.syndication.lint.cures import CURES

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeptBack:
    """A document that broke a rule when it was built; readers still get the one before it."""

    path: str
    at: datetime
    faults: tuple[Fault, ...]  # each with the slug of the article at fault


def lint_stored(
    connection: Connection, site: str, now: datetime
) -> Iterator[tuple[str, list[Fault]]]:
    """Each stored document's path and faults, one document in memory at a time."""
    for path in paths(connection):
        found = document(connection, path)
        if found is not None:
            url = f"{site}/{found.address}"
            yield path, lint_document(found.body, feed_url=url, now=now)


def kept_back(connection: Connection) -> list[KeptBack]:
    """The documents that were not stored, and why."""
    rows = connection.execute(select(faulty_documents).order_by(faulty_documents.c.path))
    return [KeptBack(row.path, row.at, tuple(_fault(one) for one in row.faults)) for row in rows]


def keep_back(
    connection: Connection, path: str, faults: Mapping[int, Sequence[Fault]], now: datetime
) -> list[str]:
    """Note that a document was not stored, and why; a line for each fault.

    ``faults`` are by article id, 0 for those of the feed itself.
    """
    query = select(articles.c.id, articles.c.slug).where(articles.c.id.in_(faults))
    slugs = {row.id: row.slug for row in connection.execute(query)}
    said = [
        {"rule": one.rule, "problem": one.problem, "article": slugs.get(article)}
        for article, found in faults.items()
        for one in found
    ]
    let_through(connection, path)
    connection.execute(insert(faulty_documents).values(path=path, at=now, faults=said))
    return [f"{one['article'] or 'the feed'}: {one['rule']}: {one['problem']}" for one in said]


@contextmanager
def apart(connection: Connection, feed_path: str) -> Iterator[None]:
    """Have what goes wrong with one feed stop no other; a database that refuses stops all."""
    try:
        with connection.begin_nested():
            yield
    except DBAPIError:
        raise
    except Exception:  # noqa: BLE001 - whatever it was, readers of the others wait
        _log.exception("%s could not be built, and is served as it was.", feed_path)


def let_through(connection: Connection, path: str) -> None:
    """Note that a document breaks no rule any more."""
    connection.execute(delete(faulty_documents).where(faulty_documents.c.path == path))


def _fault(said: dict[str, str | None]) -> Fault:
    rule = said["rule"] or ""  # perhaps of an earlier release
    return Fault(rule, said["problem"] or "", said.get("article") or "", CURES.get(rule, ""))
