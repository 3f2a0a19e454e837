"""Takes one article in for an edge: cleaned outside of the transaction that records it.

Cleaning a large text takes long, and nobody else's writing should wait for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from colporteur.articles import refusals
from colporteur.articles.intake import Outcome, Taken, record
from colporteur.articles.preparing import Prepared, prepare
from colporteur.articles.submission import Submission
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ArticleRefused
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require


@dataclass(frozen=True)
class Entry:
    """What somebody brought: ``origin`` such as ``api:cms``, ``name`` its id, address or file."""

    origin: str
    name: str


Then = Callable[[Connection, Taken, datetime], None]
"""What else an edge does in the transaction in which an article is taken in, at that moment."""


def take(
    engine: Engine,
    submission: Submission,
    *,
    significant: bool = True,
    entry: Entry | None = None,
    then: Then | None = None,
) -> Taken:
    """Add an article, or update the one it is; a former refusal of ``entry`` is forgotten.

    What ``then`` raises undoes it.

    Raises:
        ArticleRefused: it cannot be taken; nothing was written.
    """
    with reading(engine) as connection:
        revision = require(connection)
        topics = ids(connection, revision.publication).topics
        now = database_now(connection)
    prepared = prepare(submission, revision.publication, topics, now)
    with writing(engine) as connection:
        inside = require(connection)
        names, now = ids(connection, inside.publication), database_now(connection)
        if inside.number != revision.number:  # the publication changed in between
            prepared = prepare(submission, inside.publication, names.topics, now)
        taken = record(
            connection, prepared, inside.publication, names, now, significant=significant
        )
        _require_text(taken, prepared)
        if then is not None:
            then(connection, taken, now)
        if entry is not None:
            refusals.forget(connection, entry.origin, entry.name)
    return taken


def refuse(engine: Engine, entry: Entry, title: str, reason: str, cure: str) -> None:
    """Write down that an entry was refused, for someone to mend."""
    with writing(engine) as connection:
        now = database_now(connection)
        refusals.note(connection, entry.origin, entry.name, title, reason, cure, now)


def settle(engine: Engine, entry: Entry) -> None:
    """Forget a refusal, if there was one: what it was about is in order."""
    with writing(engine) as connection:
        refusals.forget(connection, entry.origin, entry.name)


def _require_text(taken: Taken, prepared: Prepared) -> None:
    """An update may say nothing but a title; what is added has something to read.

    Raises:
        ArticleRefused: it has neither text nor teaser.
    """
    content = prepared.content
    if taken.outcome is Outcome.ADDED and not (content.body_html or content.teaser):
        raise ArticleRefused(
            "The article has neither a text nor a teaser.", cure="Write one of them, or both."
        )
