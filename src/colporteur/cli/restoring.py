"""``colporteur restore``: an installation as an archive has it, with sending held."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress

from colporteur.care import restoring
from colporteur.care.manifest import DKIM_KEY, SECRET_KEY, Manifest
from colporteur.care.restoring import Brought
from colporteur.cli.embedded import sole_engine
from colporteur.cli.house import console, runtime
from colporteur.cli.keeping import moment
from colporteur.config import PREFIX, load_settings


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(restore)


def restore(
    archive: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What `backup` wrote.")
    ] = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Read it to its end, and change nothing.")
    ] = False,
    by_hand: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
            help="In place of FILE: the database was brought back by other means, as of then (UTC).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring an installation back from an archive, to an empty place: nothing is overwritten.

    All sending is held then: `colporteur release` shows what would leave, and asks what becomes
    of what was due since the backup. Stop web, workers and beat first.

    Example: [bold]colporteur restore colporteur-20261122T030000Z.tar.gz[/]
    """
    if (archive is None) is (by_hand is None) or (by_hand and only_check):
        raise typer.BadParameter("give one: a file, or --by-hand", param_hint="FILE")
    if by_hand is not None:
        _hold(by_hand.replace(tzinfo=UTC))
        return
    assert archive is not None
    settings = load_settings(make_secret=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:
        bar = shown.add_task("Checking the archive", total=None)
        if only_check:
            found = restoring.check(archive, lambda more: shown.advance(bar, more))
            _tell_check(found, as_json=as_json)
            return
        with sole_engine(settings, "nothing: it is being restored"):
            done = restoring.restore(archive, settings, lambda more: shown.advance(bar, more))
    if as_json:
        placed = {name: str(path) for name, path in done.placed.items()}
        typer.echo(json.dumps({**_said(done.manifest), "placed": placed}, indent=2))
    else:
        _tell(done, embedded=settings.embedded)


def _hold(moment: datetime) -> None:
    restoring.hold_recovered(runtime().engine, moment)
    _say_held()


def _said(found: Manifest) -> dict[str, Any]:
    return {
        "made_at": found.made_at.isoformat(),
        "version": found.version,
        "rows": sum(found.rows.values()),
        "not_held": list(found.not_held),
    }


def _tell_check(found: Manifest, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_said(found), indent=2))
        return
    rows = f"{sum(found.rows.values()):,} rows of {moment(found.made_at)}"
    console.print(f"[green]✓[/] The archive is whole: {rows}.", highlight=False)


def _tell(done: Brought, *, embedded: bool) -> None:
    found = done.manifest
    console.print(f"[green]✓[/] Restored as of {moment(found.made_at)}.", highlight=False)
    for name, place in done.placed.items():
        console.print(f"  {escape(str(place))}", soft_wrap=True, highlight=False)
        if name == SECRET_KEY and not embedded:
            console.print(f"    {PREFIX}SECRET_KEY has to be its first line, on every machine,")
            console.print(f"    {PREFIX}SECRET_KEY_FALLBACKS the others, if there are any.")
        elif name != SECRET_KEY:
            setting = "DKIM_KEY_FILE" if name == DKIM_KEY else name.upper()
            console.print(f"    {PREFIX}{setting} has to name it.", highlight=False)
    for name, value in found.settings.items():
        console.print(f"  It ran with {name}={escape(value)}", soft_wrap=True, highlight=False)
    if found.not_held:
        names = ", ".join(found.not_held)
        console.print(f"  It had these too, which are not in the archive: {names}", highlight=False)
    _say_held()


def _say_held() -> None:
    console.print("[yellow]![/] All sending is held, until `colporteur release`: it shows what")
    console.print("  would leave, and asks what becomes of what was due since the backup.")
    console.print("  Who left or was forgotten since then is in the database again.")
