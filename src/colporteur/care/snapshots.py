"""A database at one moment, as a file: while others go on writing it.

SQLite's by its backup interface, under one reading transaction: so a writer neither waits nor
makes it begin anew. PostgreSQL's by ``pg_dump``, of a snapshot that a transaction here holds, so
that what is counted is what is copied.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text

from colporteur.care import pgtools
from colporteur.care.manifest import POSTGRESQL, SQLITE
from colporteur.db import database_now, reading
from colporteur.db.migrate import tables
from colporteur.db.tables import metadata
from colporteur.exceptions import ServiceUnavailable

Progress = Callable[[int, int], object]
"""Told how much is done, and of how much."""
_PAGES_AT_ONCE = 4096  # 16 MB


@dataclass(frozen=True)
class Snapshot:
    """A copy of a database: its file, its name in an archive, and what it is of."""

    name: str
    path: Path
    moment: Any
    revision: str
    rows: Mapping[str, int]


def take_snapshot(engine: Engine, folder: Path, progress: Progress) -> Snapshot:
    """Copy the database into a folder.

    Raises:
        ServiceUnavailable: it cannot be read or written, or the copy is damaged.
    """
    sqlite = engine.dialect.name == "sqlite"
    name = SQLITE if sqlite else POSTGRESQL
    path = folder / name
    with _one_moment(engine) as connection:
        now, revision = database_now(connection), tables(connection).revision
        if revision is None:
            raise ServiceUnavailable(
                "The database has no tables: there is nothing to keep.",
                cure="Correct COLPORTEUR_DATABASE_URL or COLPORTEUR_DATA_DIR.",
            )
        rows = count_rows(connection)
        if sqlite:
            _copy_sqlite(connection, path, progress)
        else:
            held = connection.scalar(text("SELECT pg_export_snapshot()"))
            pgtools.dump(engine.url, path, str(held))
    return Snapshot(name, path, now, revision, rows)


def count_rows(connection: Connection, names: Collection[str] | None = None) -> dict[str, int]:
    """How many rows each table has that is there, or each of these.

    An older release had fewer tables, and is kept as it is.
    """
    there = set(inspect(connection).get_table_names() if names is None else names)
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in metadata.sorted_tables
        if table.name in there
    }


def require_sound(path: Path) -> None:
    """Check the pages of an SQLite file.

    Raises:
        ServiceUnavailable: they are damaged.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:  # such as a file that is none
        said = str(error)
    if said != "ok":
        raise ServiceUnavailable(
            f"The database is damaged: {said}",
            cure="Restore the last archive that is whole, and check the disk.",
        )


@contextlib.contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    with reading(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


def _copy_sqlite(connection: Connection, path: Path, progress: Progress) -> None:
    source: Any = connection.connection.driver_connection
    try:
        with contextlib.closing(sqlite3.connect(path)) as copy:
            source.backup(
                copy,
                pages=_PAGES_AT_ONCE,
                progress=lambda _status, left, of: progress(of - left, of),
            )
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, and no log beside it
    except sqlite3.Error as error:
        raise ServiceUnavailable(
            f"The copy of the database cannot be written: {error}.",
            cure="Make room where the archive goes.",
        ) from error
    require_sound(path)
