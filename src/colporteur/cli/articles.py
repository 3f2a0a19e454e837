"""``colporteur articles``: import and list."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from colporteur.articles import refusals, store, withdrawing
from colporteur.articles.formats import SUFFIXES, read_file
from colporteur.articles.intake import Outcome
from colporteur.articles.submission import Submission
from colporteur.articles.taking import Entry, refuse, settle, take
from colporteur.cli.house import console, house, looking, runtime, show
from colporteur.clock import utcnow
from colporteur.db import reading
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.exceptions import ColporteurError, ServiceUnavailable
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.tasks import Runtime, build_and_announce
from colporteur.vitals.keeping import counts_kept

_QUICK = 20  # files; fewer are done before a bar would show

app = typer.Typer(help="Articles: take them in, list them.")


@dataclass(frozen=True)
class Result:
    """What became of one article of a file, or of the whole file."""

    path: Path
    outcome: str
    title: str
    why: str = ""
    cure: str = ""


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
    refused: Annotated[
        bool, typer.Option("--refused", help="List what was not taken in, and why.")
    ] = False,
) -> None:
    """List the articles, the newest first; or those that wait for somebody to mend them.

    Example: [bold]colporteur articles list --json | jq length[/]
    """
    run = runtime()
    if refused:
        _list_refused(run, limit, as_json=as_json)
        return
    with looking(run) as inside:
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


@app.command()
def withdraw(
    slug: Annotated[str, typer.Argument(help="The article's slug, as in its address.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take a published article back: page, feeds and coming digests.

    Example: [bold]colporteur articles withdraw une-ville-publie-le-registre[/]
    """
    run = runtime()
    if not yes:
        typer.confirm(f"Withdraw {slug}? Those who had it by mail keep it.", abort=True)
    with house(run) as inside:
        done = withdrawing.withdraw(inside.connection, slug, inside.now)
        withdraw_from_frozen(inside.connection, inside.now)
    build_feeds(run)
    console.print("It is withdrawn." if done else "It was withdrawn already.")


def import_file(
    run: Runtime, path: Path, channel: str | None = None, *, significant: bool = True
) -> list[Result]:
    """Take in the articles of a file: all of them or, if the file cannot be read, none."""
    results: list[Result] = []
    submissions: list[Submission] = []
    with _refusing(path, "", results):
        submissions = read_file(path, utcnow())
    for one in submissions:
        with _refusing(path, one.title[:80], results):
            results.append(_import_one(run, path, one, channel, significant=significant))
    _keep_refusals(run, path, results)
    return results


def _list_refused(run: Runtime, limit: int | None, *, as_json: bool) -> None:
    with reading(run.engine) as connection:
        rows = [asdict(one) for one in refusals.listing(connection, limit)]
    show(rows, as_json=as_json, empty="Nothing stands refused.")


def build_feeds(run: Runtime) -> list[str]:
    """Build what the command changed at once, for whoever looks next."""
    with counts_kept(run.engine):
        return build_and_announce(run)


def _import_one(
    run: Runtime, path: Path, submission: Submission, channel: str | None, *, significant: bool
) -> Result:
    if channel:
        submission = replace(submission, channels=(channel,))
    if submission.image and submission.image.url.startswith("/"):
        with reading(run.engine) as connection:
            site = site_in_force(connection, run.settings, require(connection).publication)
        address = urljoin(f"{site}/", submission.image.url)
        submission = replace(submission, image=replace(submission.image, url=address))
    taken = take(run.engine, submission, significant=significant)
    return Result(path, taken.outcome, taken.title)


def _keep_refusals(run: Runtime, path: Path, results: list[Result]) -> None:
    """Write down the first thing that a file was refused for; forget it when all is taken."""
    entry = Entry("file", str(path.absolute()))
    for one in results:
        if one.outcome == "refused":
            refuse(run.engine, entry, one.title, one.why, one.cure)
            return
    settle(run.engine, entry)


@contextmanager
def _refusing(path: Path, title: str, results: list[Result]) -> Iterator[None]:
    """Make a refused row of what goes wrong with one file or article; the others go on."""
    try:
        yield
    except (ServiceUnavailable, DBAPIError):  # no file's fault, and the next would meet it too
        raise
    except ColporteurError as refusal:
        results.append(Result(path, "refused", title, refusal.message, refusal.cure))
    except Exception as error:  # noqa: BLE001 - one file's surprise must not undo the run
        said = f": {error}"[:200] if str(error) else ""
        why = f"Unexpected {type(error).__name__}{said}."
        results.append(Result(path, "refused", title, why, "Please report it, with the file."))


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those of the folders named; reading refuses what is none."""
    for path in paths:
        if _is_folder(path):
            yield from sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES)
        else:
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name of more than 255 characters
        return False


def _row(result: Result) -> dict[str, str]:
    return {
        "file": _printable(str(result.path)),
        "outcome": result.outcome,
        "title": _printable(result.title),
        "why": _printable(f"{result.why} {result.cure}".strip()),
    }


def _printable(text: str) -> str:
    """The text with its lone surrogates, from names of files or JSON, spelled out."""
    return text.encode(errors="backslashreplace").decode()


def _report(results: list[Result]) -> None:
    """What was refused, on standard error; the counts on standard output."""
    complaints = Console(stderr=True, soft_wrap=True, highlight=False)
    for row in map(_row, results):
        if row["outcome"] == "refused":
            title = f" ({row['title']})" if row["title"] else ""
            complaints.print(f"[red]refused[/] {escape(row['file'] + title)}: {escape(row['why'])}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in (*Outcome, "refused"):
        table.add_column(name, justify="right")
    table.add_row(
        *(str(sum(result.outcome == name for result in results)) for name in (*Outcome, "refused"))
    )
    console.print(table)
