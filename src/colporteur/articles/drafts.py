"""Drafts: what people write before it is an article. Nothing but the newsroom looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.articles.manuscript import Manuscript, read_manuscript
from colporteur.db.tables.articles import article_drafts
from colporteur.exceptions import UnknownName


@dataclass(frozen=True)
class Draft:
    """A draft as it was saved last; ``article_id`` is what it became."""

    id: int
    key: str
    manuscript: Manuscript
    version: int
    made_by: int
    changed_by: str
    created_at: datetime
    changed_at: datetime
    article_id: int | None


def begin(
    connection: Connection, key: str, manuscript: Manuscript, *, maker: int, by: str, now: datetime
) -> tuple[Draft, bool]:
    """The draft of a form's key, and whether it is new: twice the same form is one draft."""
    values = {
        "key": key,
        "content": manuscript.as_json(),
        "title": manuscript.title,
        "version": 1,
        "made_by": maker,
        "changed_by": by,
        "created_at": now,
        "changed_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(article_drafts).values(values).on_conflict_do_nothing()
    made = connection.scalar(statement.returning(article_drafts.c.id))
    row = connection.execute(
        select(article_drafts).where(article_drafts.c.key == key).with_for_update()
    ).one()
    return _draft(row), made is not None


def save(
    connection: Connection, draft: Draft, manuscript: Manuscript, *, by: str, now: datetime
) -> None:
    """Write what it says now."""
    connection.execute(
        update(article_drafts)
        .where(article_drafts.c.id == draft.id)
        .values(
            content=manuscript.as_json(),
            title=manuscript.title,
            version=article_drafts.c.version + 1,
            changed_by=by,
            changed_at=now,
        )
    )


def became(connection: Connection, draft_id: int, article_id: int) -> None:
    """Note the article that a draft became; it keeps the Markdown."""
    mine = update(article_drafts).where(article_drafts.c.id == draft_id)
    connection.execute(mine.values(article_id=article_id))


def drop(connection: Connection, draft_id: int) -> None:
    """Throw a draft away."""
    connection.execute(delete(article_drafts).where(article_drafts.c.id == draft_id))


def one(connection: Connection, draft_id: int, within: ColumnElement[bool]) -> Draft:
    """A draft that somebody may see.

    Raises:
        UnknownName: there is none.
    """
    mine = select(article_drafts).where(article_drafts.c.id == draft_id, within)
    row = connection.execute(mine).first()
    if row is None:
        raise UnknownName("There is no such draft.", cure="The list of drafts has those there are.")
    return _draft(row)


def of_article(connection: Connection, article_id: int) -> Draft | None:
    """The draft that an article came from, if it was written here."""
    mine = select(article_drafts).where(article_drafts.c.article_id == article_id)
    row = connection.execute(mine.order_by(article_drafts.c.id.desc()).limit(1)).first()
    return _draft(row) if row else None


def listing(connection: Connection, within: ColumnElement[bool], limit: int) -> Sequence[Draft]:
    """The drafts that somebody may see, the last changed first."""
    waiting = select(article_drafts).where(article_drafts.c.article_id.is_(None), within)
    order = (article_drafts.c.changed_at.desc(), article_drafts.c.id.desc())
    return [_draft(row) for row in connection.execute(waiting.order_by(*order).limit(limit))]


def _draft(row: Any) -> Draft:
    return Draft(
        row.id,
        row.key,
        read_manuscript(row.content),
        row.version,
        row.made_by,
        row.changed_by,
        row.created_at,
        row.changed_at,
        row.article_id,
    )
