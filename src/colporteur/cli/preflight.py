"""``colporteur editions preflight``: what is wrong with an edition, before readers see it."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress

from colporteur.cli.arranging import At
from colporteur.cli.house import console, runtime, show
from colporteur.delivery.looking_over import LookedOver, look_over
from colporteur.digests.preflight import errors
from colporteur.editions.naming import Named
from colporteur.tasks import Runtime

Edition = Annotated[
    str,
    typer.Argument(
        metavar="ID|CHANNEL",
        help="The edition's number; or a channel, of which"
        " --cadence and --at, or --key, say the edition.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("preflight")(preflight)


def preflight(
    edition: Edition,
    cadence: Annotated[str, typer.Option(help="Its cadence; not needed where there is one.")] = "",
    at: At = None,
    key: Annotated[str, typer.Option(help="A special edition's key, instead.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look an edition over as it would leave by now: links, size, contrast, words left over.

    Nothing changes. The same is done by itself at the freeze, and an error found then pauses the
    edition. Exit 1 if there is an error.

    Example: [bold]colporteur editions preflight 12[/], or
    [bold]colporteur editions preflight actualites --cadence matin[/]
    """
    if key and (cadence or at):
        raise typer.BadParameter("--key names a special edition, which has no cadence or time.")
    seen = _look(runtime(), Named(edition, cadence, at, key=key))
    findings = [one.as_json() for one in seen.findings]
    if as_json:
        typer.echo(json.dumps(_told(seen, findings), ensure_ascii=False, indent=2))
    elif seen.nothing:
        console.print(f"Nothing would leave: {escape(seen.nothing)}.", highlight=False)
    else:
        show_findings(findings)
    if errors(findings):
        raise typer.Exit(1)


def show_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Findings as a table, and how many they are."""
    rows = [
        {"severity": one["severity"], "what": one["text"], "cure": one["cure"]} for one in findings
    ]
    show(rows, as_json=False, empty="Preflight finds nothing wrong.")
    if rows:
        wrong = len(errors(findings))
        said = f"{_count(wrong, 'error')}, {_count(len(rows) - wrong, 'warning')}."
        console.print(said, highlight=False)


def _look(run: Runtime, named: Named) -> LookedOver:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Looking", total=None)

        def told(done: int, links: int) -> None:
            progress.update(bar, description="Following links", completed=done, total=links)

        return look_over(run.engine, run.settings, run.templates, named, told)


def _told(seen: LookedOver, findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    edition = seen.edition
    return {
        "cadence": edition.cadence,
        "slot": edition.slot.isoformat() if edition.slot else None,
        "key": edition.key,
        "nothing": seen.nothing or None,
        "errors": len(errors(findings)),
        "findings": list(findings),
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
