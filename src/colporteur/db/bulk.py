"""Many rows at once: by COPY on PostgreSQL, in one prepared statement on SQLite.

An ORM's or a driver's usual insert costs ten times as much as what the database does for it; with
a million rows that is the difference between a minute and ten.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, Connection, Table, any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from colporteur.db.types import Instant


def reserve_ids(connection: Connection, table: Table, count: int) -> Iterable[int]:
    """So many ids of a table, for rows that the caller adds in this transaction."""
    if connection.dialect.name == "sqlite":
        last = connection.scalar(select(func.max(table.c.id))) or 0
        return range(last + 1, last + 1 + count)
    taken = text("SELECT nextval(CAST(:name AS regclass)) FROM generate_series(1, :count)")
    name = f"{table.name}_id_seq"
    return list(connection.scalars(taken, {"name": name, "count": count}))


def add_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Add rows of these columns; those of JSON are written as text already.

    Raises:
        IntegrityError: one of them breaks a constraint; none is added.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in columns)
        instants = [
            at for at, name in enumerate(columns) if isinstance(table.c[name].type, Instant)
        ]
        known: dict[datetime | None, str | None] = {None: None}  # the same in most rows
        stored = [_with_text(row, instants, known) for row in rows]
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) VALUES ({marks})",  # noqa: S608 - our own names
            stored,
        )
        return
    statement = f"COPY {table.name} ({names}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:  # as SQLAlchemy would have raised it
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """A condition: a column has one of many values, which are one parameter of the statement."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(_json(values)).table_valued("value")
        return column.in_(select(listed.c.value))
    wanted = bindparam(None, list(values), type_=ARRAY(column.type), unique=True)
    return column == any_(wanted)


def looking_up(connection: Connection) -> None:
    """Have this transaction find rows by their indexes.

    While a table grows by thousands of rows a moment, PostgreSQL's idea of it is old, and it
    would now and then read a million rows to find a few thousand.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))


def _with_text(
    row: Sequence[Any], instants: Sequence[int], known: dict[datetime | None, str | None]
) -> tuple[Any, ...]:
    """A row with its instants as SQLite stores them: UTC, without a zone."""
    if not instants:
        return tuple(row)
    stored = list(row)
    for at in instants:
        moment = stored[at]
        if moment not in known:
            known[moment] = stored_instant(moment)
        stored[at] = known[moment]
    return tuple(stored)


def stored_instant(moment: datetime) -> str:
    """An aware instant in UTC as SQLite stores it (``db.types.Instant``)."""
    return f"{moment.replace(tzinfo=None).isoformat(' ', 'microseconds')}"


def _json(values: Collection[Any]) -> str:
    return json.dumps(list(values))
