"""``colporteur dkim``: the key that signs mail, and whether receivers will honour it."""

import json
import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from colporteur.config import Settings
from colporteur.config.dkim import domain as checked_domain
from colporteur.config.dkim import label as checked_selector
from colporteur.db import reading
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.dkim.alignment import doubts
from colporteur.delivery.dkim.keys import NewKey, new_key
from colporteur.exceptions import ColporteurError
from colporteur.publication import Publication
from colporteur.publication.revisions import current
from colporteur.tasks import Runtime

_log = logging.getLogger(__name__)
app = typer.Typer(help="The key that signs mail (DKIM).", no_args_is_help=True)
_UNSIGNED = (
    "Mail is not signed by Colporteur. Gmail, Yahoo and Microsoft refuse unsigned bulk "
    "mail: unless the relay signs it for your domain, make a key with colporteur dkim new."
)


@app.callback()
def _group() -> None:
    """Keep the group a group while it has one command."""


@app.command()
def new(
    domain: Annotated[str, typer.Argument(help="The senders' domain, such as news.example.org.")],
    out: Annotated[Path, typer.Option(help="The file for the private key; a new one.")],
    selector: Annotated[
        str, typer.Option(help="The key's name in DNS; another for each key.")
    ] = "colporteur",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a key to sign mail with; print its DNS record and the settings.

    The file can be read by you alone, and one that exists is never overwritten. Publish the
    record, wait until `dig TXT` shows it, then set the settings and start again.

    Example: [bold]colporteur dkim new news.example.org --selector col1 --out dkim.pem[/]
    """
    try:
        name = checked_domain(domain.encode("idna").decode())
    except ValueError:
        raise typer.BadParameter("is no domain", param_hint="DOMAIN") from None
    try:
        under = checked_selector(selector)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--selector") from None
    made = new_key(name, under)
    _write(out, made.pem)
    settings = {
        "COLPORTEUR_DKIM_DOMAIN": name,
        "COLPORTEUR_DKIM_SELECTOR": under,
        "COLPORTEUR_DKIM_KEY_FILE": str(out.resolve()),
    }
    typer.echo(_in_json(made, settings) if as_json else _in_words(made, settings))


def signing_hints(settings: Settings, publication: Publication) -> list[str]:
    """What is amiss with how this publication's mail is signed."""
    signer = signer_of(settings)
    if signer is not None:
        return doubts(publication, signer)
    return [_UNSIGNED] if settings.outbox is None else []


def warn_of_signing(run: Runtime) -> None:
    """Log what is amiss with how mail is signed; called when a process starts."""
    with reading(run.engine) as connection:
        revision = current(connection)
    for hint in signing_hints(run.settings, revision.publication) if revision else ():
        _log.warning("%s", hint)


def _write(path: Path, pem: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ColporteurError(
            f"{path} exists already, and may be a key in use.", cure="Name a new file."
        ) from None
    except OSError as error:
        raise ColporteurError(
            f"{path} cannot be written: {error.strerror}.", cure="Choose another file."
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(pem)


def _in_json(made: NewKey, settings: dict[str, str]) -> str:
    record = {"name": made.name, "type": "TXT", "value": made.record, "strings": made.strings}
    return json.dumps({"record": record, "settings": settings}, indent=2)


def _in_words(made: NewKey, settings: dict[str, str]) -> str:
    lines = [
        "The key is written. Publish this in DNS:",
        "",
        made.zone_line,
        "",
        "(Where a form asks for name and value: the value is the strings joined, without quotes.)",
        "When `dig TXT` shows it, set these and start again:",
        "",
        *(f"{name}={value}" for name, value in settings.items()),
    ]
    return "\n".join(lines)
