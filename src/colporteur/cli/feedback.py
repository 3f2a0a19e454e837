"""``colporteur feedback``: hear what comes back."""

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from colporteur.cli.house import console, log_as_set, runtime, show
from colporteur.config import Settings, load_settings
from colporteur.db import database_now, reading
from colporteur.exceptions import ConfigurationError
from colporteur.feedback.ears import Ears
from colporteur.feedback.fetching import AT_MOST, fetch
from colporteur.feedback.summing import summed
from colporteur.feedback.taking import Fetched
from colporteur.tasks import Runtime
from colporteur.vitals.keeping import Keeping, counts_kept

app = typer.Typer(help="What comes back: bounces and complaints.", no_args_is_help=True)


@app.command()
def serve() -> None:
    """Take bounces by LMTP or SMTP, where COLPORTEUR_FEEDBACK_LISTEN says. SIGTERM ends it softly.

    Recipients are those of COLPORTEUR_BOUNCE_DOMAIN alone. `colporteur up` does the same beside
    the rest when it is set.

    Example: [bold]COLPORTEUR_FEEDBACK_LISTEN=lmtp://0.0.0.0:2424 colporteur feedback serve[/]
    """
    settings = load_settings()
    if settings.listening is None:
        raise ConfigurationError(
            "COLPORTEUR_FEEDBACK_LISTEN is not set.", cure="Example: lmtp://0.0.0.0:2424"
        )
    _require_domain(settings)
    log_as_set(settings)
    run = runtime()
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    with hearing(run), Keeping(run.engine, "bounces").going_on():
        console.print(f"Hearing what comes back at {run.settings.feedback_listen}", highlight=False)
        done.wait()
    console.print("Stopped; nothing was left half-done.")


@app.command(name="fetch")
def fetch_now(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hear what lies unseen in COLPORTEUR_FEEDBACK_MAILBOX, now; workers do it each minute.

    Example: [bold]COLPORTEUR_FEEDBACK_MAILBOX=maildir:/var/mail/bounces colporteur feedback fetch[/]
    """
    mailbox = load_settings().mailbox
    if mailbox is None:
        raise ConfigurationError(
            "COLPORTEUR_FEEDBACK_MAILBOX is not set.",
            cure="Example: imaps://bounces:secret@mail.example.org/INBOX",
        )
    run, total = runtime(), Fetched()
    while True:
        with counts_kept(run.engine):
            found = fetch(run.engine, Ears.of(run.settings), mailbox)
        total.heard += found.heard
        total.dropped += found.dropped
        total.again += found.again
        total.failed += found.failed
        if found.heard + found.dropped + found.again < AT_MOST:
            break
    if as_json:
        print(json.dumps(asdict(total)))  # noqa: T201 - it is what was asked for
        return
    failed = f" {total.failed} could not be read or marked." if total.failed else ""
    console.print(
        f"{total.heard} heard, {total.dropped} dropped, {total.again} heard before.{failed}",
        highlight=False,
    )


@app.command()
def summary(
    days: Annotated[int, typer.Option(help="How many, to now.", min=1, max=400)] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how much came back in the last days, by which way, and what became of it.

    Example: [bold]colporteur feedback summary --days 30[/]
    """
    run = runtime()
    with reading(run.engine) as connection:
        rows = summed(connection, database_now(connection), days)
    show(
        [
            {"way": one.source, "what": one.what, "became": one.became, "count": one.count}
            for one in rows
        ],
        as_json=as_json,
        empty="Nothing came back.",
    )


@contextlib.contextmanager
def hearing(run: Runtime) -> Iterator[None]:
    """Take what comes back while something else goes on, if there is anywhere to listen.

    Raises:
        ConfigurationError: there is no domain that it could come back to.
        EngineBusy: the port cannot be had.
    """
    where = run.settings.listening
    if where is None:
        yield
        return
    _require_domain(run.settings)
    from colporteur.feedback.ways.listening import (  # noqa: PLC0415 - it takes 0.2 s
        Listener,
    )

    listener = Listener(run.engine, Ears.of(run.settings), where)
    listener.start()
    try:
        yield
    finally:
        listener.stop()


def _require_domain(settings: Settings) -> None:
    if not settings.bounce_domain:
        raise ConfigurationError(
            "COLPORTEUR_FEEDBACK_LISTEN is set, but COLPORTEUR_BOUNCE_DOMAIN is not.",
            cure="Set the domain whose mail arrives there, such as bounces.example.org.",
        )
