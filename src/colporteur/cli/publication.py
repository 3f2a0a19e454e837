"""``colporteur publication``: apply, export, history."""

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from colporteur.cli.house import console, house, runtime, show
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ColporteurError
from colporteur.publication import revisions
from colporteur.publication.changes import Change
from colporteur.publication.exporting import to_files
from colporteur.publication.files import PublicationFiles, read_publication
from colporteur.syndication.documents import touch_all
from colporteur.tasks import Runtime

app = typer.Typer(help="What is published: the files, and the revisions they made.")
Folder = Annotated[
    Path | None, typer.Argument(help="Folder with publication.toml; COLPORTEUR_FEEDS by default.")
]


@app.command()
def apply(
    folder: Folder = None,
    why: Annotated[str, typer.Option(help="Why, for the history.")] = "applied from files",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    only_first: Annotated[
        bool, typer.Option("--first", help="Only if nothing is in force yet, as on a first start.")
    ] = False,
) -> None:
    """Put the files in force, after showing what changes and for how many readers.

    Example: [bold]colporteur publication apply feeds --why "Sunday cadence"[/]
    """
    run = runtime()
    if only_first and _in_force(run):
        console.print("A publication is in force already; it stays as it is.")
        return
    read = read_publication(folder or run.settings.feeds_folder)
    with writing(run.engine) as connection:
        first = revisions.current(connection) is None
        found = revisions.difference(connection, read.publication)
    if not found:
        console.print("Nothing differs from what is in force.")
        return
    if first:
        console.print(f"Nothing is in force yet; {escape(read.publication.title)} will be.")
    else:
        _show_difference(found)
    if not yes:
        typer.confirm("Put this in force?", abort=True)
    number = put_in_force(run, read, why)
    console.print(f"Revision {number} is in force.")


def _in_force(run: Runtime) -> bool:
    with reading(run.engine) as connection:
        return revisions.current(connection) is not None


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write; made if it is not there.")],
    force: Annotated[bool, typer.Option(help="Overwrite files that are there.")] = False,
) -> None:
    """Write the publication in force back as TOML files.

    Example: [bold]colporteur publication export feeds --force[/]
    """
    run = runtime()
    with house(run) as inside:
        files = to_files(inside.publication, inside.revision.number)
    present = [name for name in files if (folder / name).exists()]
    if present and not force:
        raise ColporteurError(
            f"{folder} has {', '.join(present)} already.", cure="Add --force to overwrite them."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ColporteurError(
            f"{folder} cannot be written: {error.strerror}.", cure="Choose another folder."
        ) from None
    console.print(f"Wrote {len(files)} files to {folder}.")


@app.command()
def history(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the revisions, the newest first.

    Example: [bold]colporteur publication history --json[/]
    """
    run = runtime()
    with writing(run.engine) as connection:
        rows = [
            {
                "revision": one.number,
                "made": f"{one.made_at:%Y-%m-%d %H:%M} UTC",
                "by": one.made_by,
                "from": one.source,
                "why": one.why,
            }
            for one in revisions.history(connection)
        ]
    show(rows, as_json=as_json, empty="No publication has been applied yet.")


def put_in_force(run: Runtime, read: PublicationFiles, why: str) -> int:
    """Apply files in one transaction and have every feed built anew; the revision's number."""
    with writing(run.engine) as connection:
        now = database_now(connection)
        made = revisions.apply(
            connection, read.publication, by=user(), why=why, now=now, based_on=read.based_on
        )
        if made is not None:
            touch_all(connection)
        return revisions.require(connection).number


def user() -> str:
    """Who runs this command, for the records."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _show_difference(found: Sequence[tuple[Change, int]]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("key", "before", "after", "readers"):
        table.add_column(name)
    for change, readers in found:
        told = (change.key, _value(change.before), _value(change.after), str(readers))
        table.add_row(*map(Text, told))
    console.print(table)


def _value(value: object) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - a table's cell
