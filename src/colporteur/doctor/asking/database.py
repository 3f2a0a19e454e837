"""The database: whether it answers, how it is set, and what its clock says."""

import sqlite3
from datetime import timedelta

from sqlalchemy import Connection, Engine, text

from colporteur.clock import utcnow
from colporteur.db import database_now, reading
from colporteur.db.migrate import require_current
from colporteur.doctor.judging.database import Database
from colporteur.exceptions import ServiceUnavailable

_POSTGRESQL = (
    "server_encoding",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "max_connections",
)
_SQLITE = ("journal_mode", "synchronous", "foreign_keys")


def look_at_database(engine: Engine) -> Database:
    """What it says of itself.

    Raises:
        ServiceUnavailable: it cannot be opened.
    """
    name = engine.dialect.name
    with reading(engine) as connection:
        settings = _settings(connection, _POSTGRESQL if name == "postgresql" else _SQLITE)
        used = _connections(connection) if name == "postgresql" else None
        clear = name == "postgresql" and _in_clear(connection)
        before = utcnow()
        theirs = database_now(connection)
        ahead = theirs - before - (utcnow() - before) / 2
        version = _version(connection)
    tables, cure = _tables(engine)
    return Database(name, version, tables, cure, settings, used, _without_rounding(ahead), clear)


def _without_rounding(ahead: timedelta) -> timedelta:
    """SQLite's clock counts milliseconds, and is this machine's."""
    return ahead if abs(ahead) > timedelta(milliseconds=50) else timedelta()


def _tables(engine: Engine) -> tuple[str, str]:
    try:
        require_current(engine)
    except ServiceUnavailable as error:
        return error.message, error.cure
    return "", ""


def _version(connection: Connection) -> tuple[int, ...]:
    if connection.dialect.name == "sqlite":
        return sqlite3.sqlite_version_info
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    return number // 10_000, number % 10_000


def _settings(connection: Connection, names: tuple[str, ...]) -> dict[str, str]:
    ask = "SHOW" if connection.dialect.name == "postgresql" else "PRAGMA"
    return {name: str(connection.scalar(text(f"{ask} {name}"))) for name in names}


def _connections(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM pg_stat_activity")) or 0)


def _in_clear(connection: Connection) -> bool:
    """Whether what we say goes over a network as it is; a socket of this machine is none."""
    said = text(
        "SELECT NOT ssl AND client_addr IS NOT NULL AND client_addr <> inet_server_addr() "
        "FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()"
    )
    return bool(connection.scalar(said))
