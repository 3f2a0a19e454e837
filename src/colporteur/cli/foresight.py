"""``colporteur editions calendar``: what will go out, when, and to how many."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from colporteur.cli.house import looking, runtime, show
from colporteur.cli.moments import local, utc, weekday_there
from colporteur.editions.brakes import in_force
from colporteur.editions.foresight import Outing, of_channel
from colporteur.editions.foretelling import foretell
from colporteur.editions.freezing.readers import Whom


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("calendar")(calendar)


def calendar(
    days: Annotated[int, typer.Option(min=0, max=400, help="So many days ahead.")] = 30,
    past: Annotated[
        int, typer.Option(min=0, max=400, help="So many days back: what did not leave, and why.")
    ] = 2,
    channel: Annotated[str | None, typer.Option(help="Of one channel alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what will go out: when, to how many, with how many articles so far.

    Instant editions show once an article has opened one.

    Example: [bold]colporteur editions calendar --days 7 --channel actualites[/]
    """
    run = runtime()
    with looking(run) as inside:
        wanted = inside.publication.channel(channel).slug if channel else None
        real_relay = run.settings.outbox is None
        brake = in_force(inside.connection, inside.publication, real_relay=real_relay)
        found = foretell(
            inside.connection,
            inside.revision,
            inside.names,
            now=inside.now,
            ahead=timedelta(days=days),
            back=timedelta(days=past),
            whom=Whom(staff=brake.staff_only),
        )
    told = of_channel(found, wanted)
    if as_json:
        rows = [_told(one) for one in told]
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str, indent=2))
        return
    show([_row(one) for one in told], as_json=False, empty="Nothing will go out.")


def _told(one: Outing) -> dict[str, Any]:
    return {**asdict(one), "local": local(one.leaves, one.zone) if one.leaves else None}


def _row(one: Outing) -> dict[str, str]:
    state = f"{one.state}: {one.reason}" if one.reason else one.state
    return {
        "id": "" if one.edition is None else str(one.edition),
        "leaves": utc(one.leaves),
        "there": weekday_there(one.leaves, one.zone) if one.leaves else "",
        "channel": one.channel,
        "what": one.cadence or one.kind,
        "state": state,
        "readers": str(one.readers),
        "articles": "" if one.articles is None else str(one.articles),
        "by": " ".join(one.arranged_by),
    }
