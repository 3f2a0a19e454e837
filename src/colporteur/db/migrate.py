"""Brings a database to this release's tables; safe to call from several processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from colporteur.db.engine import reading, writing
from colporteur.exceptions import ServiceUnavailable

_ADVISORY_LOCK = 0x636F6C70  # "colp": any number that no one else uses
_CURE = "Let the long transaction end, then run `colporteur migrate` again."


def migrate(engine: Engine) -> bool:
    """Apply what is missing, all or nothing; whether anything was.

    A lock that is not had within 5 s or a statement over 60 s gives up rather than stop the
    release that still runs.

    Raises:
        ServiceUnavailable: the database cannot be opened, written or locked in time.
    """
    try:
        with writing(engine) as connection:
            _take_turns(connection)
            if _current(connection) == _head():
                return False
            command.upgrade(_config(connection), "head")
            return True
    except OperationalError as error:
        raise ServiceUnavailable(
            f"The database could not be migrated: {str(error.orig).strip()}", cure=_CURE
        ) from error


def require_current(engine: Engine) -> None:
    """Check that the tables are this release's.

    Raises:
        ServiceUnavailable: they are older or newer.
    """
    with reading(engine) as connection:
        current = _current(connection)
    if current != _head():
        raise ServiceUnavailable(
            f"The database's tables are at revision {current or 'none'}, "
            f"this release needs {_head()}.",
            cure="Run `colporteur migrate`.",
        )


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
