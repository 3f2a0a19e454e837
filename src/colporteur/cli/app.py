"""Puts the commands together; an error becomes a sentence, its cure, and an exit code."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, NoReturn

import typer
from celery import Celery
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DBAPIError

from colporteur import __version__
from colporteur.cli import (
    articles,
    barring,
    braking,
    dkim,
    doctor,
    editions,
    erasing,
    exporting,
    feedback,
    feeds,
    importing,
    keeping,
    keys,
    moving,
    polling,
    publication,
    reader,
    replaying,
    restoring,
    retention,
    running,
    signups,
    starting,
    stats,
    subscribers,
    users,
    vitals,
    webhooks,
)
from colporteur.clock import use_shipped_zones
from colporteur.config import load_settings
from colporteur.exceptions import ColporteurError, ServiceUnavailable

app = typer.Typer(
    help="A publication's new articles become feeds and e-mail digests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
app.add_typer(publication.app, name="publication")
app.add_typer(articles.app, name="articles")
app.add_typer(feeds.app, name="feeds")
app.add_typer(editions.app, name="editions")
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(feedback.app, name="feedback")
app.add_typer(users.app, name="users")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(dkim.app, name="dkim")
app.add_typer(keys.app, name="keys")
polling.add_to(articles.app)
replaying.add_to(feedback.app)
reader.add_to(subscribers.app)
signups.add_to(subscribers.app)
erasing.add_to(subscribers.app)
barring.add_to(subscribers.app)
importing.add_to(subscribers.app)
exporting.add_to(subscribers.app)
keeping.add_to(app)
restoring.add_to(app)
moving.add_to(app)
retention.add_to(app)
stats.add_to(app)
vitals.add_to(app)
doctor.add_to(app)
braking.add_to(app)
starting.add_to(app)
running.add_to(app)


def main() -> None:
    """The entry point ``colporteur``: exit 0, 1 (refused) or 2 (wrong use)."""
    use_shipped_zones()
    with refusals():
        _commands()()


@cache
def _commands() -> Callable[[], object]:
    """The tree of commands, grown once: that reads the signatures of them all."""
    return typer.main.get_command(app)


def worker_app() -> Celery:
    """What ``celery -A worker`` runs; a bad start is told as every command tells it."""
    with refusals():
        return running.celery_app(load_settings())


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Say what was refused in a sentence with its cure, and leave with its exit code."""
    try:
        yield
    except ColporteurError as error:
        _refuse(error)
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0]
        cure = "What was not committed is undone. Check the disk, permissions and the server."
        _refuse(ServiceUnavailable(f"The database refused: {said}.", cure=cure))


def _refuse(error: ColporteurError) -> NoReturn:
    console = Console(stderr=True, soft_wrap=True)
    console.print(f"[bold red]✗[/] {escape(error.message)}", highlight=False)
    if error.cure:
        console.print(f"  {escape(error.cure)}", highlight=False)
    sys.exit(error.exit_code)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"colporteur {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001 - its callback has answered before
        bool,
        typer.Option(
            "--version", help="Say which version this is.", is_eager=True, callback=_say_version
        ),
    ] = False,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
