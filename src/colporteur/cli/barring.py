"""``colporteur subscribers suppress|lift``: the do-not-mail list by hand."""

from typing import Annotated

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.barring import bar, unbar
from colporteur.cli.house import console, house, runtime
from colporteur.cli.publication import user
from colporteur.exceptions import ChoiceRefused, UnknownName

Address = Annotated[str, typer.Argument(help="The e-mail address, a reader's or not.")]
Why = Annotated[str, typer.Option(help="Why; it is kept in the reader's history.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("suppress")(suppress_address)
    app.command("lift")(lift_address)


def suppress_address(address: Address, why: Why) -> None:
    """Never write to an address again: it is put on the do-not-mail list, at once.

    Only `subscribers lift` takes it off: no form, button or list does. What is queued for it is
    not sent either.

    Example: [bold]colporteur subscribers suppress leila@example.org --why "asked by phone"[/]
    """
    wanted, said = parse_address(address), _said(why)
    run = runtime()
    with house(run) as inside:
        theirs = bar(inside.connection, wanted, why=said, by=user(), now=inside.now)
    whose = "a reader's" if theirs else "no reader's"
    console.print(f"On the do-not-mail list; it is {whose} address.")


def lift_address(address: Address, why: Why) -> None:
    """Take an address off the do-not-mail list, whatever put it there.

    Do so only on its owner's word. A reader gets mail from the next edition on, in the channels
    that they had, and not what came meanwhile.

    Example: [bold]colporteur subscribers lift leila@example.org --why "wrote to us again"[/]
    """
    wanted, said = parse_address(address), _said(why)
    run = runtime()
    with house(run) as inside:
        lifted = unbar(inside.connection, wanted, why=said, by=user(), now=inside.now)
    if not lifted:
        raise UnknownName(
            f"{wanted.text} is not on the do-not-mail list.", cure="See how they spell it."
        )
    console.print("Off the do-not-mail list.")


def _said(why: str) -> str:
    if not why.strip():
        raise ChoiceRefused("There is no reason in --why.", cure='Say it: --why "asked by phone".')
    return why.strip()
