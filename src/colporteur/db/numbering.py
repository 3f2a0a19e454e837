"""The one sequence of article numbers that windows of editions go by, and its lock."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from colporteur.db.tables.articles import articles, sequences

_ARTICLES = "articles"


def next_number(connection: Connection) -> int:
    """The next article number; holds the lock that numbering and freezing share until commit.

    So no number ever appears below one already seen (docs/rules.md).
    """
    bump = update(sequences).where(sequences.c.name == _ARTICLES)
    return int(
        connection.execute(
            bump.values(value=sequences.c.value + 1).returning(sequences.c.value)
        ).scalar_one()
    )


def last_number(connection: Connection) -> int:
    """The highest number given so far, under the same lock."""
    query = select(sequences.c.value).where(sequences.c.name == _ARTICLES)
    return int(connection.execute(query.with_for_update()).scalar_one())


def last_number_at(connection: Connection, moment: datetime) -> int:
    """The number after which all articles were numbered since a moment; 0 if all were.

    Clocks of machines differ, so a lower number may bear a later time; and the number before
    the next one may be the new place of an older article in a channel. Either way the reader is
    offered one article more rather than one less.
    """
    after = select(func.min(articles.c.number)).where(articles.c.numbered_at > moment)
    first_after = connection.scalar(after)
    before = select(func.max(articles.c.number))
    if first_after is not None:
        before = before.where(articles.c.number < first_after)
    return int(connection.scalar(before) or 0)
