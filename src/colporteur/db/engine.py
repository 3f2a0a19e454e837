"""Engines and transactions for SQLite and PostgreSQL, one behaviour for both.

A writing transaction on SQLite begins IMMEDIATE: it waits for its turn at the start, where
waiting is possible, and not in the middle, where SQLite would refuse.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from colporteur.exceptions import ConfigurationError, ServiceUnavailable

BUSY_TIMEOUT_MS = 15_000
CONNECT_TIMEOUT_S = 5
_PASSWORDS = ("password", "sslpassword")  # libpq's options of that kind


def make_engine(database_url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://…`` (spoken through psycopg 3)."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise ConfigurationError(
            "COLPORTEUR_DATABASE_URL is not a database's address.",
            cure="Example: postgresql://colporteur:secret@localhost/colporteur",
        ) from None
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment of the database and writes nothing."""
    with _connect(engine) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is committed at the end, or rolled back whole on an error."""
    then: list[Callable[[], None]] = []
    with (
        _connect(engine) as connection,
        connection.execution_options(writes=True, afterwards=then).begin(),
    ):
        yield connection
    for call in then:
        call()


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection for several writing transactions, each a ``with connection.begin()``.

    One that was lost is opened anew by the next transaction.
    """
    with _connect(engine) as connection:
        yield connection.execution_options(writes=True)


@contextmanager
def undoing(engine: Engine) -> Iterator[Connection]:
    """A writing transaction that is rolled back whatever happens: to see what would be."""
    with (
        _connect(engine) as connection,
        connection.execution_options(writes=True, afterwards=[]).begin() as transaction,
    ):
        try:
            yield connection
        finally:
            transaction.rollback()


def afterwards(connection: Connection, call: Callable[[], None]) -> None:
    """Do something once the transaction is committed, and not at all if it is undone.

    In one of ``connected``'s transactions it is done at once.
    """
    waiting = connection.get_execution_options().get("afterwards")
    if waiting is None:
        call()
    else:
        waiting.append(call)


def database_now(connection: Connection) -> datetime:
    """The database's clock, which every machine shares: leases are judged by it."""
    if connection.dialect.name == "sqlite":
        moment = connection.scalar(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"))
        return datetime.fromisoformat(str(moment)).replace(tzinfo=UTC)
    moment = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)


def alone(connection: Connection, name: str) -> bool:
    """Whether no other transaction does what ``name`` says, until this one ends.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "sqlite":
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
    return bool(connection.scalar(lock, {"name": f"colporteur.{name}"}))


@contextmanager
def _connect(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except PoolTimeout:
        raise ServiceUnavailable(
            "Every connection to the database is in use.",
            cure="See what holds them: long transactions, or locks that others wait for.",
        ) from None
    except (DBAPIError, sqlite3.Error) as error:  # the latter from our own PRAGMAs
        where = engine.url.render_as_string(hide_password=True)
        raise ServiceUnavailable(
            f"The database {where} cannot be opened: {_reason(error)}",
            cure="Start it, or correct COLPORTEUR_DATABASE_URL or the folder's permissions.",
        ) from error
    with connection:
        yield connection


def _reason(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) else error
    return str(said).strip().partition("\n")[0]


def _sqlite(url: URL) -> Engine:
    if url.database:
        _make_folder(Path(url.database).parent)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, hide_parameters=True
    )

    @event.listens_for(engine, "do_connect")
    def _prepare(*_: object) -> None:
        if url.database:
            _make_file(Path(url.database))

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceUnavailable(
            f"The database's folder {folder} cannot be made: {error.strerror}.",
            cure="Start in a folder you may write to, or set COLPORTEUR_DATA_DIR.",
        ) from None


def _make_file(path: Path) -> None:
    """Make an empty one that its owner alone may read: readers' addresses come into it.

    One that is there is not even opened: closing it would end the locks that SQLite holds on it.
    """
    with contextlib.suppress(OSError):  # there already, or the connection says what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _postgresql(url: URL) -> Engine:
    # Out of the address, which errors name: SQLAlchemy hides only the one before the @.
    hidden = {name: url.query[name] for name in _PASSWORDS if name in url.query}
    return create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(_PASSWORDS),
        connect_args={
            **hidden,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": "-c timezone=utc -c idle_in_transaction_session_timeout=60000",
        },
        pool_pre_ping=True,
        hide_parameters=True,  # addresses stay out of errors and logs
    )
