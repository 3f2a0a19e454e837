"""``colporteur retention``: forget what was kept long enough, or see what that is."""

import json
from typing import Annotated

import typer
from rich.progress import Progress

from colporteur.cli.house import console, looking, runtime
from colporteur.delivery.pruning import count_old, prune

_WORDS = {
    "ips": "IP addresses in records of consent",
    "raw_bounces": "messages that came back, as they came",
    "letters": "words of service mails",
    "deliveries": "deliveries",
    "letter_rows": "service mails themselves, long after their words",
    "batches": "counts of batches, added to those of their edition",
    "bounces": "bounces and complaints",
    "dropped": "days of counts of mail that was no bounce of ours",
    "refusals": "articles that were not taken in",
    "polls": "days of counts of polls",
    "sessions": "sessions of the newsroom that are over",
    "links": "links to choose a password that ended",
    "webhook_messages": "messages to webhooks",
    "api_answers": "answers of the API, kept for who asks again",
}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(retention)


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be forgotten.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forget what was kept longer than the publication's rules say; workers do so each night.

    Example: [bold]colporteur retention --dry-run[/]
    """
    run = runtime()
    with looking(run) as inside:
        publication, now = inside.publication, inside.now
        wanted = dict(count_old(inside.connection, publication, now))
    if not dry_run:
        done = dict.fromkeys(wanted, 0)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Forgetting", total=sum(wanted.values()))
            for what, rows in prune(run.engine, publication, now):
                done[what] += rows
                progress.advance(bar, rows)
        wanted = done
    if as_json:
        typer.echo(json.dumps(wanted))
        return
    said = "would be forgotten" if dry_run else "forgotten"
    for what, rows in wanted.items():
        console.print(f"{rows:>9}  {_WORDS[what]} {said}", highlight=False)
