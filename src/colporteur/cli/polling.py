"""``colporteur articles poll``: ask sources now, whatever the time of their next poll."""

from typing import Annotated, Any

import typer
from rich.progress import track
from sqlalchemy.exc import DBAPIError

from colporteur.articles.sources import store
from colporteur.articles.sources.fetching import poll as poll_source
from colporteur.articles.sources.taking import Counts
from colporteur.cli.articles import build_feeds
from colporteur.cli.house import House, console, house, runtime, show
from colporteur.exceptions import UnknownName
from colporteur.fetch import Fetcher
from colporteur.tasks import Runtime
from colporteur.vitals.keeping import counts_kept


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(poll)


def poll(
    urls: Annotated[list[str] | None, typer.Argument(help="Sources; all by default.")] = None,
    channel: Annotated[str | None, typer.Option(help="Those of this channel only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask sources for what is new, now, and take it in. Ends with 1 if one of them failed.

    One that said that it is gone for good is asked where it is named.

    Example: [bold]colporteur articles poll --channel news[/]
    """
    run = runtime()
    with house(run) as inside:
        chosen = _chosen(inside, urls or [], channel)
    fetcher = Fetcher(loopback=run.settings.fetch_loopback)
    told = track(chosen, "Asking", console=console, disable=as_json, transient=True)
    with counts_kept(run.engine):
        rows = [_asked(run, fetcher, one) for one in told]
    build_feeds(run)
    show(rows, as_json=as_json, empty="No channel has a source: add [[sources]] to its file.")
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


def _asked(run: Runtime, fetcher: Fetcher, source: store.Polled) -> dict[str, Any]:
    """What came of asking a source; a fault of the database with one stops none of the others."""
    counts = Counts()
    try:
        report = poll_source(run.engine, fetcher, source.id, forced=True)
    except DBAPIError as error:
        problem = f"The database failed ({type(error).__name__})."
    else:
        counts = report.counts if report else counts
        problem = report.problem if report else "It is being polled already."
    return {"url": source.url, **vars(counts), "problem": problem}


def _chosen(inside: House, urls: list[str], channel: str | None) -> list[store.Polled]:
    store.sync(inside.connection, inside.revision, inside.names, inside.now)
    found = store.listing(inside.connection)
    if channel is not None:
        own = inside.names.channels[inside.publication.channel(channel).slug]
        found = [one for one in found if one.channel_id == own]
    unknown = set(urls) - {one.url for one in found}
    if unknown:
        known = ", ".join(one.url for one in found) or "none"
        raise UnknownName(
            f"There is no source {min(unknown)!r}.", cure=f"The sources are: {known}."
        )
    return [one for one in found if one.url in urls or (not urls and one.state != "gone")]
