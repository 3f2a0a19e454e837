"""What most commands begin with: settings, a database of this release, the publication."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, Engine

from colporteur import logs, tasks
from colporteur.audience.cells import escape
from colporteur.config import Settings, load_settings
from colporteur.db import database_now, reading, undoing, writing
from colporteur.db.migrate import migrate, require_current
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, require
from colporteur.publication.site import site_in_force

console = Console()


@dataclass(frozen=True)
class House:
    """An open transaction on the publication in force."""

    connection: Connection
    revision: Revision
    names: Ids
    site: str
    now: datetime

    @property
    def publication(self) -> Publication:
        """The publication in force."""
        return self.revision.publication


def runtime() -> tasks.Runtime:
    """Settings and database; an embedded database is migrated on the way."""
    settings = load_settings()
    tasks.configure(settings)
    prepare_database(settings, tasks.runtime().engine)
    return tasks.runtime()


def log_as_set(settings: Settings, level: str = "") -> None:
    """Write the log as the settings have it, for a process that goes on by itself."""
    wanted = (level or settings.log_level).upper()
    logs.set_up(settings.log_format, wanted, addresses=settings.log_addresses)


def prepare_database(settings: Settings, engine: Engine) -> None:
    """Migrate an embedded database; check that a grown one is migrated."""
    if settings.embedded:
        migrate(engine)
    else:
        require_current(engine)


@contextmanager
def looking(run: tasks.Runtime) -> Iterator[House]:
    """The same, to look only: nobody's writing waits for it.

    Raises:
        UnknownName: no publication was applied yet.
    """
    with reading(run.engine) as connection:
        yield _house(run, connection)


@contextmanager
def house(run: tasks.Runtime) -> Iterator[House]:
    """One writing transaction on the publication in force.

    Raises:
        UnknownName: no publication was applied yet.
    """
    with writing(run.engine) as connection:
        yield _house(run, connection)


@contextmanager
def foreseeing(run: tasks.Runtime) -> Iterator[House]:
    """A writing transaction of which nothing stays: to see what would be.

    Raises:
        UnknownName: no publication was applied yet.
    """
    with undoing(run.engine) as connection:
        yield _house(run, connection)


def _house(run: tasks.Runtime, connection: Connection) -> House:
    revision = require(connection)
    return House(
        connection,
        revision,
        ids(connection, revision.publication),
        site_in_force(connection, run.settings, revision.publication),
        database_now(connection),
    )


def show(rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows as a table, or as JSON on standard output."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str, indent=2))  # noqa: T201
        return
    if not rows:
        console.print(empty, markup=False, highlight=False)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    console.print(table)


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as CSV with a heading (RFC 4180); no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows[:1]:
        writer.writerow(row)
    for row in rows:
        writer.writerow(escape("" if one is None else str(one)) for one in row.values())
    return out.getvalue()
