"""``colporteur subscribers import``: a list of readers is read in, or what that would do is shown."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colporteur.audience.importing import running
from colporteur.audience.importing.columns import require_fields, shown
from colporteur.audience.importing.fates import Fate
from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.opening import ListFile, look_at
from colporteur.audience.importing.refusing import Refused
from colporteur.audience.importing.terms import Offer, Terms
from colporteur.audience.importing.words import Standing, read_moment
from colporteur.audience.importing.writing import Decided
from colporteur.cli.house import console, looking, runtime, show
from colporteur.cli.publication import user
from colporteur.editions.offering import offer
from colporteur.exceptions import ImportRefused

_QUICK = 20_000  # rows; fewer are done before a bar would show
_INTERRUPTED = 130  # as shells call it
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_SAID = {
    Fate.SUBSCRIBED: "are subscribed",
    Fate.PAUSED: "are subscribed, and paused",
    Fate.ASKED: "are asked by mail, and get nothing else until they say yes",
    Fate.CONFIRMED: "waited for their confirmation, and are subscribed by the stated consent",
    Fate.KEPT_AWAY: "had unsubscribed, and are kept so",
    Fate.LEFT: "are unsubscribed here, as they were there",
    Fate.SUPPRESSED: "are put on the do-not-mail list",
    Fate.ALREADY: "are subscribed already: their choices stay",
    Fate.WAITING: "wait to be asked, or were asked already",
    Fate.STAYS_AWAY: "unsubscribed here, and stay so",
    Fate.STAYS_SUPPRESSED: "are on the do-not-mail list, and stay there",
    Fate.REPEATED: "stand in the list more than once",
    Fate.ELSEWHERE: "are of another channel",
    Fate.REFUSED: "are refused",
}


def add_to(app: typer.Typer) -> None:
    """Make the command part of ``colporteur subscribers``."""
    app.command("import")(import_)


def import_(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV or JSON Lines file, or a zip of them.")
    ],
    channel: Annotated[
        str, typer.Option(help="The channel they subscribe to, if the rows do not say.")
    ] = "",
    *,
    consent: Annotated[
        str, typer.Option(help="How they said yes, in a sentence; without it they are asked.")
    ] = "",
    consented_at: Annotated[
        str, typer.Option(help="When they said yes, if no column says: such as 2025-10-03.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="What the file calls a column, such as email=Courriel; several times."),
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="Whose export it is, if that is not seen.")
    ] = None,
    encoding: Annotated[
        str, typer.Option(help="Its encoding, if that is not found: such as cp1252.")
    ] = "",
    delimiter: Annotated[
        str, typer.Option(help="Its delimiter, if that is not found: comma, semicolon, tab, bar.")
    ] = "",
    status: Annotated[
        Standing | None, typer.Option(help="What those rows are that do not say.")
    ] = None,
    cadence: Annotated[str, typer.Option(help="Their cadence, if no column says.")] = "",
    hour: Annotated[str, typer.Option(help="Their hour, such as 19:30.")] = "",
    weekday: Annotated[str, typer.Option(help="Their day of a weekly cadence: mon to sun.")] = "",
    timezone: Annotated[str, typer.Option(help="Their time zone, such as Europe/Paris.")] = "",
    topic: Annotated[
        list[str] | None, typer.Option(help="A topic they want; several times.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A topic they do not want; several times.")
    ] = None,
    layout: Annotated[str, typer.Option(help="How their digests look.")] = "",
    language: Annotated[str, typer.Option(help="The language of our letters to them.")] = "",
    specials: Annotated[
        bool, typer.Option("--specials/--no-specials", help="Whether special editions come too.")
    ] = True,
    refused: Annotated[
        Path | None,
        typer.Option(help="Where refused rows go; FILE.refused.csv or .jsonl if not said."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Do not go on with what was broken off before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read in a list of readers: ours, or an export of listmonk, Mailchimp or Ghost.

    Who unsubscribed, here or there, stays so. Without --consent readers are asked first, some
    each hour. Broken off, the same command goes on where it stopped.

    Example: [bold]colporteur subscribers import list.csv --channel actualites --dry-run[/]
    """
    choices = {
        "cadence": cadence,
        "hour": hour,
        "weekday": weekday,
        "timezone": timezone,
        "topics": ", ".join(topic or ()),
        "without": ", ".join(without or ()),
        "layout": layout,
        "specials": "" if specials else "no",
    }
    terms = Terms(
        columns=_columns(column or ()),
        format=format_,
        encoding=encoding,
        delimiter=_delimiter(delimiter),
        consent=" ".join(consent.split()),
        consented_at=_moment(consented_at, consent),
        standing=status,
        language=language,
        choices={name: said for name, said in choices.items() if said},
        channel=channel,
    )
    _read_in(path, terms, refused, dry_run=dry_run, anew=anew, as_json=as_json)


def _read_in(
    path: Path, terms: Terms, refused: Path | None, *, dry_run: bool, anew: bool, as_json: bool
) -> None:
    file = look_at(path, terms)
    run = runtime()
    with looking(run) as inside:
        found = offer(inside.connection, inside.publication, inside.names, inside.now)
    if not as_json:
        _say_what_it_is(file)
    if dry_run:
        with _bar(file, off=as_json) as tell:
            seen = running.preview(run.engine, file, terms, found, tell)
        _show_preview(file, seen, found, as_json=as_json)
        return
    beside = refused or path.with_name(f"{path.name}.refused.{'jsonl' if file.is_jsonl else 'csv'}")
    try:
        with _bar(file, off=as_json) as tell:
            report = running.run(
                run.engine, file, terms, found, by=user(), refused=beside, anew=anew, tell=tell
            )
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on where this one stopped.")
        raise typer.Exit(_INTERRUPTED) from None
    _show_report(file, report, as_json=as_json)


def _columns(said: Sequence[str]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in said)
    require_fields(found)
    return found


def _delimiter(said: str) -> str:
    found = _DELIMITERS.get(said, said)
    if found and found not in _DELIMITERS.values():
        raise ImportRefused(
            f"{said!r} is no delimiter.", cure=f"Say one of: {', '.join(_DELIMITERS)}."
        )
    return found


def _moment(said: str, consent: str) -> Any:
    if not said:
        return None
    if not consent.strip():
        raise ImportRefused(
            "There is a moment of consent, and nothing says what they said yes to.",
            cure='Say it as well: --consent "Paper form at the 2025 meeting".',
        )
    try:
        return read_moment(said)
    except ValueError as error:
        raise ImportRefused(f"{error}.", cure="Correct --consented-at.") from None


@contextmanager
def _bar(file: ListFile, *, off: bool) -> Iterator[running.Tell]:
    """A bar that moves with the rows, where somebody sees it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    quiet = off or file.lines < _QUICK or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("Reading in", total=file.lines)
        yield lambda rows: bar.update(task, completed=rows)


def _say_what_it_is(file: ListFile) -> None:
    for part in file.parts:
        name = shown(part.name)
        console.print(f"{name}: {part.taken_for()}.", highlight=False, markup=False)
        taken = ", ".join(
            f"{field} = {name}" if field != name else field
            for field, name in part.columns.taken.items()
        )
        console.print(f"  Columns: {shown(taken, 2000)}.", highlight=False, markup=False)
        if part.columns.left_out:
            left = shown(", ".join(part.columns.left_out))
            console.print(f"  Left out: {left}.", highlight=False, markup=False)


def _show_preview(file: ListFile, seen: running.Preview, found: Offer, *, as_json: bool) -> None:
    slugs = {one.id: one.channel.slug for one in found.channels.values()}
    rows = [_row(one, slugs) for one in seen.first]
    if as_json:
        refused = [_refusal(one) for one in seen.refused]
        _print_json(file, seen.counts, {"first": rows, "refused_rows": refused, "rows": seen.rows})
        return
    console.print("\nThe first rows:")
    show(rows, as_json=False, empty="There are none.")
    if seen.refused:
        console.print("\nRefused, for instance:")
        show([_refusal(one) for one in seen.refused], as_json=False, empty="")
    _say_counts(seen.rows, seen.counts)
    console.print("Nothing was changed.")


def _show_report(file: ListFile, report: running.Report, *, as_json: bool) -> None:
    if as_json:
        beside = str(report.refused) if report.refused else None
        more = {"rows": report.rows, "resumed_at": report.resumed_at, "refused_file": beside}
        _print_json(file, report.counts, more)
        return
    if report.resumed_at:
        console.print(f"Went on after {report.resumed_at:,} rows.", highlight=False)
    _say_counts(report.rows, report.counts)
    if report.refused:
        console.print(
            f"Refused rows, each with the reason: {report.refused}", highlight=False, markup=False
        )


def _print_json(file: ListFile, counts: Counter[str], more: dict[str, Any]) -> None:
    parts = [
        {
            "name": shown(one.name),
            "taken_for": one.taken_for(),
            "columns": {field: shown(name) for field, name in one.columns.taken.items()},
        }
        for one in file.parts
    ]
    said = {"files": parts, "counts": dict(counts), **more}
    print(json.dumps(said, ensure_ascii=False, default=str, indent=2))  # noqa: T201


def _say_counts(rows: int, counts: Counter[str]) -> None:
    console.print(f"\n{rows:,} rows:", highlight=False)
    for fate, said in _SAID.items():
        if counts[fate.value]:
            console.print(f"  {counts[fate.value]:>9,} {said}", highlight=False)


def _refusal(one: Refused) -> dict[str, Any]:
    row = shown(", ".join(one.cells))
    return {"line": shown(one.place), "row": row, "reason": shown(one.reason)}


def _row(one: Decided, slugs: dict[int, str]) -> dict[str, Any]:
    """A row as it would be."""
    row = one.row
    minute = row.choice.minute
    return {
        "address": row.address.text,
        "name": row.name,
        "channel": slugs[row.channel_id],
        "language": row.language,
        "cadence": row.choice.cadence,
        "hour": None if minute is None else f"{minute // 60:02}:{minute % 60:02}",
        "becomes": one.fate.value,
    }
