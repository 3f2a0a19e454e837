"""``colporteur doctor``: what is wrong with this installation, each finding with its cure."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from colporteur import tasks
from colporteur.cli.house import console
from colporteur.clock import utcnow
from colporteur.config import load_settings
from colporteur.config.origins import origins
from colporteur.delivery.transports.smtp.handshake import verifying
from colporteur.doctor import PARTS, Finding, Installation, Names, Severity, examine, worst

_MARKS = {
    Severity.WELL: "[green]✓[/]",
    Severity.NOTE: "[blue]·[/]",
    Severity.UNKNOWN: "[dim]?[/]",
    Severity.WARNING: "[yellow]![/]",
    Severity.WRONG: "[bold red]✗[/]",
}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(doctor)


def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no relay, no name server and not the site.")
    ] = False,
    nameserver: Annotated[
        str | None,
        typer.Option(help="Ask this name server, such as 9.9.9.9, not the system's own."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Examine this installation: servers, secrets, DNS, relays, the site; each finding with its cure.

    Nothing is changed and no mail is sent. ✓ is right, · worth to know, ? cannot be known from
    here, ! will not always work, ✗ must be mended: then the exit code is 1.

    Example: [bold]colporteur doctor --json | jq '.findings[] | select(.severity == "wrong")'[/]
    """
    settings = load_settings()
    app = tasks.configure(settings)
    patient = Installation(
        settings=settings,
        origins=origins(),
        engine=tasks.runtime().engine,
        celery=app,
        queues=tasks.QUEUES,
        names=None if offline else Names(nameserver),
        tls=verifying(),
    )
    found = _examined(patient)
    if as_json:
        print(_in_json(found))  # noqa: T201
    else:
        _say(found)
    if worst(found) is Severity.WRONG:
        raise typer.Exit(1)


def _examined(patient: Installation) -> list[Finding]:
    with Console(stderr=True).status("") as status:
        return list(examine(patient, lambda part: status.update(f"{PARTS[part]} …")))


def _in_json(found: list[Finding]) -> str:
    counts = {one.value: sum(it.severity is one for it in found) for one in Severity}
    findings = [
        {
            "part": one.part,
            "check": one.check,
            "severity": one.severity.value,
            "said": one.said,
            "cure": one.cure,
        }
        for one in found
    ]
    whole = {"at": utcnow().isoformat(), "worst": worst(found).value, "counts": counts}
    return json.dumps({**whole, "findings": findings}, ensure_ascii=False, indent=2)


def _say(found: list[Finding]) -> None:
    for part, called in PARTS.items():
        theirs = [one for one in found if one.part == part]
        if not theirs:
            continue
        console.print(f"[bold]{called}[/]")
        rows = Table.grid(padding=(0, 1))
        rows.add_column(width=3, justify="right")
        rows.add_column()
        for one in theirs:
            rows.add_row(_MARKS[one.severity], Text(one.said))
            if one.cure:
                rows.add_row("", Text(f"→ {one.cure}", style="dim"))
        console.print(rows)
    console.print(_in_a_sentence(found))


def _in_a_sentence(found: list[Finding]) -> str:
    counts = {one: sum(it.severity is one for it in found) for one in Severity}
    if counts[Severity.WRONG]:
        return f"[bold red]{counts[Severity.WRONG]} to mend[/], {_rest(counts)}."
    if counts[Severity.WARNING]:
        return f"[yellow]Nothing is wrong now[/]; {_rest(counts)}."
    return "[green]All is well.[/]"


def _rest(counts: dict[Severity, int]) -> str:
    warnings, unknown = counts[Severity.WARNING], counts[Severity.UNKNOWN]
    return f"{warnings} to see to, {unknown} that cannot be known from here"
