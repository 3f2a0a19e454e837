"""Brings a database to this release's tables, also while the previous release runs on it.

Each step is a transaction of its own that waits a second at most for a table: who waits for a
lock holds up all who come after. It only adds (docs/upgrading.md), so that processes of the release
before go on and may even be started anew. How old a release may be to run on the tables as they
are is a fact in the database: the older release cannot know it by itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, delete, insert, select, text
from sqlalchemy.exc import OperationalError

from colporteur.db.engine import reading, writing
from colporteur.db.tables.publication import facts
from colporteur.exceptions import ConfigurationError, ServiceUnavailable

RUNS_FROM = "runs_from"
"""The fact: the tables of the oldest release that runs on these."""
_ADVISORY_LOCK = 0x636F6C70  # "colp": any number that no one else uses
_FIRST = "0001"
_TRIES, _PAUSE_S = 20, 1.0
_NOT_NOW = ("55P03", "40P01")  # a lock that was not had in time, a deadlock (PostgreSQL's codes)
_CURE = "Let the long transaction end, then run `colporteur migrate` again."
Told = Callable[[str], None]


@dataclass(frozen=True)
class Tables:
    """What a database's tables are of: their revision, None of an empty one, and who runs on them.

    ``runs_from`` is the revision of the oldest release that does.
    """

    revision: str | None
    runs_from: str | None


def migrate(engine: Engine, tell: Told = lambda _: None) -> bool:
    """Apply what is missing, a transaction a step; whether anything was.

    Of several processes that begin at once, one applies and the others wait. A table that others
    hold is tried for half a minute, in which nobody is held up longer than a second at a time. ``tell`` hears of each step and each wait, in words.

    Raises:
        ServiceUnavailable: the database cannot be opened, written or locked in time. The steps
            before stay, and the next call goes on.
        ConfigurationError: the tables are of a newer release, on which this one cannot run.
    """
    changed = False
    while True:
        step = _patiently(lambda: one_step(engine), tell)
        if step is None:
            return changed
        tell(f"Applied {step.revision}: {step.doc.partition('.')[0]}.")
        changed = True


def one_step(engine: Engine) -> Script | None:
    """Apply the next step; None if there is none.

    Raises:
        OperationalError: the database cannot be locked in time.
        ConfigurationError: as ``migrate``.
    """
    with writing(engine) as connection:
        _take_turns(connection)
        found = tables(connection)
        if not _is_older(found):
            _require_understood(found)
            return None
        step = _next(found.revision)
        command.upgrade(_config(connection), step.revision)
        connection.execute(delete(facts).where(facts.c.name == RUNS_FROM))
        connection.execute(insert(facts).values(name=RUNS_FROM, value=runs_from(step)))
        return step


def require_current(engine: Engine) -> None:
    """Check that this release runs on the tables: they are its own, or a newer one's that allow it.

    Raises:
        ServiceUnavailable: they are older.
        ConfigurationError: they are of a newer release, on which this one cannot run.
    """
    with reading(engine) as connection:
        found = tables(connection)
    if _is_older(found):
        raise ServiceUnavailable(
            f"The database's tables are at revision {found.revision or 'none'}, "
            f"this release needs {head()}.",
            cure="Run `colporteur migrate`.",
        )
    _require_understood(found)


def tables(connection: Connection) -> Tables:
    """What the database's tables are of."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return Tables(None, None)
    said = connection.scalar(select(facts.c.value).where(facts.c.name == RUNS_FROM))
    return Tables(revision, str(said) if said else revision)


def head() -> str:
    """The revision of this release's tables."""
    return str(_scripts().get_current_head())


def runs_from(step: Script) -> str:
    """The revision of the oldest release that runs on the tables after a step.

    A step says so, if any but its own does.
    """
    return str(getattr(step.module, RUNS_FROM, step.revision))


def _patiently(step: Callable[[], Script | None], tell: Told) -> Script | None:
    for left in reversed(range(_TRIES)):
        try:
            return step()
        except OperationalError as error:
            said = str(error.orig).strip().partition("\n")[0]
            if left and getattr(error.orig, "sqlstate", None) in _NOT_NOW:
                tell(f"Others hold the tables ({said}); trying again in {_PAUSE_S:.0f} s.")
                time.sleep(_PAUSE_S)
                continue
            raise ServiceUnavailable(
                f"The database could not be migrated: {said}", cure=_CURE
            ) from error
    raise AssertionError("the last try returns or raises")


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = '10min'"))  # of another's migration
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))


def _is_older(found: Tables) -> bool:
    """Whether steps of ours are missing; a revision that we do not know is newer."""
    known = [one.revision for one in _scripts().walk_revisions()]
    return found.revision is None or found.revision in known[1:]


def _require_understood(found: Tables) -> None:
    """Revisions are numbered: "0008" follows "0007"."""
    oldest = found.runs_from or found.revision or ""
    if oldest > head():
        raise ConfigurationError(
            f"The database's tables are at revision {found.revision}, of a newer release; "
            f"this one knows {head()}, and they need {oldest}.",
            cure="Start the newer release; to go back, restore the backup made before it.",
        )


def _next(revision: str | None) -> Script:
    scripts = _scripts()
    (following,) = scripts.get_revision(revision).nextrev if revision else (_FIRST,)
    found = scripts.get_revision(following)
    assert found is not None
    return found


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def knows(revision: str) -> bool:
    """Whether this release can bring tables of that revision to its own."""
    return any(one.revision == revision for one in _scripts().walk_revisions())
