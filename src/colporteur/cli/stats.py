"""``colporteur stats``: how things go, in sections; one that has nothing says so."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from colporteur.articles.sources import store
from colporteur.cli.braking import brake_lines, say_brakes
from colporteur.cli.house import House, console, looking, runtime, show
from colporteur.syndication import polls
from colporteur.syndication.hub import store as hub

Rows = list[dict[str, Any]]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(stats)


def stats(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show how things go: polls of the feeds, their subscribers, the hub's, and the sources.

    Example: [bold]colporteur stats --json | jq .sources[/]
    """
    run = runtime()
    with looking(run) as inside:
        found = {name: rows_of(inside) for name, (rows_of, _) in SECTIONS.items()}
    if as_json:
        brakes = {"brakes": brake_lines(run)}
        print(json.dumps(brakes | found, ensure_ascii=False, default=str, indent=2))  # noqa: T201
        return
    say_brakes(run)
    for name, rows in found.items():
        console.print(f"[bold]{name.capitalize()}[/]")
        show([_short(row) for row in rows], as_json=False, empty=SECTIONS[name][1])


def sources(inside: House) -> Rows:
    """A row a source, in order of channels."""
    slugs = {inside.names.channels[one.slug]: one.slug for one in inside.publication.channels}
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


def feed_polls(inside: House) -> Rows:
    """Polls of the last week, by format and status."""
    return list(polls.polls_by_format(inside.connection, inside.now - polls.RECENT))


def feed_subscribers(inside: House) -> Rows:
    """For how many people aggregators say that they read, by feed."""
    return list(polls.subscribers_by_feed(inside.connection, inside.now))


def hub_subscribers(inside: House) -> Rows:
    """How many programs the hub tells of each feed's changes."""
    return hub.counts(inside.connection, inside.now)


SECTIONS: dict[str, tuple[Callable[[House], Rows], str]] = {
    "polls": (feed_polls, "No feed was polled in the last week."),
    "subscribers": (feed_subscribers, "No aggregator has said for how many it reads."),
    "hub": (hub_subscribers, "No program has subscribed at the hub."),
    "sources": (sources, "No channel has a source: add [[sources]] to its file."),
}
"""Each section's rows, and what is said when there are none."""


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a table shows it: no address twice, times to the minute."""
    shown = {name: value for name, value in row.items() if name not in {"address", "failing since"}}
    for name in ("last success", "next", "seen_at"):
        if shown.get(name) is not None:
            shown[name] = f"{shown[name]:%Y-%m-%d %H:%M}"
    return shown
