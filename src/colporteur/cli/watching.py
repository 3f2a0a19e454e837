"""``colporteur editions watch``: how an edition leaves, as it does."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Connection

from colporteur.cli.house import console, looking, runtime
from colporteur.cli.moments import utc
from colporteur.cli.preflight import show_findings
from colporteur.db import reading
from colporteur.editions import progress as counting
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state, load
from colporteur.editions.watching import UNDER_WAY, Pace, Seen, look
from colporteur.exceptions import ColporteurError, UnknownName
from colporteur.tasks import Runtime

_POLL_S = 0.5
_GOES_ON = {State.PAUSED: "resume", State.HELD: "release", State.AWAITING_APPROVAL: "approve"}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("watch")(watch_edition)


def watch_edition(
    edition: Annotated[
        int | None,
        typer.Argument(metavar="[ID]", help="Its number; else the one that is leaving."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Say how far it is, and stop.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON at each look.")
    ] = False,
) -> None:
    """Watch an edition leave: how many have it, how fast it goes and how long it takes.

    It ends when the edition has left, or when somebody has to do something first.

    Example: [bold]colporteur editions watch 12[/]
    """
    run = runtime()
    with looking(run) as inside:
        number = _leaving(inside.connection) if edition is None else edition
        load(inside.connection, number)
    if as_json:
        for seen in _looks(run, number, None):
            typer.echo(json.dumps(_told(seen), default=str))
            if once:
                return
    elif once:
        _say(next(iter(_looks(run, number, None))))
    else:
        watch(run, number)


def watch(run: Runtime, edition_id: int, seconds: float | None = None) -> None:
    """Show how an edition leaves, until it has, or somebody has to do something first.

    Raises:
        ColporteurError: it was stopped, or has not left in that time; nothing is lost.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
    )
    off = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=off) as shown:
        bar = shown.add_task(f"Edition {edition_id}", total=None, said="")
        for seen in _looks(run, edition_id, seconds):
            done, readers = seen.progress.done, seen.progress.readers
            shown.update(bar, completed=done, total=readers, said=_speed(seen))
    state = seen.edition.state
    if _under_way(seen.edition):
        raise ColporteurError(
            f"After {seconds:.0f} s the edition is {state}: {_counts(seen.progress)}.",
            cure="Start `colporteur up` (or a worker and beat) on this database: the rest leaves then.",
        )
    if state is not State.SENT:
        if seen.edition.findings:
            show_findings(seen.edition.findings)
        raise _stopped(seen.edition)
    console.print(f"It has left: {_counts(seen.progress)}.")


def _looks(run: Runtime, edition_id: int, seconds: float | None) -> Iterator[Seen]:
    """What is seen of an edition, twice a second, while it is under way."""
    deadline = None if seconds is None else time.monotonic() + seconds
    pace = Pace()
    while True:
        with reading(run.engine) as connection:
            seen = look(connection, edition_id, pace)
        yield seen
        over = deadline is not None and time.monotonic() >= deadline
        if not _under_way(seen.edition) or over:
            return
        time.sleep(_POLL_S)


def _under_way(edition: Edition) -> bool:
    """Whether it goes on by itself: a special's hold ends so, one that somebody began does not."""
    holds = edition.state is State.HELD and edition.hold_until is not None
    return holds or edition.state in UNDER_WAY


def _leaving(connection: Connection) -> int:
    found = in_state(connection, State.SENDING) or in_state(connection, State.FROZEN)
    if not found:
        raise UnknownName(
            "No edition is leaving now.", cure="`colporteur editions calendar` lists what comes."
        )
    return found[-1].id


def _say(seen: Seen) -> None:
    console.print(
        f"Edition {seen.edition.id} is {seen.edition.state}: {_counts(seen.progress)}"
        f" of {seen.progress.readers}."
    )


def _speed(seen: Seen) -> str:
    progress = seen.progress
    if seen.edition.state is State.HELD:
        return f"can be withdrawn until {utc(seen.edition.hold_until)}"
    if seen.edition.state is State.FROZEN:
        return f"begins {utc(seen.edition.send_at)}"
    parts = [f"{seen.rate:.0f}/s"] if seen.rate else []
    if seen.seconds_left:
        parts.append(f"{seen.seconds_left // 60}:{seen.seconds_left % 60:02} left")
    parts += [f"{progress.failed} failed"] if progress.failed else []
    parts += [f"{progress.deferred} deferred"] if progress.deferred else []
    if progress.waiting and not seen.rate and progress.next_at is not None:
        parts.append(f"next {utc(progress.next_at)}")
    return ", ".join(parts)


def _counts(found: counting.Progress) -> str:
    said = {name: getattr(found, name) for name in counting.COUNTED} | {"waiting": found.waiting}
    return ", ".join(f"{count} {name}" for name, count in said.items() if count) or "nobody yet"


def _told(seen: Seen) -> dict[str, Any]:
    return {
        "id": seen.edition.id,
        "state": seen.edition.state,
        **asdict(seen.progress),
        "waiting": seen.progress.waiting,
        "per_second": round(seen.rate, 1),
        "seconds_left": seen.seconds_left,
    }


def _stopped(edition: Edition) -> ColporteurError:
    """Why an edition that is watched goes no further by itself, and what lets it go."""
    state = edition.state.replace("_", " ")
    said = f"Edition {edition.id} is {state}{f': {edition.reason}' if edition.reason else ''}."
    cure = f"`colporteur editions report {edition.id}` tells what became of it."
    if edition.state in _GOES_ON:
        command = f"colporteur editions {_GOES_ON[edition.state]} {edition.id}"
        cure = f"Mend what is wrong, if anything is; `{command}` lets it go."
    return ColporteurError(said, cure=cure)
