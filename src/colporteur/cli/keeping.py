"""``colporteur backup``: an archive of all that this installation is."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, TaskID

from colporteur.care import keeping
from colporteur.care.manifest import Manifest
from colporteur.cli.house import console
from colporteur.clock import utcnow
from colporteur.config import Settings, load_settings
from colporteur.db import make_engine
from colporteur.exceptions import ServiceUnavailable

_PLACE = typer.Argument(
    metavar="PLACE", help="A folder, where it gets a name of its hour; or a file to be."
)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(backup)


def backup(
    place: Annotated[Path, _PLACE] = Path(),
    keys: Annotated[
        bool, typer.Option(help="Put the secret key and the DKIM key into it too.")
    ] = True,
    newest: Annotated[
        int | None,
        typer.Option(
            "--keep", help="Then remove all but the newest so many from the folder.", min=1
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write an archive of this installation, while it goes on: database, pictures, keys, folders.

    Who has the archive can read your readers' addresses and, with its keys, sign in your name:
    keep it as you keep those. Passwords of servers elsewhere are not in it.

    Example: [bold]colporteur backup /var/backups/colporteur --keep 14[/]
    """
    folder = place if place.is_dir() else place.parent
    if newest and not place.is_dir():
        raise typer.BadParameter(
            f"goes with a folder, and {place} is none: make it first", param_hint="--keep"
        )
    if not folder.is_dir():
        raise ServiceUnavailable(f"There is no folder {folder}.", cure="Make it first.")
    settings, now = _settings_here(), utcnow()
    path = place / keeping.archive_name(now) if place.is_dir() else place
    if path.exists():
        raise ServiceUnavailable(f"{path} exists already.", cure="Name a new file.")
    made = _with_bars(settings, path, keys=keys, now=now)
    removed = keeping.older(folder, newest) if newest else []
    for one in removed:
        one.unlink()
    _tell(path, made, removed, as_json=as_json)


def _settings_here() -> Settings:
    """The settings of an installation that is there: this command makes and migrates nothing.

    So what a newer release keeps before an upgrade is as the older one left it.
    """
    settings = load_settings(make_secret=False)
    file = settings.database.removeprefix("sqlite:///")
    if not settings.secret_key or (file != settings.database and not Path(file).is_file()):
        raise ServiceUnavailable(
            "There is no installation here to keep.",
            cure="Start in its folder, or set COLPORTEUR_DATA_DIR or COLPORTEUR_DATABASE_URL.",
        )
    return settings


def _with_bars(settings: Settings, path: Path, *, keys: bool, now: datetime) -> Manifest:
    engine = make_engine(settings.database)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
            bars = _Bars(shown)
            return keeping.keep(
                engine,
                settings,
                path,
                with_keys=keys,
                copying=bars.copied,
                packing=bars.packed,
                now=now,
            )
    finally:
        engine.dispose()


class _Bars:
    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._copying: TaskID = shown.add_task("Copying the database", total=None)
        self._packing: TaskID = shown.add_task("Packing", total=None, start=False)

    def copied(self, done: int, of: int) -> None:
        self._shown.update(self._copying, completed=done, total=of)

    def packed(self, more: int) -> None:
        self._shown.start_task(self._packing)
        self._shown.advance(self._packing, more)


def _tell(path: Path, made: Manifest, removed: list[Path], *, as_json: bool) -> None:
    size = path.stat().st_size
    if as_json:
        said = {
            "path": str(path),
            "bytes": size,
            "made_at": made.made_at.isoformat(),
            "rows": sum(made.rows.values()),
            "not_held": list(made.not_held),
            "removed": [str(one) for one in removed],
        }
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    rows = f"{sum(made.rows.values()):,} rows"
    console.print(f"[green]✓[/] {escape(str(path))}", soft_wrap=True, highlight=False)
    console.print(f"{rows} of {moment(made.made_at)}, {size / 2**20:.1f} MB.", highlight=False)
    if made.not_held:
        names = ", ".join(made.not_held)
        console.print(f"Not in it, and to be kept elsewhere: {names}.", highlight=False)
    for one in removed:
        console.print(f"Removed: {escape(str(one))}", highlight=False)


def moment(at: datetime) -> str:
    """An instant as people read it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
