"""What special editions and their drafts are called on pages."""

from collections.abc import Sequence

from sqlalchemy import Connection

from colporteur.articles.store import by_ids
from colporteur.editions.special_drafts import Draft
from colporteur.editions.store import Edition


def titles_of(connection: Connection, editions: Sequence[Edition]) -> dict[int, str]:
    """Editions' subjects by id, else their first article's title; empty without either."""
    said = {
        one.id: (one.arrangement.subject, next(iter(one.arrangement.pinned), 0)) for one in editions
    }
    return _titles(connection, said)


def titles_of_drafts(connection: Connection, drafts: Sequence[Draft]) -> dict[int, str]:
    """The same of drafts."""
    said = {one.id: (one.writing.subject, next(iter(one.writing.articles), 0)) for one in drafts}
    return _titles(connection, said)


def _titles(connection: Connection, said: dict[int, tuple[str, int]]) -> dict[int, str]:
    known = by_ids(connection, sorted({lead for _, lead in said.values()}))
    return {
        number: subject or (known[lead].title if lead in known else "")
        for number, (subject, lead) in said.items()
    }
