"""``colporteur subscribers``: add one, pause and resume their mail."""

import csv
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.history import Standing, standing
from colporteur.audience.pausing import pause as pause_reader
from colporteur.audience.pausing import resume as resume_reader
from colporteur.audience.readers import reader_of
from colporteur.audience.subscribing import Subscribed, subscribe
from colporteur.audience.wishes import Asked, choice_of
from colporteur.cli.house import House, console, house, runtime
from colporteur.cli.publication import user
from colporteur.editions.beginning import start_number
from colporteur.editions.calendar import instant_of
from colporteur.exceptions import ChoiceRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.values import parse_date
from colporteur.tasks import Runtime

app = typer.Typer(help="Subscribers: who gets the digests.")
Topics = Annotated[list[str] | None, typer.Option(help="A topic; may be given several times.")]
Address = Annotated[str, typer.Argument(help="Their e-mail address.")]
OfChannel = Annotated[str, typer.Option(help="The channel.")]


@app.callback()
def _group() -> None:
    """Subscribers: who gets the digests."""


@app.command()
def add(
    address: Address,
    channel: OfChannel,
    *,
    cadence: Annotated[
        str | None, typer.Option(help="The cadence; the channel's first by default.")
    ] = None,
    topic: Topics = None,
    without: Topics = None,
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    weekday: Annotated[
        str | None, typer.Option(help="Their day of a weekly or longer cadence: mon to sun.")
    ] = None,
    hour: Annotated[str | None, typer.Option(help="Their hour, such as 19:30.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Their time zone, such as Africa/Casablanca.")
    ] = None,
    specials: Annotated[
        bool, typer.Option("--specials/--no-specials", help="Whether special editions come too.")
    ] = True,
    layout: Annotated[
        str | None,
        typer.Option(help="How their digests look: briefing, headlines or text-first."),
    ] = None,
) -> None:
    """Subscribe somebody who asked for it: their first digest reaches back one slot.

    For who is subscribed already, what is said here takes the place of what they chose.

    Example: [bold]colporteur subscribers add leila@example.org --channel actualites --hour 19:30[/]
    """
    asked = Asked(cadence, topic or (), without or (), weekday, hour, timezone, specials, layout)
    run = runtime()
    with house(run) as inside:
        done = add_reader(inside, address, channel, asked, name)
    console.print("Subscribed." if done.new else "Was subscribed already; their choice is updated.")


@app.command()
def pause(
    address: Address,
    channel: OfChannel,
    until: Annotated[str, typer.Option(help="The date from which mail comes again.")],
    with_backlog: Annotated[
        bool, typer.Option("--with-backlog", help="Then also bring what came meanwhile.")
    ] = False,
) -> None:
    """Send somebody nothing of a channel until a date, on their clock.

    Example: [bold]colporteur subscribers pause leila@example.org --channel actualites --until 2026-12-24[/]
    """
    run = runtime()
    with house(run) as inside:
        of_reader, stands = _subscription(inside, address, channel)
        moment = _morning_of(inside, inside.publication.channel(channel), stands, until)
        pause_reader(
            inside.connection, of_reader, moment, backlog=with_backlog, by=user(), now=inside.now
        )
    console.print(f"Paused until {moment:%Y-%m-%d %H:%M} UTC.", highlight=False)


@app.command()
def resume(address: Address, channel: OfChannel) -> None:
    """End somebody's pause now.

    Example: [bold]colporteur subscribers resume leila@example.org --channel actualites[/]
    """
    run = runtime()
    with house(run) as inside:
        of_reader, _ = _subscription(inside, address, channel)
        done = resume_reader(inside.connection, of_reader, by=user(), now=inside.now)
    console.print("Mail comes again." if done else "They were not paused.")


def add_reader(
    inside: House, address: str, channel: str, asked: Asked, name: str = ""
) -> Subscribed:
    """Subscribe an address to a channel, from one slot back on."""
    publication = inside.publication
    found = publication.channel(channel)
    choice = choice_of(publication, inside.names, found, asked)
    return subscribe(
        inside.connection,
        parse_address(address),
        choice,
        language=found.language,
        start_number=start_number(
            inside.connection, publication, found, choice.cadence, inside.now
        ),
        by=user(),
        now=inside.now,
        name=name,
    )


def add_sample_readers(run: Runtime, path: Path) -> int:
    """Subscribe the sample's readers, on domains that can receive no mail (RFC 2606)."""
    with path.open(encoding="utf-8", newline="") as file, house(run) as inside:
        rows = list(csv.DictReader(file))
        for row in rows:
            asked = Asked(row["cadence"], row["topics_in"].split(), row["topics_out"].split())
            add_reader(inside, row["address"], row["channel"], asked)
    return len(rows)


def _subscription(inside: House, address: str, channel: str) -> tuple[int, Standing]:
    """The id and standing of an address's subscription to a channel."""
    found = inside.publication.channel(channel)
    wanted = inside.names.channels[found.slug]
    reader = reader_of(inside.connection, parse_address(address))
    for one in reader.subscription_ids:
        stands = standing(inside.connection, one)
        if stands and stands.choice.channel_id == wanted:
            return one, stands
    raise UnknownName(
        f"{reader.address} never subscribed to {found.slug}.",
        cure=f"See `colporteur subscribers show {reader.address}`.",
    )


def _morning_of(inside: House, channel: Channel, stands: Standing, text: str) -> datetime:
    """The first instant of a date where the reader is, in UTC."""
    try:
        day = parse_date(text)
    except ValueError as error:
        raise ChoiceRefused(f"{text!r} {error}.", cure="Give another date.") from None
    cadence = channel.cadence(stands.choice.cadence)
    zone = stands.choice.timezone or inside.publication.zone_of(cadence)
    found = instant_of(day, time.min, zone)
    if found is None:
        raise ChoiceRefused(f"In {zone} there was no {day}.", cure="Give another date.")
    return found
