"""``colporteur subscribers form|waiting``: a form for other sites; letters that wait for room."""

from typing import Annotated

import typer

from colporteur.audience.addresses import mask
from colporteur.audience.forgetting import forget_record, unasked
from colporteur.cli.house import console, house, looking, runtime, show
from colporteur.delivery.welcoming.asking import named, offered
from colporteur.exceptions import UnknownName


def add_to(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command()(form)
    app.command()(waiting)


def form(
    channel: Annotated[
        list[str] | None, typer.Option(help="A channel; may be repeated. All by default.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language of the form.")] = "",
) -> None:
    """Print a form to sign up, in plain HTML, to paste into a page of another site.

    Example: [bold]colporteur subscribers form --channel actualites > form.html[/]
    """
    from colporteur.web.signing_up.form import snippet  # noqa: PLC0415 - loading the web takes long

    run = runtime()
    with looking(run) as inside:
        publication, site = inside.publication, inside.site
    channels = list(named(publication, channel)) if channel else offered(publication)
    tag = language or (channels[0].language if channels else publication.languages[0])
    if tag not in publication.languages:
        known = ", ".join(publication.languages)
        raise UnknownName(f"There is no language {tag!r}.", cure=f"The languages are: {known}.")
    typer.echo(snippet(run, publication, tag, channels, site), nl=False)


def waiting(
    *,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget them, with who asked, and write to nobody.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show who signed up and whose letter waits for room: the limits of [subscribing] hold it back.

    Example: [bold]colporteur subscribers waiting --forget[/]
    """
    run = runtime()
    with house(run) as inside:
        found = unasked(inside.connection)
        for one in found if forget else ():
            forget_record(inside.connection, one.consent_id, inside.now)
    rows = [
        {"asked": f"{one.at:%Y-%m-%d %H:%M}", "address": mask(one.address), "form": one.form_url}
        for one in found
    ]
    show(rows, as_json=as_json, empty="Nobody waits.")
    if forget and rows and not as_json:
        console.print(f"Forgotten: {len(rows)}.", highlight=False)
