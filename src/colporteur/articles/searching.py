"""Finds articles by their words: full text on both databases, kept with each version.

Words are folded by ourselves (``db.words``), and what a person types is reduced to them, so that
no query is an error. Each is the beginning of a word; all of them must be there.
"""

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY

from colporteur.articles.preparing import Content
from colporteur.db.tables.articles import WORDS_ON_SQLITE, article_texts, articles
from colporteur.db.words import folded, kept

WORDS_AT_MOST = 10
_SPACE: ColumnElement[str] = literal_column(
    "' '"
)  # as the index has it: a parameter would not be recognised
_ON_SQLITE = table(WORDS_ON_SQLITE, column("rowid"), column(WORDS_ON_SQLITE))


def keep(connection: Connection, article_id: int, content: Content) -> None:
    """Have an article found by its current words."""
    words = kept((content.title, content.teaser, *content.authors), content.body_html)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(article_texts).values(article_id=article_id, words=words)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[article_texts.c.article_id], set_={"words": words}
        )
    )


def matching(connection: Connection, asked: str) -> ColumnElement[bool]:
    """A condition on ``articles``: those that have every word asked for; none for no word."""
    words = _told(asked)
    if not words:
        return false()
    found = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    return articles.c.id.in_(found(words))


def _told(asked: str) -> list[str]:
    """The words that tell articles apart: the l of ``l'école`` is in all of them."""
    words = list(dict.fromkeys(folded(asked)))
    return ([one for one in words if len(one) > 1] or words)[:WORDS_AT_MOST]


def _sqlite(words: list[str]) -> Select[tuple[int]]:
    query = " ".join(f'"{one}"*' for one in words)
    return select(_ON_SQLITE.c.rowid).where(_ON_SQLITE.c[WORDS_ON_SQLITE].op("MATCH")(query))


def _postgresql(words: list[str]) -> Select[tuple[int]]:
    # A cast, and no to_tsquery: its parser would part words in other places than we did.
    query = cast(" & ".join(f"'{one}':*" for one in words), TSQUERY)
    indexed = func.array_to_tsvector(func.string_to_array(article_texts.c.words, _SPACE))
    return select(article_texts.c.article_id).where(indexed.op("@@")(query))
