"""``colporteur suspend``, ``release`` and ``go-live``: what holds all mail back."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from colporteur import tasks
from colporteur.cli.house import House, console, house, looking, runtime, show
from colporteur.cli.publication import user
from colporteur.delivery.departures import Coming, Waiting, departures
from colporteur.editions import brakes
from colporteur.editions.brakes import Brake
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.since_backup import Since, let_go, restored, uncertain
from colporteur.tasks import Runtime

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(suspend)
    app.command()(release)
    app.command("go-live")(go_live)


def suspend(
    why: Annotated[str, typer.Option(help="The reason, for those who find it so.")],
) -> None:
    """Hold all mail back, at once: digests, specials and letters. Feeds and pages go on.

    Example: [bold]colporteur suspend --why "The relay marks us as spam"[/]
    """
    run = runtime()
    with house(run) as inside:
        done = brakes.suspend(inside.connection, by=user(), why=why, now=inside.now)
        held = brakes.suspension(inside.connection)
    assert held is not None
    console.print("All sending is suspended." if done else f"It was already: {held}", markup=False)
    console.print("Nothing leaves, and nothing is lost, until `colporteur release`.")


def release(
    yes: Yes = False,
    since_backup: Annotated[
        Since, typer.Option(help="After a restore: what becomes of what was due since the backup.")
    ] = Since.MISSED,
) -> None:
    """Let mail go again; first see what will leave.

    After a restore nobody knows what left since the backup. "missed": slots that passed are left
    out, what was leaving is paused for you to look at, and articles come with the next edition.
    "sent": the same, and what the backup has is never mailed again. "due": all of it leaves.

    Example: [bold]colporteur release[/]
    """
    run = runtime()
    with looking(run) as inside:
        held = brakes.suspension(inside.connection)
        if held is None:
            console.print("Sending is not suspended.")
            return
        console.print(str(held), markup=False)
        stopped: set[int] = set()
        if restored(inside.connection) is not None:
            stopped = _say_since_backup(inside, since_backup)
        _say_what_leaves(inside, stopped)
    if not yes:
        typer.confirm("Release it?", abort=True)
    with house(run) as inside:
        let_go(
            inside.connection,
            inside.revision,
            inside.names,
            by=user(),
            now=inside.now,
            since=since_backup,
        )
        left = brake_of(run, inside)
    console.print("It is released: what is due leaves now.")
    _say_rehearsal(left)
    _ring(run)


def go_live(yes: Yes = False) -> None:
    """End the rehearsal: from now on readers get mail, and not only the newsroom's people.

    Who never got anything begins at the last slot of their cadence: nobody gets all that
    gathered before.

    Example: [bold]colporteur go-live[/]
    """
    run = runtime()
    with looking(run) as inside:
        since = brakes.live_since(inside.connection)
        if since is not None:
            console.print(f"It is live since {_moment(since)}.")
            return
        count = brakes.readers(inside.connection)
        people = f"{count} reader{'' if count == 1 else 's'}"
        console.print(f"{people} will get mail from {escape(inside.publication.title)}.")
        if run.settings.outbox is not None:
            console.print(f"For now it goes to {run.settings.outbox}: COLPORTEUR_MAIL_URL.")
        _say_what_leaves(inside)
    if not yes:
        typer.confirm("Go live?", abort=True)
    with house(run) as inside:
        brakes.go_live(inside.connection, inside.publication, inside.names, inside.now, user())
        held = brakes.suspension(inside.connection)
    console.print("It is live.")
    if held:
        console.print(str(held), markup=False)
    _ring(run)


def brake_of(run: Runtime, inside: House) -> Brake:
    """What holds mail back here."""
    real_relay = run.settings.outbox is None
    return brakes.in_force(inside.connection, inside.publication, real_relay=real_relay)


def say_brakes(run: Runtime) -> None:
    """Say what holds mail back; nothing if nothing does."""
    for line in brake_lines(run):
        console.print(f"[yellow]![/] {escape(line)}", highlight=False)


def held_back(run: Runtime) -> bool:
    """Whether all sending is suspended."""
    with looking(run) as inside:
        return brakes.suspension(inside.connection) is not None


def brake_lines(run: Runtime) -> list[str]:
    """What holds mail back, in sentences."""
    with looking(run) as inside:
        held = brake_of(run, inside)
    said = [f"{held.suspended} (`colporteur release`)"] if held.suspended else []
    if held.rehearsal:
        said.append(_rehearsal(held))
    return said


def _rehearsal(held: Brake) -> str:
    count = len(held.staff_only or ())
    whom = f"{count} address{'' if count == 1 else 'es'}"
    return f"This is a rehearsal: only the staff ({whom}) get mail, until `colporteur go-live`."


def _say_rehearsal(held: Brake) -> None:
    if held.rehearsal:
        console.print(_rehearsal(held), markup=False)


_SINCE = {
    Since.MISSED: "Slots since the backup are left out; their articles come with the next edition.",
    Since.SENT: "Slots since the backup are left out, and what the backup has is not mailed again.",
    Since.DUE: "What was due since the backup leaves, to some readers perhaps once more.",
}


def _say_since_backup(inside: House, since: Since) -> set[int]:
    """Say what becomes of the time since the backup; the ids of what does not leave."""
    console.print(f"{_SINCE[since]} Otherwise: --since-backup {'|'.join(Since)}", markup=False)
    in_doubt = uncertain(inside.connection, inside.now) if since is not Since.DUE else []
    if in_doubt:
        numbers = ", ".join(str(one.id) for one in in_doubt)
        console.print(f"They may have left since, and do not leave now: editions {numbers}.")
        console.print("`colporteur editions resume` or `cancel` decides on each that is paused.")
    return {one.id for one in in_doubt}


def _say_what_leaves(inside: House, stopped: Collection[int] = ()) -> None:
    found = departures(inside.connection, inside.revision, inside.names, inside.now, Whom())
    first = [one for one in found.waiting if one.edition not in stopped]
    if first:
        console.print("These leave first:")
        show([_as_row(one) for one in first], as_json=False, empty="")
    else:
        console.print("No edition is waiting to leave.")
    if found.coming:
        console.print("The next slots:")
        show([_as_slot(one) for one in found.coming], as_json=False, empty="")


def _as_row(one: Waiting) -> dict[str, Any]:
    """An edition that has messages left, with how many."""
    shown = ("edition", "channel", "kind", "state", "messages")
    return {name: getattr(one, name) for name in shown}


def _as_slot(one: Coming) -> dict[str, Any]:
    when = _moment(one.slot) if one.slot else one.rule
    return {"channel": one.channel, "cadence": one.cadence, "next": when}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _ring(run: Runtime) -> None:
    if not run.settings.embedded:
        tasks.ring(tasks.tick)
