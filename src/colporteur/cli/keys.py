"""``colporteur keys``: the secret keys in use, a new one, and what is sealed with the old."""

import json
from typing import Annotated

import typer

from colporteur.care.resealing import name_of, opened, reseal
from colporteur.cli.house import console, runtime
from colporteur.config import load_settings
from colporteur.config.variables import renew_secret
from colporteur.db import reading, writing

app = typer.Typer(
    help="The secret keys that links are signed with, and secrets sealed.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the keys by name, what each opens, and whether one can be dropped from the fallbacks.

    A name is the same on each machine, and says nothing of the key.

    Example: [bold]colporteur keys show[/]
    """
    run = runtime()
    keys = run.settings.secret_keys
    with reading(run.engine) as connection:
        found = opened(connection, keys)
    opens = [{one.what: one.by_key[place] for one in found} for place in range(len(keys))]
    lost = {one.what: one.by_none for one in found}
    if as_json:
        rows = [
            {"key": name_of(key), "signs": place == 0, "opens": opens[place]}
            for place, key in enumerate(keys)
        ]
        typer.echo(json.dumps({"keys": rows, "opened_by_none": lost}, indent=2))
        return
    for place, key in enumerate(keys):
        role = "is believed" if place else "signs and seals"
        what = ", ".join(f"{count} {name}" for name, count in opens[place].items())
        console.print(f"{name_of(key)}  {role}; opens {what}", highlight=False)
    for what, count in lost.items():
        if count:
            console.print(
                f"None of these opens {count} {what}: add their key to the fallbacks, "
                "or have them made anew.",
                style="red",
                highlight=False,
            )


@app.command()
def new() -> None:
    """Make a new key for an installation that keeps its own in the data folder.

    The old one goes on being believed. Start again, then call `colporteur keys reseal`.

    Example: [bold]colporteur keys new[/]
    """
    path = renew_secret(load_settings())
    console.print(f"A new key stands first in {path}; those before are believed on.")
    console.print("Start Colporteur again, then: colporteur keys reseal")


@app.command(name="reseal")
def reseal_all(as_json: AsJson = False) -> None:
    """Seal with the key that signs what was sealed with one of the fallbacks.

    Call it when every process was started with the new key.

    Example: [bold]colporteur keys reseal[/]
    """
    run = runtime()
    with writing(run.engine) as connection:
        done = reseal(connection, run.settings.secret_keys)
    if as_json:
        typer.echo(json.dumps(done))
        return
    for what, count in done.items():
        console.print(f"{count} {what} sealed anew", highlight=False)
