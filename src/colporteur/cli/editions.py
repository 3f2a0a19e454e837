"""``colporteur editions``: send one now; the other commands are in modules of their own."""

import time
from typing import Annotated

import typer
from rich.progress import Progress

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
)
from colporteur.cli.braking import brake_of, held_back, say_brakes
from colporteur.cli.house import console, house, runtime
from colporteur.cli.preflight import add_to as add_preflight
from colporteur.cli.preflight import show_findings
from colporteur.cli.publication import user
from colporteur.db import reading
from colporteur.editions import scheduling
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load
from colporteur.exceptions import ColporteurError
from colporteur.tasks import Runtime

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
_POLL_S = 0.25
_UNDER_WAY = (State.OPEN, State.FROZEN, State.SENDING)
_GOES_ON = {State.PAUSED: "resume", State.HELD: "release", State.AWAITING_APPROVAL: "approve"}


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
        watch(run, edition.id, readers, wait)


def people(count: int) -> str:
    """``1 reader``, ``2 readers``."""
    return f"{count} reader{'' if count == 1 else 's'}"


def send_now(run: Runtime, channel: str, cadence: str) -> tuple[Edition, int]:
    """Freeze an edition of this moment and ring for it; it and its number of readers."""
    with house(run) as inside:
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


def watch(run: Runtime, edition_id: int, readers: int, seconds: float) -> None:
    """Show how an edition leaves, until it has, or somebody has to do something first.

    Raises:
        ColporteurError: it was stopped, or has not left in that time; nothing is lost.
    """
    deadline = time.monotonic() + seconds
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Sending", total=readers)
        while time.monotonic() < deadline:
            with reading(run.engine) as connection:
                counts = scheduling.counts(connection, edition_id)
                edition = load(connection, edition_id)
            waiting = counts.get("pending", 0) + counts.get("inflight", 0)
            progress.update(bar, completed=readers - waiting)
            if edition.state not in _UNDER_WAY:
                break
            time.sleep(_POLL_S)
    said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    if edition.state in _UNDER_WAY:
        raise ColporteurError(
            f"After {seconds:.0f} s the edition is {edition.state}: {said}.",
            cure="Start `colporteur up` (or a worker and beat) on this database: the rest leaves then.",
        )
    if edition.state is not State.SENT:
        if edition.findings:
            show_findings(edition.findings)
        raise _stopped(edition)
    console.print(f"It has left: {said}.")


def _stopped(edition: Edition) -> ColporteurError:
    """Why an edition that is watched goes no further by itself, and what lets it go."""
    state = edition.state.replace("_", " ")
    said = f"Edition {edition.id} is {state}{f': {edition.reason}' if edition.reason else ''}."
    cure = f"`colporteur editions report {edition.id}` tells what became of it."
    if edition.state in _GOES_ON:
        command = f"colporteur editions {_GOES_ON[edition.state]} {edition.id}"
        cure = f"Mend what is wrong, if anything is; `{command}` lets it go."
    return ColporteurError(said, cure=cure)
