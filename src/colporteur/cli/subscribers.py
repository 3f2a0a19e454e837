"""``colporteur subscribers``: add one."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from colporteur.articles.publishing import last_number_at
from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import Choice, Subscribed, subscribe
from colporteur.cli.house import House, console, house, runtime
from colporteur.cli.publication import user
from colporteur.editions.calendar import previous_slot
from colporteur.exceptions import UnknownName
from colporteur.tasks import Runtime

app = typer.Typer(help="Subscribers: who gets the digests.")
Topics = Annotated[list[str] | None, typer.Option(help="A topic; may be given several times.")]


@app.callback()
def _group() -> None:
    """Subscribers: who gets the digests."""


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="The e-mail address.")],
    channel: Annotated[str, typer.Option(help="The channel.")],
    cadence: Annotated[
        str | None, typer.Option(help="The cadence; the channel's first by default.")
    ] = None,
    topic: Topics = None,
    without: Topics = None,
    name: Annotated[str, typer.Option(help="Their name.")] = "",
) -> None:
    """Subscribe somebody who asked for it: their first digest reaches back one slot.

    Example: [bold]colporteur subscribers add leila@example.org --channel actualites --topic health[/]
    """
    run = runtime()
    with house(run) as inside:
        done = add_reader(inside, address, channel, cadence, topic or [], without or [], name)
    console.print("Subscribed." if done.new else "Was subscribed already; their choice is updated.")


def add_reader(
    inside: House,
    address: str,
    channel: str,
    cadence: str | None,
    topics_in: list[str],
    topics_out: list[str],
    name: str = "",
) -> Subscribed:
    """Subscribe an address to a channel, from one slot back on."""
    publication = inside.publication
    found = publication.channel(channel)
    if found.digest is None:
        raise UnknownName(f"The channel {channel} has no digests.", cure="Choose another one.")
    cadence = cadence or next(iter(found.digest.cadences))
    rule = found.cadence(cadence)
    since = previous_slot(rule, publication.zone_of(rule), inside.now, found.digest.skip)
    choice = Choice(
        channel_id=inside.names.channels[found.slug],
        cadence=cadence,
        topics_in=_topics(inside, topics_in),
        topics_out=_topics(inside, topics_out),
    )
    return subscribe(
        inside.connection,
        parse_address(address),
        choice,
        language=found.language,
        start_number=last_number_at(inside.connection, since),
        by=user(),
        now=inside.now,
        name=name,
    )


def add_sample_readers(run: Runtime, path: Path) -> int:
    """Subscribe the sample's readers, on domains that can receive no mail (RFC 2606)."""
    with path.open(encoding="utf-8", newline="") as file, house(run) as inside:
        rows = list(csv.DictReader(file))
        for row in rows:
            add_reader(
                inside,
                row["address"],
                row["channel"],
                row["cadence"],
                row["topics_in"].split(),
                row["topics_out"].split(),
            )
    return len(rows)


def _topics(inside: House, slugs: list[str]) -> tuple[int, ...]:
    known = inside.names.topics
    for slug in slugs:
        if slug not in known:
            names = ", ".join(inside.publication.topics) or "none"
            raise UnknownName(f"There is no topic {slug!r}.", cure=f"The topics are: {names}.")
    return tuple(known[slug] for slug in slugs)
