"""Moves a SQLite database to PostgreSQL: every row, compared one by one, in one transaction.

So a move that fails or is killed leaves an empty database there, and here everything as it was:
it is begun again. Meanwhile nobody else writes here. The file is kept, with all sending held for
good, so that nobody is ever written to from both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Connection,
    Engine,
    Table,
    Text,
    cast,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from colporteur.care.snapshots import count_rows
from colporteur.care.sums import Sum
from colporteur.db import database_now, reading, writing
from colporteur.db.bulk import add_rows
from colporteur.db.migrate import RUNS_FROM, head, migrate, require_current, tables
from colporteur.db.tables import metadata
from colporteur.db.tables.articles import sequences
from colporteur.db.tables.publication import facts
from colporteur.editions import brakes
from colporteur.exceptions import MoveRefused

BY = "move"
_AT_ONCE = 2000
Advance = Callable[[str, int], object]
"""Told of each table, and of how many further rows of it are done: copied, and then compared."""


@dataclass(frozen=True)
class Moved:
    """What was moved: rows by table, and where to, without its password."""

    rows: Mapping[str, int]
    to: str

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def _require_ours(source: Engine) -> None:
    """A newer release's tables, on which this one runs, may hold what it knows nothing of."""
    with reading(source) as connection:
        revision = tables(connection).revision
    if revision != head():
        raise MoveRefused(
            f"The database's tables are at revision {revision}, of a newer release than this one.",
            cure="Move with the newer release.",
        )


def rows_to_move(source: Engine) -> int:
    """How many rows a move copies, and then compares.

    Raises:
        MoveRefused: the database was moved before.
    """
    with reading(source) as connection:
        _require_here(connection)
        return sum(count_rows(connection).values())


def move(source: Engine, target: Engine, advance: Advance) -> Moved:
    """Copy every row, compare it, and hold all sending at the source.

    Raises:
        MoveRefused: the target is not empty, does not take a row, or has other rows afterwards;
            or the source was moved before, or has the tables of a newer release.
        ServiceUnavailable: either cannot be opened, or somebody writes to the source.
    """
    require_current(source)
    _require_ours(source)
    migrate(target)
    where = _named(target.url)
    with writing(source) as old:  # from now on nobody else writes there
        _require_here(old)
        with writing(target) as new:
            new.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            _empty(new)
            sums = {table: _copy(old, new, table, advance) for table in metadata.sorted_tables}
            for table, expected in sums.items():
                _compare(new, table, expected, advance)
                _go_on_counting(new, table)
            new.execute(text("ANALYZE"))
        now = database_now(old)
        brakes.release(old, by=BY, now=now)
        brakes.suspend(old, by=BY, why=f"This database was moved to {where}.", now=now)
    return Moved({table.name: one.rows for table, one in sums.items()}, where)


def _named(url: URL) -> str:
    """An address without its password, which ``URL.set`` cannot take away."""
    parts = url.set(drivername="postgresql").difference_update_query(["password", "sslpassword"])
    return parts._replace(password=None).render_as_string()


def _require_here(connection: Connection) -> None:
    held = brakes.suspension(connection)
    if held is not None and held.by == BY:
        raise MoveRefused(
            held.why,
            cure="Run Colporteur there. To go on here all the same: `colporteur release`.",
        )


def _empty(new: Connection) -> None:
    """Take away what migrations wrote, once it is seen that nobody wrote anything else."""
    written = {name for name, count in count_rows(new).items() if count}
    numbered = new.scalar(select(func.max(sequences.c.value)))
    known = new.scalar(select(func.count()).where(facts.c.name != RUNS_FROM))
    if numbered or known or written - {sequences.name, facts.name}:
        names = ", ".join(sorted(written)[:5])
        raise MoveRefused(
            f"The database {new.engine.url.database} is not empty: {names}.",
            cure="Move to a new one, made with createdb.",
        )
    new.execute(sequences.delete())
    new.execute(facts.delete())


def _copy(old: Connection, new: Connection, table: Table, advance: Advance) -> Sum:
    names = [column.name for column in table.columns]
    found = Sum()
    for rows in _rows(old, table):
        found = found.with_rows(rows, _json_columns(table))
        try:
            add_rows(new, table, names, rows)
        except DBAPIError as error:
            raise _not_taken(table, error) from error
        advance(table.name, len(rows))
    return found


def _compare(new: Connection, table: Table, expected: Sum, advance: Advance) -> None:
    found = Sum()
    for rows in _rows(new, table):
        found = found.with_rows(rows, _json_columns(table))
        advance(table.name, len(rows))
    if found != expected:
        raise MoveRefused(
            f"Table {table.name} has {found.rows} rows there and {expected.rows} here, "
            "or some of them differ.",
            cure="Nothing was moved. Tell us: this must not happen.",
        )


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """A table's rows in the order of its key, JSON as text, some at a time."""
    columns = [
        type_coerce(cast(column, Text), Text) if isinstance(column.type, JSON) else column
        for column in table.columns
    ]
    query = select(*columns).order_by(*table.primary_key.columns)
    options = {"yield_per": _AT_ONCE}
    found = connection.execute(query, execution_options=options)
    for rows in found.partitions():
        yield [tuple(row) for row in rows]


def _json_columns(table: Table) -> frozenset[int]:
    return frozenset(at for at, one in enumerate(table.columns) if isinstance(one.type, JSON))


def _go_on_counting(new: Connection, table: Table) -> None:
    """Have the next row's id follow the highest there is."""
    if "id" not in table.columns:
        return
    highest = new.scalar(select(func.max(table.c.id)))
    counted = text("SELECT setval(CAST(:name AS regclass), :last, :used)")
    given = {"name": f"{table.name}_id_seq", "last": highest or 1, "used": highest is not None}
    new.execute(counted, given)


def _not_taken(table: Table, error: DBAPIError) -> MoveRefused:
    """What PostgreSQL said, less the value itself, which may be somebody's address."""
    said = getattr(error.orig, "diag", None)
    place = (getattr(said, "context", None) or "").partition(":")[0]
    why = getattr(said, "message_primary", None) or type(error.orig).__name__
    return MoveRefused(
        f"PostgreSQL does not take a row of {table.name}: {why} ({place or 'no place is given'}).",
        cure="Nothing was moved. Mend that row here, and move again.",
    )
