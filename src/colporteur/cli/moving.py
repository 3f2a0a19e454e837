"""``colporteur move``: from one small machine's SQLite to PostgreSQL."""

import json
import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from sqlalchemy import Engine

from colporteur.care.moving import Moved, move, rows_to_move
from colporteur.cli.embedded import sole_engine
from colporteur.cli.house import console
from colporteur.config import PREFIX, SECRET_FILE, Settings, addresses, load_settings
from colporteur.db import make_engine
from colporteur.db.migrate import migrate
from colporteur.exceptions import ConfigurationError


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("move")(move_to)


def move_to(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL", help="An empty PostgreSQL database; - reads its address from the input."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy this SQLite database to an empty PostgreSQL one, compare every row, and hold this one.

    Stop `colporteur up` first. Nothing changes here until all of it is there: a move that was
    broken off is begun again. The file is kept, with all sending held, so that nothing leaves
    twice. An address on the command line is seen by others on this machine: with a password in
    it, give - and type it, or pipe it in.

    Example: [bold]colporteur move --to postgresql://colporteur@localhost/colporteur[/]
    """
    settings = load_settings()
    if not settings.database.startswith("sqlite:///"):
        raise ConfigurationError(
            "This installation is not on SQLite.",
            cure="From PostgreSQL to PostgreSQL go pg_dump and pg_restore: docs/backup.md.",
        )
    target = _target(to)
    source = make_engine(settings.database)
    try:
        with sole_engine(settings, "nothing: it is being moved"):
            migrate(source)
            done = _with_progress(source, target)
    finally:
        source.dispose()
        target.dispose()
    if as_json:
        typer.echo(json.dumps({"to": done.to, "rows": done.rows}, indent=2))
    else:
        _tell(settings, done)


def _target(to: str) -> Engine:
    if to == "-":
        typed = sys.stdin.isatty()
        to = typer.prompt("Its address", hide_input=True) if typed else sys.stdin.readline()
    try:
        engine = make_engine(addresses.database(to.strip()))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--to") from None
    if engine.dialect.name != "postgresql":
        raise typer.BadParameter("is no address of a PostgreSQL database", param_hint="--to")
    return engine


def _with_progress(source: Engine, target: Engine) -> Moved:
    rows = rows_to_move(source)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
        bar = shown.add_task("Moving", total=rows * 2)

        def advance(table: str, more: int) -> None:
            shown.update(bar, description=f"Moving {table}", advance=more)

        return move(source, target, advance)


def _tell(settings: Settings, done: Moved) -> None:
    console.print(
        f"[green]✓[/] {done.total:,} rows of {len(done.rows)} tables are there, "
        "and each is as it was here.",
        highlight=False,
    )
    key = settings.data_dir.absolute() / SECRET_FILE
    lines = [
        f"{PREFIX}DATABASE_URL={done.to}  (with its password)",
        f"{PREFIX}BROKER_URL=redis://:PASSWORD@HOST:6379/0",
    ]
    if key.exists() and settings.secret_key_fallbacks:
        lines.append(f"{PREFIX}SECRET_KEY: the first line of {key}, the same on every machine")
        lines.append(f"{PREFIX}SECRET_KEY_FALLBACKS: its other lines")
    elif key.exists():
        lines.append(f"{PREFIX}SECRET_KEY_FILE={key}  (the same on every machine)")
    if settings.outbox is not None:
        lines.append(f"{PREFIX}MAIL_URL=smtp://…  (an outbox is of one machine)")
    console.print("Go on there with these settings, and what you set besides:")
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
    console.print("and start `colporteur web`, `colporteur worker` and `colporteur worker --beat`.")
    console.print("The file here is kept. All its sending is held.")
