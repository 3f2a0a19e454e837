"""``colporteur articles``: import and list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track
from rich.table import Table

from colporteur.articles import store
from colporteur.articles.formats import SUFFIXES, read_file
from colporteur.articles.intake import Outcome, take_in
from colporteur.articles.submission import Submission
from colporteur.cli.house import console, house, runtime, show
from colporteur.clock import utcnow
from colporteur.db import database_now, writing
from colporteur.exceptions import ArticleRefused, UnknownName
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.syndication.documents import build_stale
from colporteur.tasks import Runtime

_QUICK = 20  # files; fewer are done before a bar would show

app = typer.Typer(help="Articles: take them in, list them.")


@dataclass(frozen=True)
class Result:
    """What became of one article of a file, or of the whole file."""

    path: Path
    outcome: str
    title: str
    why: str = ""


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders (.txt .md .html .json).")],
    channel: Annotated[str | None, typer.Option(help="The channel they go to.")] = None,
    typo: Annotated[
        bool, typer.Option("--typo", help="Changes are corrections: readers are not told again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take articles in: each is added, updated, unchanged or refused. One bad file stops none.

    Example: [bold]colporteur articles import articles/ --channel news[/]
    """
    run = runtime()
    with house(run) as inside:
        if channel:
            channel = inside.publication.channel(channel).slug
    found = list(_files(paths))
    results = [
        result
        for path in track(
            found, "Taking in", console=console, disable=len(found) < _QUICK, transient=True
        )
        for result in import_file(run, path, channel, significant=not typo)
    ]
    build_feeds(run)
    if as_json:
        show([_row(result) for result in results], as_json=True, empty="")
    else:
        _report(results)
    if any(result.outcome == "refused" for result in results):
        raise typer.Exit(1)


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    limit: Annotated[int | None, typer.Option(help="At most so many, the newest.")] = None,
) -> None:
    """List the articles, the newest first.

    Example: [bold]colporteur articles list --json | jq length[/]
    """
    run = runtime()
    with house(run) as inside:
        articles = store.listing(inside.connection, limit)
        shown_in = store.channel_ids(inside.connection, [article.id for article in articles])
        slugs = {inside.names.channels[one.slug]: one.slug for one in inside.publication.channels}
        topics = store.topic_slugs(inside.connection)
    rows = [
        {
            "id": article.id,
            "number": article.number,
            "state": article.state,
            "language": article.language,
            "channels": [slugs.get(one, "") for one in shown_in.get(article.id, [])],
            "title": article.title,
            "teaser": article.teaser,
            "topics": [topics.get(one, "") for one in article.topics],
            "published": article.published_at,
            "version": article.version,
            "feed_id": article.feed_id,
            "slug": article.slug,
        }
        for article in articles
    ]
    if not as_json:
        rows = [
            {key: row[key] for key in ("id", "state", "language", "title", "published")}
            for row in rows
        ]
    show(rows, as_json=as_json, empty="No article has been taken in yet.")


def import_file(
    run: Runtime, path: Path, channel: str | None = None, *, significant: bool = True
) -> list[Result]:
    """Take in the articles of a file: all of them or, if the file cannot be read, none."""
    try:
        submissions = read_file(path, utcnow())
    except ArticleRefused as refusal:
        return [Result(path, "refused", "", f"{refusal.message} {refusal.cure}")]
    return [_import_one(run, path, one, channel, significant=significant) for one in submissions]


def build_feeds(run: Runtime) -> list[str]:
    """Build what the command changed at once, for whoever looks next."""
    with writing(run.engine) as connection:
        revision = require(connection)
        names = ids(connection, revision.publication)
        site = run.settings.site(revision.publication.base_url)
        return build_stale(connection, revision, names, site, database_now(connection))


def _import_one(
    run: Runtime, path: Path, submission: Submission, channel: str | None, *, significant: bool
) -> Result:
    if channel:
        submission = replace(submission, channels=(channel,))
    try:
        with house(run) as inside:
            taken = take_in(
                inside.connection,
                submission,
                inside.publication,
                inside.names,
                inside.now,
                significant=significant,
            )
    except ArticleRefused as refusal:
        title = submission.title[:80]
        return Result(path, "refused", title, f"{refusal.message} {refusal.cure}")
    return Result(path, taken.outcome, taken.title)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES)
        elif path.exists():
            yield path
        else:
            raise UnknownName(f"There is no file {path}.", cure="Check the path.")


def _row(result: Result) -> dict[str, str]:
    return {
        "file": str(result.path),
        "outcome": result.outcome,
        "title": result.title,
        "why": result.why,
    }


def _report(results: list[Result]) -> None:
    refused = [result for result in results if result.outcome == "refused"]
    for result in refused:
        console.print(
            f"[red]refused[/] {result.path}: {result.why}", highlight=False, soft_wrap=True
        )
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in (*Outcome, "refused"):
        table.add_column(name, justify="right")
    table.add_row(
        *(str(sum(result.outcome == name for result in results)) for name in (*Outcome, "refused"))
    )
    console.print(table)
