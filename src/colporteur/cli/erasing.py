"""``colporteur subscribers erase``: forgets a reader who asked for it."""

from typing import Annotated

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.erasing import erase
from colporteur.audience.readers import reader_of
from colporteur.cli.house import console, house, looking, runtime
from colporteur.cli.publication import user
from colporteur.exceptions import ChoiceRefused


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("erase")(erase_reader)


def erase_reader(
    address: Annotated[str, typer.Argument(help="Their e-mail address.")],
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not have the address typed again.")
    ] = False,
) -> None:
    """Forget somebody: address, choices, consent, letters and what came back. It cannot be undone.

    What stays is the hash of the address on the do-not-mail list, so that no import brings them
    back, and deliveries that name nobody. They themselves may subscribe again.

    Example: [bold]colporteur subscribers erase leila@example.org[/]
    """
    wanted = parse_address(address)
    run = runtime()
    with looking(run) as inside:
        reader_of(inside.connection, wanted)
    if not yes:
        again = typer.prompt("Type the address again to forget them")
        if parse_address(again).key != wanted.key:
            raise ChoiceRefused(
                "The two addresses differ, and nobody was forgotten.", cure="Start again."
            )
    with house(run) as inside:
        found = reader_of(inside.connection, wanted)
        erase(inside.connection, found.id, by=user(), now=inside.now)
    console.print("They are forgotten.")
