"""``colporteur editions``: send one now; the other commands are in modules of their own."""

from typing import Annotated

import typer

from colporteur import tasks
from colporteur.cli import (
    arranging,
    edition_report,
    edition_steering,
    explaining,
    foresight,
    proofs,
    simulating,
    specials,
    watching,
)
from colporteur.cli.braking import brake_of, held_back, say_brakes
from colporteur.cli.house import console, house, runtime
from colporteur.cli.preflight import add_to as add_preflight
from colporteur.cli.publication import user
from colporteur.cli.watching import watch
from colporteur.db import reading
from colporteur.editions import scheduling
from colporteur.editions.store import Edition, load
from colporteur.tasks import Runtime
from colporteur.vitals.keeping import counts_kept

app = typer.Typer(help="Editions: what a channel sends, and when.")
arranging.add_to(app)
edition_report.add_to(app)
edition_steering.add_to(app)
specials.add_to(app)
foresight.add_to(app)
explaining.add_to(app)
add_preflight(app)
proofs.add_to(app)
simulating.add_to(app)
watching.add_to(app)


@app.callback()
def _group() -> None:
    """Editions: what a channel sends, and when."""


@app.command()
def send(
    channel: Annotated[str, typer.Argument(help="The channel.")],
    cadence: Annotated[str, typer.Option(help="The cadence whose readers get it.")],
    wait: Annotated[
        int, typer.Option(help="Wait so many seconds for it to have left; 0: do not wait.")
    ] = 60,
) -> None:
    """Send an edition now: each reader gets what they have not had yet.

    Example: [bold]colporteur editions send actualites --cadence matin[/]
    """
    run = runtime()
    edition, readers = send_now(run, channel, cadence)
    say_brakes(run)
    if not readers:
        with reading(run.engine) as connection:
            reason = load(connection, edition.id).reason
        console.print(f"Nothing was sent: {reason}.")
        return
    console.print(f"Edition {edition.id} of {channel} goes to {people(readers)}.")
    if wait and not held_back(run):
        watch(run, edition.id, wait)


def people(count: int) -> str:
    """``1 reader``, ``2 readers``."""
    return f"{count} reader{'' if count == 1 else 's'}"


def send_now(run: Runtime, channel: str, cadence: str) -> tuple[Edition, int]:
    """Freeze an edition of this moment and ring for it; it and its number of readers."""
    with counts_kept(run.engine), house(run) as inside:
        found = inside.publication.channel(channel)
        edition, readers = scheduling.send_now(
            inside.connection,
            inside.revision,
            inside.names,
            found,
            cadence,
            by=user(),
            now=inside.now,
            brake=brake_of(run, inside),
        )
    if not run.settings.embedded:
        tasks.ring(tasks.tick)  # embedded, the engine's own tick finds it within a second
    return edition, readers
