"""``colporteur editions test``: an edition as it stands now, to people who look it over."""

import time
from typing import Annotated

import typer

from colporteur import tasks
from colporteur.audience.choices import read_layout
from colporteur.cli.arranging import At
from colporteur.cli.braking import brake_of, held_back, say_brakes
from colporteur.cli.house import console, house, runtime, show
from colporteur.cli.preflight import Edition
from colporteur.db import reading
from colporteur.delivery.outcomes import Status
from colporteur.delivery.proofs import Posted, post, posted, proof
from colporteur.delivery.standing import Wanted
from colporteur.editions.naming import Named
from colporteur.exceptions import ColporteurError
from colporteur.tasks import Runtime

_POLL_S = 0.1
_UNDER_WAY = (Status.PENDING, Status.INFLIGHT)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("test")(send_test)


def send_test(
    channel: Edition,
    to: Annotated[list[str], typer.Option(help="Who gets it; may be said several times.")],
    cadence: Annotated[str, typer.Option(help="Its cadence, if the channel has several.")] = "",
    at: At = None,
    edition: Annotated[
        int | None, typer.Option(metavar="ID", help="The edition of this number.")
    ] = None,
    key: Annotated[str, typer.Option(help="The special edition of this key.")] = "",
    reader: Annotated[
        str | None, typer.Option(help="As this reader would get it; else the whole edition.")
    ] = None,
    layout: Annotated[
        str, typer.Option(help="briefing, headlines or text-first; else as it would be.")
    ] = "",
    wait: Annotated[
        int, typer.Option(help="Wait so many seconds for it to have left; 0: do not wait.")
    ] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send an edition as it stands to people who look it over. Readers get nothing of it.

    Its subject begins with [Test], nothing in it unsubscribes anybody, and each time it is sent
    anew. In rehearsal it goes to the staff alone.

    Example: [bold]colporteur editions test 12 --to me@example.org[/], or
    [bold]colporteur editions test actualites --cadence matin --to me@example.org[/]
    """
    run = runtime()
    if (edition is not None or key) and (cadence or at):
        raise typer.BadParameter("--edition or --key says which; leave --cadence and --at out.")
    layout = read_layout(layout) if layout else ""
    wanted = Wanted(Named(channel, cadence, at, edition, key), reader, layout)
    made = proof(run.engine, run.settings, run.templates, wanted)
    with house(run) as inside:
        purposes = post(inside.connection, made, to, brake_of(run, inside), inside.now)
    if not run.settings.embedded:
        tasks.ring(tasks.tick)  # embedded, the engine's own tick finds it within a second
    copies = _watch(run, purposes, 0 if held_back(run) else wait)
    rows = [{"to": one.address, "status": one.status, "answer": one.said} for one in copies]
    if not as_json:
        console.print(f"“{made.rendering.subject}”, as a test:", markup=False, highlight=False)
        say_brakes(run)
    show(rows, as_json=as_json, empty="Nobody.")
    _require_left(copies, wait)


def _watch(run: Runtime, purposes: list[str], seconds: float) -> list[Posted]:
    deadline = time.monotonic() + seconds
    while True:
        with reading(run.engine) as connection:
            copies = posted(connection, purposes)
        left = not any(one.status in _UNDER_WAY for one in copies)
        if left or time.monotonic() >= deadline:
            return copies
        time.sleep(_POLL_S)


def _require_left(copies: list[Posted], waited: float) -> None:
    if waited and any(one.status != Status.SENT for one in copies):
        raise ColporteurError(
            "Not every copy has left.",
            cure="A relay's answer stands above. Where none does, start `colporteur up` (or a "
            "worker and beat) on this database, or `colporteur release` what is suspended.",
        )
