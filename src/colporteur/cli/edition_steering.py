"""``colporteur editions``: approve, hold, release, pause, resume, cancel, withdraw, resend one, move."""

from typing import Annotated

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.readers import reader_of
from colporteur.cli.braking import brake_of
from colporteur.cli.forecasting import expected, in_words
from colporteur.cli.house import House, console, house, runtime
from colporteur.cli.moments import both_clocks
from colporteur.cli.preflight import show_findings
from colporteur.cli.publication import user
from colporteur.delivery import resending
from colporteur.digests.preflight import errors
from colporteur.editions import moving_time, specials, steering
from colporteur.editions.moments import read_moment
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load
from colporteur.exceptions import ChoiceRefused
from colporteur.publication.identities import channel_of

Number = Annotated[int, typer.Argument(metavar="ID", help="The edition's number.")]
Why = Annotated[str, typer.Option(help="Why, for the history.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (approve, hold, release, pause, resume, cancel, withdraw, resend, move):
        app.command()(command)


def approve(edition: Number) -> None:
    """Let an edition leave; before its freeze that closes its articles with the newest now.

    Example: [bold]colporteur editions approve 12[/]
    """
    run = runtime()
    with house(run) as inside:
        found = load(inside.connection, edition)
        after = steering.approve(
            inside.connection,
            found,
            inside.revision,
            inside.names,
            by=user(),
            now=inside.now,
        )
        ahead = None if after.state is State.MISSED else expected(run, inside, after)
    if after.state is State.MISSED:
        _say(f"Edition {edition} is approved too late: it is recorded as missed.")
    else:
        _say(f"Edition {edition} is approved{_leaves(inside, after)}.")
    for line in in_words(ahead, inside.publication.timezone) if ahead else ():
        _say(line)
    if errors(after.findings) and after.state is State.FROZEN:
        show_findings(after.findings)
        _say(
            f"So it is paused first; `colporteur editions resume {edition}` sends it all the same."
        )


def hold(edition: Number, why: Why) -> None:
    """Keep an edition back until somebody releases it.

    Example: [bold]colporteur editions hold 12 --why "one source is in doubt"[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        steering.hold(inside.connection, found, by=user(), why=why, now=inside.now)
    _say(f"Edition {edition} is held. `colporteur editions release {edition}` lets it go.")


def release(edition: Number) -> None:
    """Let go an edition that was held.

    Example: [bold]colporteur editions release 12[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        after = steering.release(inside.connection, found, by=user(), now=inside.now)
    _say(f"Edition {edition} is released{_leaves(inside, after)}.")


def pause(edition: Number, why: Why) -> None:
    """Stop sending an edition for now; what is in flight is finished.

    Example: [bold]colporteur editions pause 12 --why "the relay is slow"[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        steering.pause(inside.connection, found, by=user(), why=why, now=inside.now)
    _say(f"Edition {edition} is paused. `colporteur editions resume {edition}` sends the rest.")


def resume(edition: Number) -> None:
    """Send the rest of an edition that was paused.

    One that was held is held again; one of which nothing has left, and that was not looked over as
    it is now, is first.

    Example: [bold]colporteur editions resume 12[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        after = steering.resume(inside.connection, found, by=user(), now=inside.now)
    if after.state is State.FROZEN:
        _say(f"Edition {edition} is looked over, and then goes on.")
    elif after.state is State.HELD and after.hold_until is None:
        _say(
            f"Edition {edition} is held again. `colporteur editions release {edition}` lets it go."
        )
    else:
        _say(f"Edition {edition} goes on{_leaves(inside, after) if after.hold_until else ''}.")


def cancel(edition: Number, why: Why) -> None:
    """Stop for good what of an edition has not left; its articles are open to them again.

    Example: [bold]colporteur editions cancel 12 --why "sent by mistake"[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        stopped = steering.cancel(inside.connection, found, by=user(), why=why, now=inside.now)
    if found.frozen_at is None:
        _say(f"Edition {edition} is cancelled. It was not fixed yet for anybody.")
        return
    people = "1 reader" if stopped == 1 else f"{stopped} readers"
    _say(f"Edition {edition} is cancelled. {people} will not get it.")
    _say(f"`colporteur editions report {edition} --readers` says who got it.")


def withdraw(
    edition: Number,
    why: Why = "withdrawn",
) -> None:
    """Take a special edition back before it leaves; digests get back what they left to it.

    Example: [bold]colporteur editions withdraw 12[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        specials.withdraw(inside.connection, found, by=user(), why=why, now=inside.now)
    _say(f"Edition {edition} is withdrawn: nobody gets it.")


def resend(
    edition: Number,
    to: Annotated[str, typer.Option(help="The address of a reader.")] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="All whom it did not reach instead.")
    ] = False,
) -> None:
    """Send an edition to a reader once more, or to all whom it failed to reach.

    It is the same message, with the same Message-ID. What failed is sent again only if no later
    mail has brought its articles.

    Example: [bold]colporteur editions resend 12 --to leila@example.org[/]
    """
    if bool(to) == failed:
        raise ChoiceRefused("Nothing says to whom.", cure="Give --to ADDRESS, or --failed.")
    run = runtime()
    with house(run) as inside:
        found, brake = load(inside.connection, edition), brake_of(run, inside)
        if failed:
            done = resending.resend_failed(
                inside.connection, found, brake, by=user(), now=inside.now
            )
        else:
            reader = reader_of(inside.connection, parse_address(to))
            resending.resend(inside.connection, found, reader.id, brake, by=user(), now=inside.now)
    if not failed:
        _say(f"Edition {edition} leaves for {reader.address} again.")
        return
    people = "1 reader" if done.again == 1 else f"{done.again} readers"
    _say(f"Edition {edition} leaves again for {people}.")
    for why, count in sorted(done.kept.items()):
        _say(f"Not for {count}: {why}.")


def move(
    edition: Number,
    to: Annotated[
        str, typer.Option(help="When it shall leave, on its cadence's clock: 2026-11-24T09:00.")
    ],
) -> None:
    """Have an edition leave at another time, between those of its cadence beside it.

    Readers who chose an hour get it at that hour, from the new time on.

    Example: [bold]colporteur editions move 12 --to 2026-11-24T09:00[/]
    """
    with house(runtime()) as inside:
        found = load(inside.connection, edition)
        channel = channel_of(inside.publication, inside.names, found.channel_id)
        offered = channel.digest.cadences if channel and channel.digest else {}
        rule = offered.get(found.cadence or "")
        zone = inside.publication.zone_of(rule) if rule else inside.publication.timezone
        after = moving_time.move(
            inside.connection,
            found,
            inside.revision,
            inside.names,
            to=read_moment(to, zone),
            by=user(),
            now=inside.now,
        )
    assert after.send_at is not None
    _say(f"Edition {edition} leaves at {both_clocks(after.send_at, zone)}.")


def _leaves(inside: House, after: Edition) -> str:
    """When an edition leaves, where that is still to come."""
    when = after.hold_until or after.send_at
    if when is None or when <= inside.now:
        return " and leaves now"
    return f" and leaves at {both_clocks(when, inside.publication.timezone)}"


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
