"""Lists that the newsroom was given: kept in the database until a worker has read them in.

In the caller's transaction. Their bytes lie in parts, so that a worker on any machine finds them;
whoever holds a list says so with each chunk, and what a dead worker held is anybody's again. The
rows done stand in ``imports``, as for the command line.
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Text,
    cast,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)

from colporteur.audience.importing.terms import Terms, read_terms
from colporteur.db.tables.audience import imports, reader_list_parts, reader_lists
from colporteur.exceptions import UnknownName

GIVEN_PARTS, REFUSED_PARTS = "given", "refused"
KEPT_FOR = timedelta(days=7)
"""How long a list that nobody starts, and the rows that were refused, are kept."""
_PART = 1 << 20


class Step(enum.StrEnum):
    """How far a list is."""

    GIVEN = "given"
    TRYING = "trying"  # a worker looks what would become of its rows
    TRIED = "tried"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


_RESTING = (Step.GIVEN, Step.TRIED, Step.FAILED)
WORKING = (Step.TRYING, Step.STARTED)
_NAME = "newsroom list "
_BEGUN = exists().where(imports.c.name == literal(_NAME) + cast(reader_lists.c.id, Text))
_LISTS = select(reader_lists, _BEGUN.label("begun"))


@dataclass(frozen=True)
class GivenList:
    """A list as it stands. ``rows`` are done of about ``lines``; ``told`` is what became of them.

    ``begun``: some of it may be read in already; it goes on only under the terms it began with.
    """

    id: int
    name: str
    size: int
    terms: Terms
    version: int
    state: Step
    lines: int
    rows: int
    told: Mapping[str, Any]
    problem: str
    by: str
    at: datetime
    changed_at: datetime
    begun: bool

    @property
    def working(self) -> bool:
        """Whether a worker has it, or is to have it."""
        return self.state in WORKING


def keep(
    connection: Connection,
    key: str,
    name: str,
    data: bytes,
    lines: int,
    *,
    by: str,
    now: datetime,
) -> int:
    """Keep a list that was given under a form's key; its id, the same for the same key."""
    known = connection.scalar(select(reader_lists.c.id).where(reader_lists.c.key == key))
    if known is not None:
        return int(known)
    values = {
        "key": key,
        "name": name,
        "size": len(data),
        "terms": Terms().told(),
        "version": 1,
        "state": Step.GIVEN,
        "lines": lines,
        "rows": 0,
        "told": {},
        "problem": "",
        "by": by,
        "at": now,
        "changed_at": now,
    }
    made = insert(reader_lists).values(values).returning(reader_lists.c.id)
    list_id = int(connection.execute(made).scalar_one())
    put_parts(connection, list_id, GIVEN_PARTS, data)
    return list_id


def given(connection: Connection, list_id: int) -> GivenList:
    """A list by its id.

    Raises:
        UnknownName: there is none, or it was dropped.
    """
    row = connection.execute(_LISTS.where(reader_lists.c.id == list_id)).first()
    if row is None:
        raise UnknownName("There is no such list any more.", cure="Give it once more.")
    return _list(row)


def latest(connection: Connection, limit: int) -> list[GivenList]:
    """The lists that were given last, the newest first."""
    newest = _LISTS.order_by(reader_lists.c.id.desc()).limit(limit)
    return [_list(row) for row in connection.execute(newest)]


def attempt(
    connection: Connection, list_id: int, version: int, terms: Terms, now: datetime
) -> bool:
    """Say what a list is, and have it tried; False if somebody else said so meanwhile."""
    stood = (reader_lists.c.id == list_id, reader_lists.c.version == version)
    resting = reader_lists.c.state.in_(_RESTING)
    values = {"terms": terms.told(), "version": version + 1, "rows": 0, "told": {}}
    return _move(connection, (*stood, resting, ~_BEGUN), Step.TRYING, now, **values)


def start(connection: Connection, list_id: int, version: int, now: datetime) -> bool:
    """Have a list that was tried read in; False if it is not as it was shown any more."""
    stood = (reader_lists.c.id == list_id, reader_lists.c.version == version)
    ready = reader_lists.c.state.in_([Step.TRIED, Step.FAILED])
    return _move(connection, (*stood, ready), Step.STARTED, now, rows=0)


def drop(connection: Connection, list_id: int) -> bool:
    """Forget a list that nobody reads in; whether there was such."""
    mine = (reader_lists.c.id == list_id, reader_lists.c.state.in_([*_RESTING, Step.DONE]))
    if connection.execute(select(reader_lists.c.id).where(*mine).with_for_update()).first() is None:
        return False
    connection.execute(delete(reader_list_parts).where(reader_list_parts.c.list_id == list_id))
    connection.execute(delete(reader_lists).where(*mine))
    return True


def forget(connection: Connection, now: datetime) -> int:
    """Forget the bytes of what rests for long; how many lists. What became of them stays."""
    old = select(reader_lists.c.id).where(
        reader_lists.c.state.in_([*_RESTING, Step.DONE]),
        reader_lists.c.changed_at < now - KEPT_FOR,
    )
    ids = connection.scalars(
        select(reader_list_parts.c.list_id).where(reader_list_parts.c.list_id.in_(old)).distinct()
    ).all()
    connection.execute(delete(reader_list_parts).where(reader_list_parts.c.list_id.in_(ids)))
    connection.execute(delete(reader_lists).where(reader_lists.c.id.in_(ids), ~_BEGUN))
    return len(ids)


def known_as(list_id: int) -> str:
    """What a list is called among ``imports``, wherever its bytes lie."""
    return f"{_NAME}{list_id}"


def parts(connection: Connection, list_id: int, kind: str) -> Iterator[bytes]:
    """The bytes of a list, or of the rows that were refused of it; nothing once forgotten."""
    found = reader_list_parts.c
    mine = (found.list_id == list_id, found.kind == kind)
    numbers = connection.scalars(select(found.part).where(*mine).order_by(found.part)).all()
    for number in numbers:
        yield connection.execute(
            select(found.bytes).where(*mine, found.part == number)
        ).scalar_one()


def put_parts(connection: Connection, list_id: int, kind: str, data: bytes) -> None:
    """Keep the bytes of a list, or of the rows that were refused of it."""
    for number, first in enumerate(range(0, len(data), _PART)):
        part = {"list_id": list_id, "kind": kind, "part": number}
        connection.execute(
            insert(reader_list_parts).values(**part, bytes=data[first : first + _PART])
        )


def _move(
    connection: Connection, which: Sequence[Any], state: Step, now: datetime, **values: Any
) -> bool:
    free = {"rung_at": None, "lease_token": None, "lease_until": None}
    changed = {"state": state, "changed_at": now, "problem": "", **free, **values}
    return connection.execute(update(reader_lists).where(*which).values(changed)).rowcount > 0


def _list(row: Any) -> GivenList:
    values = {name: getattr(row, name) for name in GivenList.__dataclass_fields__}
    return GivenList(**values | {"state": Step(row.state), "terms": read_terms(row.terms)})
