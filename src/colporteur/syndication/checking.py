"""Looks at the stored documents with the lint, and at those that it kept from being stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.db.tables.syndication import documents, faulty_documents
from colporteur.syndication.lint import Fault, lint_document
from colporteur.syndication.lint.cures import CURES


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
    query = select(documents.c.path).order_by(documents.c.path)
    for path in connection.scalars(query).all():
        row = connection.execute(
            select(documents.c.address, documents.c.body).where(documents.c.path == path)
        ).one()
        url = f"{site}/{row.address or path}"
        yield path, lint_document(row.body, feed_url=url, now=now)


def kept_back(connection: Connection) -> list[KeptBack]:
    """The documents that were not stored, and why."""
    rows = connection.execute(select(faulty_documents).order_by(faulty_documents.c.path))
    return [KeptBack(row.path, row.at, tuple(_fault(one) for one in row.faults)) for row in rows]


def _fault(said: dict[str, str | None]) -> Fault:
    rule = said["rule"] or ""  # perhaps of an earlier release
    return Fault(rule, said["problem"] or "", said.get("article") or "", CURES.get(rule, ""))
