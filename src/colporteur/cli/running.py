"""``colporteur up``, ``web``, ``worker`` and ``migrate``: the processes."""

import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from celery import Celery
from rich.markup import escape

from colporteur import tasks
from colporteur.articles.sources import store as source_rows
from colporteur.cli.dkim import warn_of_signing
from colporteur.cli.embedded import engine_running, sole_engine
from colporteur.cli.feedback import hearing
from colporteur.cli.first_start import first_start, follow_site, welcome
from colporteur.cli.house import console, log_as_set, prepare_database
from colporteur.cli.serving import listening, serve
from colporteur.config import Settings, load_settings
from colporteur.db import writing
from colporteur.db.migrate import migrate as migrate_database
from colporteur.delivery import ledger, preflighting
from colporteur.exceptions import ConfigurationError
from colporteur.vitals.keeping import Keeping

_log = logging.getLogger(__name__)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(up)
    app.command()(web)
    app.command()(worker)
    app.command()(migrate)


def up(
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="On a first start, take in the sample's articles and readers."
        ),
    ] = False,
) -> None:
    """Run everything in this one process: web, worker and beat. Ctrl-C stops it cleanly.

    Settings are environment variables or lines of .env: COLPORTEUR_PORT, COLPORTEUR_FEEDS,
    COLPORTEUR_MAIL_URL, COLPORTEUR_BASE_URL, COLPORTEUR_DATA_DIR and others (docs/settings.md).

    Example: [bold]COLPORTEUR_FEEDS=my-paper COLPORTEUR_PORT=8080 colporteur up[/]
    """
    settings = load_settings()
    if not settings.embedded:
        raise ConfigurationError(
            "With a broker of its own, web and worker are processes of their own.",
            cure="Start `colporteur web`, `colporteur worker` and `colporteur worker --beat`.",
        )
    _log_to_a_person(settings)
    here = f"http://localhost:{settings.port}"
    with sole_engine(settings, here), listening(settings) as listener:
        celery_app = tasks.configure(settings)
        run = tasks.runtime()
        migrate_database(run.engine)
        if run.engine.dialect.name == "sqlite":  # the lock says that no other worker is on it
            with writing(run.engine) as connection:
                ledger.release_all(connection)
                preflighting.release_all(connection)
                source_rows.release_all(connection)
        follow_site(run)
        with _polite_signals():
            begun = first_start(run, with_sample=sample)
            warn_of_signing(run)
            kept = Keeping(run.engine, "up")
            with hearing(run), kept.going_on(), engine_running(celery_app):
                welcome(run, begun)
                serve(run, listener)
    console.print("Stopped; nothing was left half-done.")


def web() -> None:
    """Serve the site, the feeds and the API; workers run elsewhere.

    Example: [bold]COLPORTEUR_BROKER_URL=redis://localhost/0 colporteur web[/]
    """
    settings = load_settings()
    log_as_set(settings)
    with listening(settings) as listener:
        tasks.configure(settings)
        run = tasks.runtime()
        prepare_database(settings, run.engine)
        follow_site(run)
        with _polite_signals(), Keeping(run.engine, "web").going_on():
            _log.info("The web listens on %s, port %d.", settings.host, settings.port)
            serve(run, listener)


def worker(
    beat: Annotated[bool, typer.Option("--beat", help="Be the clock that rings, instead.")] = False,
    concurrency: Annotated[
        int | None, typer.Option(help="Processes; one a core by default.", min=1)
    ] = None,
    queues: Annotated[
        str | None,
        typer.Option(help=f"Hear only these, comma-separated: {', '.join(tasks.QUEUES)}."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="What it is called; each worker of a machine has a name of its own."),
    ] = None,
) -> None:
    """Be a worker, as `celery -A worker worker` is; or, with --beat, the clock.

    The hub and polled sources wait for servers elsewhere, in the queue "feeds": give it a worker
    of its own, and the other four another, so that neither calendar nor mail waits for them.

    Example: [bold]colporteur worker --name feeds --concurrency 4 --queues feeds[/]
    """
    heard = ["--queues", _known(queues)] if queues and not beat else []
    called = ["--hostname", f"{_plain(name)}@%h"] if name and not beat else []
    settings = load_settings()
    app = celery_app(settings)
    tasks.require_broker()
    how_many = ["--concurrency", str(concurrency)] if concurrency and not beat else []
    level = ["--loglevel", settings.log_level]
    banner = ["--quiet"] if settings.log_format == "json" else []  # Celery's is no line of JSON
    app.start([*banner, "beat" if beat else "worker", *level, *how_many, *heard, *called])


def _plain(name: str) -> str:
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise typer.BadParameter("letters, digits, - and _ make a name", param_hint="--name")
    return name


def _known(queues: str) -> str:
    unknown = sorted(set(queues.split(",")) - set(tasks.QUEUES))
    if unknown:
        raise typer.BadParameter(f"there is no queue {unknown[0]!r}", param_hint="--queues")
    return queues


def celery_app(settings: Settings) -> Celery:
    """The Celery app of a process of its own, on a database of this release.

    Raises:
        ConfigurationError: there is no broker that other processes could hear.
        ServiceUnavailable: the database is away, or not migrated.
    """
    if settings.embedded:
        raise ConfigurationError(
            "A worker of its own needs a broker.",
            cure="Set COLPORTEUR_BROKER_URL, such as redis://localhost:6379/0, or run `colporteur up`.",
        )
    log_as_set(settings)
    app = tasks.configure(settings)
    prepare_database(settings, tasks.runtime().engine)
    if settings.has_site:  # else only a web server knows where it stands
        follow_site(tasks.runtime())
    warn_of_signing(tasks.runtime())
    return app


def migrate() -> None:
    """Bring the database to this release's tables; the previous release may go on meanwhile.

    Tables that others hold are waited for, half a minute in all and a second at a time.

    Example: [bold]COLPORTEUR_DATABASE_URL=postgresql://localhost/colporteur colporteur migrate[/]
    """
    settings = load_settings()
    log_as_set(settings)
    tasks.configure(settings)
    changed = migrate_database(tasks.runtime().engine, lambda said: console.print(escape(said)))
    console.print("The database is migrated." if changed else "The database was up to date.")


def _log_to_a_person(settings: Settings) -> None:
    """On a terminal, somebody reads what ``up`` says: they are told of trouble, unless they ask."""
    calm = sys.stderr.isatty() and "log_level" not in settings.model_fields_set
    log_as_set(settings, "warning" if calm else "")


@contextlib.contextmanager
def _polite_signals() -> Iterator[None]:
    """SIGTERM ends the process as Ctrl-C does: by leaving its blocks in order."""

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
