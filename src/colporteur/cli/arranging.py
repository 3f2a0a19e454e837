"""``colporteur editions arrange``: an editor's lead, order and words for a coming edition."""

from typing import Annotated

import typer

from colporteur.articles.store import ids_of
from colporteur.cli.house import console, house, runtime
from colporteur.cli.moments import both_clocks
from colporteur.cli.publication import user
from colporteur.editions.arranging import NO_LEAD, Wishes, arrange
from colporteur.editions.naming import edition_named
from colporteur.editions.store import Edition
from colporteur.publication import Publication

Slugs = list[str] | None
Channel = Annotated[str, typer.Argument(help="The channel.")]
At = Annotated[
    str | None,
    typer.Option(help="Its hour on the cadence's clock, such as 2026-11-24T07:00; else the next."),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("arrange")(arrange_edition)


def arrange_edition(
    channel: Channel,
    cadence: Annotated[str, typer.Option(help="Its cadence.")],
    at: At = None,
    lead: Annotated[str | None, typer.Option(help="The article that comes first.")] = None,
    no_lead: Annotated[bool, typer.Option("--no-lead", help="Pin no lead any more.")] = False,
    order: Annotated[Slugs, typer.Option(help="Articles that follow it, in this order.")] = None,
    leave_out: Annotated[Slugs, typer.Option(help="Articles that nobody gets.")] = None,
    intro: Annotated[str | None, typer.Option(help="A note above the articles, Markdown.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="The subject, for those who get the lead.")
    ] = None,
    preheader: Annotated[
        str | None, typer.Option(help="The line after the subject, for the same.")
    ] = None,
) -> None:
    """Arrange a coming edition: what is said here changes, the rest stays as it was.

    Articles are named by their slugs. An empty text ("") takes an intro or a subject away, and
    so does an empty --order or --leave-out. An approval that was given is void.

    Example: [bold]colporteur editions arrange actualites --cadence matin --lead un-port --intro "Bonjour."[/]
    """
    if lead is not None and no_lead:
        raise typer.BadParameter("--lead and --no-lead contradict each other.")
    with house(runtime()) as inside:
        found = edition_named(
            inside.connection,
            inside.revision,
            inside.names,
            inside.publication.channel(channel),
            cadence,
            at,
            by=user(),
            now=inside.now,
        )
        pinned = NO_LEAD if no_lead else None
        if lead is not None:
            (pinned,) = ids_of(inside.connection, [lead])
        wishes = Wishes(
            lead=pinned,
            order=None if order is None else ids_of(inside.connection, _said(order)),
            left_out=None if leave_out is None else ids_of(inside.connection, _said(leave_out)),
            intro=intro,
            subject=subject,
            preheader=preheader,
        )
        after = arrange(inside.connection, found, wishes, by=user(), now=inside.now)
    _show(inside.publication, channel, cadence, found, after)


def _said(slugs: list[str]) -> list[str]:
    return [slug for slug in slugs if slug]


def _show(
    publication: Publication, channel: str, cadence: str, before: Edition, after: Edition
) -> None:
    rule = publication.channel(channel).cadence(cadence)
    when = after.slot or after.send_at
    assert when is not None
    said = both_clocks(when, publication.zone_of(rule))
    _say(f"Edition {after.id} of {channel}, {cadence}, {said}, is arranged.")
    if before.approved_at is not None and after.approved_at is None:
        _say("It was approved as it was before: it asks for an approval again.")


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
