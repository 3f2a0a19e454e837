"""``colporteur editions preview`` and ``explain``: one reader's message, and why they get it."""

import email.policy
import json
from dataclasses import asdict
from email import message_from_bytes
from pathlib import Path
from typing import Annotated, Any

import typer

from colporteur.audience.addresses import parse_address
from colporteur.audience.readers import reader_of
from colporteur.cli.arranging import At, Channel
from colporteur.cli.forecasting import as_json as forecast_as_json
from colporteur.cli.forecasting import expected, in_words
from colporteur.cli.house import console, foreseeing, looking, runtime, show
from colporteur.cli.moments import utc
from colporteur.cli.publication import user
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.message import Message, compose
from colporteur.delivery.previewing import Preview
from colporteur.delivery.previewing import preview as preview_of
from colporteur.editions.explaining.reasons import NOT_FOR, SKIPPED, Outcome
from colporteur.editions.explaining.regular import Delivered, Explanation
from colporteur.editions.explaining.special import explain
from colporteur.editions.naming import edition_named
from colporteur.editions.store import load
from colporteur.exceptions import ColporteurError

_SHOWN = ("From", "To", "Subject", "Date", "Message-ID")
_STATUS = {
    "pending": "It waits to be sent, due {due}.",
    "inflight": "It is being sent.",
    "sent": "It was sent at {ended}.",
    "deferred": "It was put off: it is tried again at {next}.",
    "failed": "It failed at {ended}.",
}


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(preview)
    app.command("explain")(explain_edition)


def preview(
    channel: Channel,
    cadence: Annotated[str, typer.Option(help="The cadence.")],
    reader: Annotated[str, typer.Option("--for", help="The reader's address.")],
    at: At = None,
    eml: Annotated[Path | None, typer.Option(help="Write the message to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write its HTML to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the very message that one reader would get as things stand. Nothing changes.

    Editions of the cadence before it are foreseen too: what they would bring is not in it.

    Example: [bold]colporteur editions preview actualites --cadence matin --for leila@example.org[/]
    """
    run = runtime()
    seen = preview_of(run.engine, run.settings, run.templates, channel, cadence, at, reader)
    with foreseeing(run) as inside:
        home = inside.publication.channel(channel)
        known = (inside.connection, inside.revision, inside.names)
        meant = edition_named(*known, home, cadence, at, by=user(), now=inside.now)
        ahead = expected(run, inside, meant)
    if seen.message is not None:
        _write(eml, compose(seen.message, signer_of(run.settings)))
        _write(html, seen.message.html.encode())
    if as_json:
        told_all = {**_told_preview(seen), "expected": forecast_as_json(ahead)}
        typer.echo(json.dumps(told_all, ensure_ascii=False, default=str, indent=2))
        return
    if seen.message is None:
        _say("They would get nothing.")
        _print(seen.explanation)
        return
    for name, value in _headers(seen.message):
        _say(f"{name}: {value}")
    _say("")
    _say(seen.message.text)
    if seen.held_back:
        _say("The publication is in rehearsal: it does not reach them until it goes live.")
    if ahead is not None:
        _say(f"The whole edition goes to {ahead.readers} at most.")
        for line in in_words(ahead, inside.publication.timezone):
            _say(line)


def explain_edition(
    edition: Annotated[int, typer.Argument(metavar="EDITION", help="The edition's number.")],
    reader: Annotated[str, typer.Argument(help="The reader's address.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain why a reader did or did not get an edition, and each article of the channel.

    Example: [bold]colporteur editions explain 12 leila@example.org[/]
    """
    with looking(runtime()) as inside:
        found = explain(
            inside.connection,
            load(inside.connection, edition),
            reader_of(inside.connection, parse_address(reader)),
            inside.now,
        )
    if as_json:
        typer.echo(json.dumps(told(found), ensure_ascii=False, default=str, indent=2))
        return
    _print(found)


def told(found: Explanation) -> dict[str, Any]:
    """An explanation as JSON tells it."""
    delivery = found.delivery
    return {
        "edition": found.edition.id,
        "state": found.edition.state,
        "outcome": found.outcome,
        "why": sentence(found),
        "agrees": found.agrees,
        "choice": asdict(found.choice) if found.choice else None,
        "delivery": asdict(delivery) if delivery else None,
        "articles": [{**asdict(one), "why": one.words} for one in found.articles],
    }


def sentence(found: Explanation) -> str:
    """Why somebody did or did not get an edition, in a sentence or two."""
    if found.delivery is not None:
        said = _of_delivery(found.delivery)
        welcomed = found.outcome is Outcome.WELCOMED
        return f"{NOT_FOR[found.outcome]} {said}" if welcomed else said
    why = NOT_FOR[found.outcome]
    edition = found.edition
    if edition.reason and edition.frozen_at is None:
        return f"{why} It is {edition.state}: {edition.reason}."
    return why


def _of_delivery(one: Delivered) -> str:
    if one.status == "skipped":
        return f"It was not sent: {SKIPPED.get(one.reason or '', one.reason or 'no reason')}."
    said = _STATUS[one.status].format(
        due=utc(one.due_at), ended=utc(one.ended_at), next=utc(one.next_attempt_at)
    )
    answer = " ".join(str(part) for part in (one.smtp_code, one.reply) if part)
    doubles = one.possible_duplicates
    said += f" The relay said: {answer}." if answer else ""
    return said + (f" Perhaps it came {doubles + 1} times." if doubles else "")


def _print(found: Explanation) -> None:
    _say(sentence(found))
    rows = [{"article": one.slug, "why": one.words} for one in found.articles]
    if rows:
        show(rows, as_json=False, empty="")
    if not found.agrees:
        _say("What is on record does not explain all of it: please report this.")


def _told_preview(seen: Preview) -> dict[str, Any]:
    message = seen.message
    return {
        **told(seen.explanation),
        "due_at": seen.due_at,
        "held_back": seen.held_back,
        "headers": dict(_headers(message)) if message else None,
        "subject": message.subject if message else None,
        "text": message.text if message else None,
        "html": message.html if message else None,
    }


def _headers(message: Message) -> list[tuple[str, str]]:
    parsed = message_from_bytes(compose(message), policy=email.policy.default)
    return [
        (name, str(value))
        for name, value in parsed.items()
        if name in _SHOWN or name.startswith("List-")
    ]


def _write(path: Path | None, data: bytes) -> None:
    if path is None:
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ColporteurError(
            f"{path} cannot be written: {error.strerror}.", cure="Choose another file."
        ) from None


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
