"""``colporteur dkim``: the key that signs mail, and whether receivers will honour it."""

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from colporteur.config import Settings, load_settings
from colporteur.config.dkim import domain as checked_domain
from colporteur.config.dkim import label as checked_selector
from colporteur.db import reading
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.dkim.alignment import doubts
from colporteur.delivery.dkim.keys import SigningKey, key_of, new_key
from colporteur.exceptions import ColporteurError, ConfigurationError
from colporteur.publication import Publication
from colporteur.publication.revisions import current
from colporteur.tasks import Runtime

_log = logging.getLogger(__name__)
app = typer.Typer(help="The key that signs mail (DKIM).", no_args_is_help=True)
_UNSIGNED = (
    "Mail is not signed by Colporteur. Gmail, Yahoo and Microsoft refuse unsigned bulk "
    "mail: unless the relay signs it for your domain, make a key with colporteur dkim new."
)


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
    record, wait until `dig TXT` shows it, then set the settings and start again. The selector
    must not be the one in use: mail that is under way is verified by its record.

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
    _require_free(name, under)
    made = new_key(name, under)
    _write(out, made.pem)
    settings = {
        "COLPORTEUR_DKIM_DOMAIN": name,
        "COLPORTEUR_DKIM_SELECTOR": under,
        "COLPORTEUR_DKIM_KEY_FILE": str(out.resolve()),
    }
    typer.echo(_in_json(made, settings) if as_json else _in_words(made, settings))


@app.command()
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the DNS record of the key that mail is signed with, to compare with what DNS says.

    Example: [bold]colporteur dkim show[/]
    """
    settings = load_settings()
    if not settings.dkim_key:
        raise ColporteurError("Mail is not signed here.", cure="colporteur dkim new makes a key.")
    used = key_of(settings.dkim_key, settings.dkim_domain, settings.dkim_selector)
    typer.echo(json.dumps(_record(used), indent=2) if as_json else used.zone_line)


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


def _require_free(domain: str, selector: str) -> None:
    """Settings that are wrong as yet hold no key that signs."""
    used = Settings()
    with contextlib.suppress(ConfigurationError):
        used = load_settings()
    if (used.dkim_domain, used.dkim_selector) == (domain, selector):
        raise ColporteurError(
            f"Mail is signed with the selector {selector} now.",
            cure="Name another, such as --selector col2: both records stand in DNS for a while "
            '(docs/signing.md, "A new key").',
        )


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


def _in_json(made: SigningKey, settings: dict[str, str]) -> str:
    return json.dumps({"record": _record(made), "settings": settings}, indent=2)


def _record(key: SigningKey) -> dict[str, str | list[str]]:
    return {"name": key.name, "type": "TXT", "value": key.record, "strings": key.strings}


def _in_words(made: SigningKey, settings: dict[str, str]) -> str:
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
