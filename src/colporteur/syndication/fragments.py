"""Entry fragments: an article's entry in one format, written once for each version and kept."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from colporteur.articles.store import at_versions
from colporteur.counting import ENTRY_FRAGMENTS
from colporteur.db.tables.syndication import entry_fragments
from colporteur.publication import Publication
from colporteur.syndication.feed import Entry, Head, Listed, entry
from colporteur.syndication.jsonfeed import JsonFormat
from colporteur.syndication.lint import Fault, lint_fragment
from colporteur.syndication.xml import XmlFormat

WRITTEN_AS = 2
"""Raised when what is written for the same article changes, so that old fragments are left."""

Format = XmlFormat | JsonFormat


@dataclass(frozen=True)
class Shape:
    """What entries depend on beside their article."""

    publication: Publication
    topics: Mapping[int, str]
    site: str
    full_text: bool
    retractions: Mapping[str, str]  # what a withdrawn article's entry says, by language

    def retraction(self, language: str) -> str:
        """In the article's language; in the main one if the publication has left that."""
        return self.retractions.get(language) or self.retractions[self.publication.languages[0]]

    @property
    def key(self) -> str:
        """Equal for shapes that write the same entries."""
        names = {slug: topic.name for slug, topic in self.publication.topics.items()}
        parts: list[Any] = [WRITTEN_AS, self.site, self.full_text, names]
        parts += [sorted(self.topics.items()), dict(self.retractions)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Fragment:
    """An entry's bytes in one format, and the rules that they break; warnings are left out."""

    article_id: int
    body: bytes
    faults: tuple[Fault, ...] = ()


def fragments(
    connection: Connection,
    listed: Sequence[Listed],
    written: Format,
    shape: Shape,
    head: Head,
    *,
    keep: bool = True,
) -> list[Fragment]:
    """The fragments of what a feed holds, in order; what was missing is kept if ``keep`` says so."""
    key = shape.key
    wanted = {one.article_id: one.version for one in listed}
    kept = connection.execute(
        select(entry_fragments)
        .where(entry_fragments.c.article_id.in_(wanted))
        .where(entry_fragments.c.format == written.suffix, entry_fragments.c.shape == key)
    )
    found = {
        row.article_id: Fragment(row.article_id, row.body, _faults(row.faults))
        for row in kept
        if wanted[row.article_id] == row.version
    }
    missing = {one: version for one, version in wanted.items() if one not in found}
    ENTRY_FRAGMENTS.labels("found").inc(len(found))
    ENTRY_FRAGMENTS.labels("written").inc(len(missing))
    if missing:
        fresh = _write(connection, missing, written, shape, head)
        rows = [
            {
                "article_id": one.article_id,
                "version": missing[one.article_id],
                "format": written.suffix,
                "shape": key,
                "body": one.body,
                "faults": [{"rule": fault.rule, "problem": fault.problem} for fault in one.faults],
            }
            for one in fresh
        ]
        if keep:
            connection.execute(insert(entry_fragments), rows)
        found |= {one.article_id: one for one in fresh}
    return [found[one.article_id] for one in listed]


def forget_shapes(connection: Connection, used: Collection[str]) -> None:
    """Drop the fragments that no feed is joined from any more."""
    connection.execute(delete(entry_fragments).where(entry_fragments.c.shape.not_in(used)))


def _write(
    connection: Connection,
    missing: dict[int, int],
    written: Format,
    shape: Shape,
    head: Head,
) -> list[Fragment]:
    return [
        _judged(
            number,
            written,
            entry(
                article,
                shape.publication,
                shape.topics,
                shape.site,
                full_text=shape.full_text,
                retraction=shape.retraction(article.language),
            ),
            head,
        )
        for number, article in at_versions(connection, missing).items()
    ]


def _judged(article_id: int, written: Format, said: Entry, head: Head) -> Fragment:
    try:
        body = written.fragment(said, head)
    except ValueError as error:  # lxml's, for a character that XML has none of
        return Fragment(article_id, b"", (Fault("text-forbidden-character", f"{error}."),))
    faults = lint_fragment(body, written.suffix)
    return Fragment(article_id, body, tuple(one for one in faults if not one.warning))


def _faults(kept: list[dict[str, str]]) -> tuple[Fault, ...]:
    return tuple(Fault(one["rule"], one["problem"]) for one in kept)
