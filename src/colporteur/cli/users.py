"""``colporteur users``: the newsroom's people and the tokens of their programs."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from colporteur.cli.house import console, house, runtime, show
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import PersonRefused
from colporteur.publication.revisions import current
from colporteur.staff import audit, links, people, second_factor, standing, tokens
from colporteur.staff.links import LASTS, Purpose
from colporteur.staff.people import Person, Role
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime

app = typer.Typer(help="The newsroom's people, and the tokens of their programs.")
_aside = Console(stderr=True, soft_wrap=True, highlight=False)
_CHOICES = {one.value: one for one in Scope if one is not Scope.GHOST}
_KNOWN = ", ".join(_CHOICES)
_US = "the command line"  # whom the log names
_USUAL = (Scope.ARTICLES_READ, Scope.ARTICLES_WRITE)
Address = Annotated[str, typer.Argument(help="Their e-mail address.")]


@app.command()
def add(
    address: Address,
    name: Annotated[str | None, typer.Option(help="Their name.")] = None,
    role: Annotated[Role | None, typer.Option(help="What they do; editor by default.")] = None,
) -> None:
    """Add somebody to the newsroom, or say anew the name and role of whom there is.

    Who has no password yet gets a link to choose one: it opens once.

    Example: [bold]colporteur users add leila@example.org --name Leila --role editor[/]
    """
    run = runtime()
    with writing(run.engine) as connection:
        now = database_now(connection)
        person, new = people.add(connection, address, name=name, role=role, now=now)
        chosen = standing.has_password(connection, person.id)
        said = {"who": person.address, "role": person.role.value}
        ready = current(connection) is not None
        audit.note(connection, _US, "person.added", f"person:{person.id}", said, now)
    known = "is here" if new else "was here already and is now"
    console.print(f"{person.address} {known}, as {person.role}.", highlight=False, markup=False)
    if chosen or person.disabled_at is not None:
        return
    if ready:
        _print_link(run, address)
    else:
        _aside.print("Once a publication is in force, `colporteur users link` lets them in.")


@app.command()
def link(address: Address) -> None:
    """Make a link by which somebody chooses a password: it opens once, and ends those made before.

    The link alone is on standard output.

    Example: [bold]colporteur users link leila@example.org[/]
    """
    _print_link(runtime(), address)


@app.command()
def disable(address: Address) -> None:
    """Shut somebody out, at once: signed out, their links and tokens ended or asleep.

    Example: [bold]colporteur users disable leila@example.org[/]
    """
    with writing(runtime().engine) as connection:
        now = database_now(connection)
        person = people.by_address(connection, address)
        done = standing.disable(connection, person.id, now)
        if done:
            audit.note(connection, _US, "person.disabled", f"person:{person.id}", {}, now)
    console.print("They are shut out." if done else "They were shut out already.")


@app.command()
def enable(address: Address) -> None:
    """Let somebody in again, as what they were.

    Example: [bold]colporteur users enable leila@example.org[/]
    """
    with writing(runtime().engine) as connection:
        now = database_now(connection)
        person = people.by_address(connection, address)
        done = standing.enable(connection, person.id)
        if done:
            audit.note(connection, _US, "person.enabled", f"person:{person.id}", {}, now)
    console.print("They may sign in again." if done else "They were never shut out.")


@app.command("no-second-factor")
def no_second_factor(address: Address) -> None:
    """Turn somebody's second factor off: their phone is lost, and their recovery codes.

    Example: [bold]colporteur users no-second-factor leila@example.org[/]
    """
    with writing(runtime().engine) as connection:
        now = database_now(connection)
        person = people.by_address(connection, address)
        done = second_factor.turn_off(connection, person.id)
        if done:
            audit.note(connection, _US, "person.factor_off", f"person:{person.id}", {}, now)
    console.print("It is off." if done else "It was off already.")


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the people and their tokens, each by its first characters.

    Example: [bold]colporteur users list[/]
    """
    run = runtime()
    with reading(run.engine) as connection:
        everybody = people.listing(connection)
        held = tokens.listing(connection)
        chosen = {one.id for one in everybody if standing.has_password(connection, one.id)}
    rows: list[dict[str, Any]] = [
        {
            "address": person.address,
            "name": person.name,
            "role": person.role.value,
            "state": _state(person, chosen),
            "tokens": [_shown(one) for one in held.get(person.id, [])],
        }
        for person in everybody
    ]
    if not as_json:
        rows = [row | {"tokens": _in_words(row["tokens"])} for row in rows]
    show(rows, as_json=as_json, empty="Nobody is here yet. Add somebody: colporteur users add …")


@app.command()
def token(
    address: Address,
    name: Annotated[str, typer.Option(help="What will hold it, such as: cms.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What it allows, as far as their role does; may be repeated. {_KNOWN}. "
            "articles:read and articles:write by default."
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="It ends after so many days.", min=1, max=36500)
    ] = None,
    ghost: Annotated[
        bool, typer.Option("--ghost", help="For Ghost's webhooks: an address and a secret.")
    ] = False,
) -> None:
    """Make a token for a program, and show it: only this once.

    The token alone is on standard output.

    Example: [bold]colporteur users token leila@example.org --name cms --days 365[/]
    """
    scopes = _scopes(scope or [], ghost=ghost)
    run = runtime()
    with house(run) as inside:
        person = people.by_address(inside.connection, address)
        lasts = timedelta(days=days) if days else None
        text, made = tokens.mint(inside.connection, person.id, name, scopes, inside.now, lasts)
    if ghost:
        typer.echo(f"{inside.site}/api/v1/ghost/{made.hint}")
        typer.echo(tokens.ghost_secret(run.settings.secret_key, made))
        _aside.print(
            "The first line is the webhook's target URL and the second its secret, for each event "
            "of posts in Ghost's custom integration. This is the only time they are shown."
        )
    else:
        typer.echo(text)
        _aside.print("This is the only time it is shown: keep it where only the program reads it.")


@app.command()
def revoke(
    hint: Annotated[str, typer.Argument(help="The token's first characters, as listed.")],
) -> None:
    """End a token for ever, at once.

    Example: [bold]colporteur users revoke col_x7Kq20aZ[/]
    """
    run = runtime()
    with writing(run.engine) as connection:
        ended = tokens.revoke(connection, hint, database_now(connection))
    console.print("It is revoked." if ended else "It was revoked already.")


def _state(person: Person, chosen: Collection[int]) -> str:
    if person.disabled_at is not None:
        return "disabled"
    return "active" if person.id in chosen else "invited"


def _print_link(run: Runtime, address: str) -> None:
    with house(run) as inside:
        person = people.by_address(inside.connection, address)
        if person.disabled_at is not None:
            raise PersonRefused(
                f"{person.address} is shut out.", cure=f"colporteur users enable {person.address}"
            )
        chosen = standing.has_password(inside.connection, person.id)
        purpose = Purpose.RESET if chosen else Purpose.INVITED
        text = links.make(inside.connection, purpose, person.id, inside.now)
        subject = f"person:{person.id}"
        audit.note(inside.connection, _US, "person.link_made", subject, {}, inside.now)
    typer.echo(f"{inside.site}{links.path_of(text)}")
    hours = LASTS[purpose] // timedelta(hours=1)
    _aside.print(f"It opens once, within {hours} hours: give it to nobody else.")


def _scopes(names: list[str], *, ghost: bool) -> list[Scope]:
    if ghost and names:
        raise typer.BadParameter(
            "with --ghost there is nothing else to allow", param_hint="--scope"
        )
    if ghost:
        return [Scope.GHOST]
    for name in names:
        if name not in _CHOICES:
            known = ", ".join(_CHOICES)
            raise typer.BadParameter(f"{name!r} is none of: {known}", param_hint="--scope")
    return [_CHOICES[name] for name in names] or list(_USUAL)


def _shown(one: Token) -> dict[str, Any]:
    return {
        "hint": one.hint,
        "name": one.name,
        "scopes": sorted(one.scopes),
        "created": one.created_at,
        "expires": one.expires_at,
        "last_used": one.last_used_at,
        "revoked": one.revoked_at,
    }


def _in_words(held: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{one['hint']}… {one['name']} ({'revoked' if one['revoked'] else ', '.join(one['scopes'])})"
        for one in held
    )
