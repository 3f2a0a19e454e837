"""Ids under which an article was told of beside its own; whoever knows one finds it by it."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.articles.submission import Told
from colporteur.db.tables.articles import article_ids


def article_of(connection: Connection, external_id: str) -> int | None:
    """The article that a further id names."""
    named = select(article_ids.c.article_id).where(article_ids.c.external_id == external_id)
    return connection.scalar(named)


def is_old(connection: Connection, external_id: str, told: Told) -> bool:
    """Whether something newer was told under an id before."""
    named = select(article_ids.c.told_at).where(article_ids.c.external_id == external_id)
    known = connection.scalar(named)
    if known is None:
        return False
    return told.at < known or (told.once and told.at == known)


def note(
    connection: Connection, external_id: str, article_id: int, at: datetime | None = None
) -> None:
    """Have an id name an article, and note how new what it told is."""
    values = {"article_id": article_id} | ({} if at is None else {"told_at": at})
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(article_ids).values(external_id=external_id, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[article_ids.c.external_id], set_=values)
    )
