"""``colporteur suspend``, ``release`` and ``go-live``: what holds all mail back."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy import func, select

from colporteur import tasks
from colporteur.cli.house import House, console, house, looking, runtime, show
from colporteur.cli.publication import user
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.outcomes import Status
from colporteur.editions import brakes
from colporteur.editions.brakes import Brake
from colporteur.editions.calendar import next_slot
from colporteur.editions.states import State
from colporteur.tasks import Runtime

_LEAVING = (State.FROZEN, State.SENDING, State.SENT)
_WAITING = (Status.PENDING, Status.INFLIGHT, Status.DEFERRED)
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


def release(yes: Yes = False) -> None:
    """Let mail go again; first see what will leave.

    Example: [bold]colporteur release[/]
    """
    run = runtime()
    with looking(run) as inside:
        held = brakes.suspension(inside.connection)
        if held is None:
            console.print("Sending is not suspended.")
            return
        console.print(str(held), markup=False)
        _say_what_leaves(inside)
    if not yes:
        typer.confirm("Release it?", abort=True)
    with house(run) as inside:
        brakes.release(inside.connection, by=user(), now=inside.now)
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


def _say_what_leaves(inside: House) -> None:
    waiting = _waiting(inside)
    if waiting:
        console.print("These leave first:")
        show(waiting, as_json=False, empty="")
    else:
        console.print("No edition is waiting to leave.")
    slots = _next_slots(inside)
    if slots:
        console.print("The next slots:")
        show(slots, as_json=False, empty="")


def _waiting(inside: House) -> list[dict[str, Any]]:
    """Editions that have messages left, with how many."""
    slugs = {inside.names.channels[one.slug]: one.slug for one in inside.publication.channels}
    count = func.count().label("messages")
    query = (
        select(editions.c.id, editions.c.channel_id, editions.c.kind, editions.c.state, count)
        .join(deliveries, deliveries.c.edition_id == editions.c.id)
        .where(editions.c.state.in_(_LEAVING), deliveries.c.status.in_(_WAITING))
        .group_by(editions.c.id)
        .order_by(editions.c.id)
    )
    return [
        {
            "edition": row.id,
            "channel": slugs.get(row.channel_id, ""),
            "kind": row.kind,
            "state": row.state,
            "messages": row.messages,
        }
        for row in inside.connection.execute(query)
    ]


def _next_slots(inside: House) -> list[dict[str, Any]]:
    found = []
    for channel in inside.publication.channels:
        if channel.digest is None:
            continue
        for name, cadence in channel.digest.cadences.items():
            zone = inside.publication.zone_of(cadence)
            slot = next_slot(cadence, zone, inside.now, channel.digest.skip)
            said = _moment(slot) if slot else cadence.rule
            found.append({"channel": channel.slug, "cadence": name, "next": said})
    return sorted(found, key=lambda row: row["next"])


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _ring(run: Runtime) -> None:
    if not run.settings.embedded:
        tasks.ring(tasks.tick)
