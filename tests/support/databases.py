"""Databases that each test finds as they were once: after migrations, or with a house in them."""

import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_NO_KEYS = "SET LOCAL session_replication_role = replica"
_TABLES = (
    "SELECT relname FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
)
_COUNT_FROM_1 = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())"
_COUNTED = (
    "SELECT sequencename, last_value FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


class Database(Protocol):
    """One that is used again and again."""

    url: str

    def empty(self) -> None:
        """Leave what the migrations wrote, and nothing else."""

    def filled(self, name: str, fill: Callable[[], None]) -> None:
        """Have what ``fill`` adds to what was put there last: the first time by that, then as it was.

        It leaves no connection open, and writes the same whenever it is called by that name. Where
        a test has written something before, its own is kept, and ``fill`` writes beside it.
        """


class Copied:
    """An SQLite file, always at one place so that its engine can be kept."""

    def __init__(self, migrated: Path, path: Path) -> None:
        self.url, self._path = f"sqlite:///{path}", path
        self._first = self._there = migrated.read_bytes()
        self._kept: dict[str, bytes] = {}

    def empty(self) -> None:
        """Copy the migrated file, since migrating for each test costs more."""
        if _is_open(self._path):
            gc.collect()
        for left in self._path.parent.iterdir():
            left.unlink()
        self._path.write_bytes(self._first)
        self._there = self._first

    def filled(self, name: str, fill: Callable[[], None]) -> None:
        """Write the file as it was."""
        files = [*self._path.parent.iterdir()]  # a log beside it holds what is not in it yet
        if files != [self._path] or self._path.read_bytes() != self._there:
            fill()
            return
        if name in self._kept:
            self._path.write_bytes(self._kept[name])
        else:
            fill()
            self._kept[name] = self._path.read_bytes()
        self._there = self._kept[name]


def _is_open(path: Path) -> bool:
    """Whether a test before left a connection open (known on Linux alone).

    Once it is closed, SQLite removes the log of whatever database stands at its path by then.
    """
    for one in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            if str(one.readlink()).startswith(str(path)):
                return True
    return False


@dataclass(frozen=True)
class _Rows:
    """What tables held, as PostgreSQL copies it, and how far its sequences had counted."""

    tables: dict[str, bytes]
    counted: list[tuple[str, int]]


class Emptied:
    """A PostgreSQL database that is emptied: making one costs three times as much.

    One connection is kept: to open it for each test costs as much as to empty the database.
    """

    def __init__(self, url: str, make: Callable[[], None]) -> None:
        make()
        self.url, self._make = url, make
        self._connection = psycopg.connect(url, autocommit=True)
        self._names = [str(name) for (name,) in self._connection.execute(_TABLES)]
        self._first = self._there = _Rows(self._rows().tables, [])
        self._kept: dict[str, _Rows] = {}
        self._last = self._written()

    def empty(self) -> None:
        """Take away what a test left; where it changed the tables, have the database made anew."""
        try:
            self._empty()
        except psycopg.OperationalError:  # a test ended all connections, this one too
            self._connect()
            self._empty()
        except psycopg.ProgrammingError:
            self._make()
            self._connect()
        self._there, self._last = self._first, self._written()

    def filled(self, name: str, fill: Callable[[], None]) -> None:
        """Put the rows back that were there when ``fill`` had written."""
        if self._written() != self._last:
            fill()
            return
        if name not in self._kept:
            fill()
            self._kept[name] = self._rows()
        else:
            with self._connection.transaction():
                self._connection.execute(_NO_KEYS)
                self._connection.execute(_deletion(self._there.tables))
                self._put(self._kept[name])
        self._there, self._last = self._kept[name], self._written()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _empty(self) -> None:
        with self._connection.transaction():
            self._connection.execute(_OTHERS)
            self._connection.execute(_NO_KEYS)
            # Quicker than TRUNCATE for so few rows.
            self._connection.execute(_deletion(self._names))
            self._connection.execute(_COUNT_FROM_1)
            self._put(self._first)

    def _written(self) -> object:
        """Another with each transaction that wrote."""
        return self._connection.execute(_NEXT).fetchone()

    def _connect(self) -> None:
        self._connection.close()
        self._connection = psycopg.connect(self.url, autocommit=True)

    def _rows(self) -> _Rows:
        held = {}
        for name in self._names:
            query = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
            with self._connection.cursor() as cursor, cursor.copy(query) as copy:
                if rows := b"".join(bytes(part) for part in copy):
                    held[name] = rows
        counted = [(str(name), int(last)) for name, last in self._connection.execute(_COUNTED)]
        return _Rows(held, counted)

    def _put(self, rows: _Rows) -> None:
        for name, held in rows.tables.items():
            query = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
            with self._connection.cursor() as cursor, cursor.copy(query) as copy:
                copy.write(held)
        for name, last in rows.counted:
            self._connection.execute("SELECT setval(%s::regclass, %s)", (name, last))


def _deletion(tables: Iterable[str]) -> sql.Composed:
    each = (sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables)
    return sql.SQL("; ").join(each)
