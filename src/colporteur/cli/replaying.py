"""``colporteur feedback replay``: what messages that came back say, and what they would do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.engine import make_url

from colporteur.audience.addresses import mask, mask_in
from colporteur.cli.boxes import messages_in
from colporteur.cli.house import runtime
from colporteur.config import Settings, load_settings
from colporteur.db import database_now, undoing
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import Came, hear_message
from colporteur.feedback.reading import Failure, Report, read_report
from colporteur.tasks import Runtime

_SOURCE = "replay"
_SHOWN_AT_MOST = 110


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(replay)


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(help="Messages: files, mbox files, Maildirs, folders; - for stdin."),
    ],
    show_addresses: Annotated[
        bool, typer.Option("--show-addresses", help="Show addresses whole, not masked.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
) -> None:
    """Show what messages that came back say, and what each would do to the reader. Nothing changes.

    For each: what it is, whom it did not reach, the verdict and the rule that gave it. Where there
    is a database, each is also acted on as if it came in now, and that is undone.

    Example: [bold]colporteur feedback replay bounce.eml /var/mail/bounces[/]
    """
    run = _runtime_if_any(load_settings())
    for path in files:
        for name, message in messages_in(path):
            report = read_report(message)
            told = _told(name, report, show_addresses=show_addresses)
            if run is not None:
                told["effect"] = _effect(run, message, report)
            for line in [json.dumps(told, ensure_ascii=False)] if as_json else _lines(told):
                typer.echo(line)


def _runtime_if_any(settings: Settings) -> Runtime | None:
    """The database, unless it would have to be made for this."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        typer.echo("There is no database here: only what the messages say is shown.", err=True)
        return None
    return runtime()


def _effect(run: Runtime, message: bytes, report: Report) -> str:
    """What it would do now, each on its own."""
    with undoing(run.engine) as connection:
        ears, now = Ears.of(run.settings), database_now(connection)
        done = hear_message(connection, ears, Came(_SOURCE, message), report, now)
    if done is None:
        return "heard before"
    return f"dropped: {done.value}" if isinstance(done, Drop) else done.value


def _told(name: str, report: Report, *, show_addresses: bool) -> dict[str, Any]:
    return {
        "message": name,
        "kind": report.kind.value,
        "failures": [_failure(one, show_addresses=show_addresses) for one in report.failures],
        "original_message_id": report.original_message_id,
        "complaint_type": report.complaint_type,
    }


def _failure(failure: Failure, *, show_addresses: bool) -> dict[str, Any]:
    address = failure.address
    words = " ".join(failure.text.split())
    return {
        "address": mask(address) if address and not show_addresses else address,
        "action": failure.action,
        "code": failure.code or None,
        "status": failure.status,
        "verdict": failure.verdict.value,
        "why": failure.why,
        "text": words if show_addresses else mask_in(words),
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    """One message, for people."""
    kind = told["kind"].replace("_", " ")
    more = f" ({told['complaint_type']})" if told["complaint_type"] else ""
    effect = f" → {told['effect']}" if "effect" in told else ""
    yield f"{told['message']}: {kind}{more}{effect}"
    for one in told["failures"]:
        codes = " ".join(str(code) for code in (one["code"], one["status"]) if code)
        address = one["address"] or "(nobody named)"
        yield f"  {address}  {one['verdict']}: {one['why']}{f' ({codes})' if codes else ''}"
        if one["text"]:
            yield f"    {one['text'][:_SHOWN_AT_MOST]}"
