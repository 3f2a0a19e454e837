"""``colporteur stats``: how things go, in sections; one that has nothing says so."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from colporteur.articles.sources import store
from colporteur.cli.house import House, console, house, runtime, show

Rows = list[dict[str, Any]]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(stats)


def stats(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show how things go: each source with its last success, next poll and problem.

    Example: [bold]colporteur stats --json | jq .sources[/]
    """
    with house(runtime()) as inside:
        found = {name: rows_of(inside) for name, (rows_of, _) in SECTIONS.items()}
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str, indent=2))  # noqa: T201
        return
    for name, rows in found.items():
        console.print(f"[bold]{name.capitalize()}[/]")
        show([_short(row) for row in rows], as_json=False, empty=SECTIONS[name][1])


def sources(inside: House) -> Rows:
    """A row a source, in order of channels."""
    slugs = {inside.names.channels[one.slug]: one.slug for one in inside.publication.channels}
    store.sync(inside.connection, inside.revision, inside.names, inside.now)
    return [
        {
            "channel": slugs.get(one.channel_id, ""),
            "url": one.url,
            "address": one.address,
            "state": "failing" if one.failures and one.state == "active" else one.state,
            "last success": one.succeeded_at,
            "next": one.next_at if one.state == "active" else None,
            "failures": one.failures,
            "failing since": one.failing_since,
            "taken": one.taken,
            "refused": one.refused,
            "problem": one.problem,
        }
        for one in store.listing(inside.connection)
    ]


SECTIONS: dict[str, tuple[Callable[[House], Rows], str]] = {
    "sources": (sources, "No channel has a source: add [[sources]] to its file."),
}
"""Each section's rows, and what is said when there are none."""


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a table shows it: no address twice, times to the minute."""
    shown = {name: value for name, value in row.items() if name not in {"address", "failing since"}}
    for name in ("last success", "next"):
        if shown.get(name) is not None:
            shown[name] = f"{shown[name]:%Y-%m-%d %H:%M}"
    return shown
