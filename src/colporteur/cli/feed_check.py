"""``colporteur feeds check``: stored feeds, a file or an address against the lint's rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from colporteur.cli.house import console, looking, runtime, show
from colporteur.clock import utcnow
from colporteur.config import load_settings
from colporteur.exceptions import ColporteurError
from colporteur.fetch import Answer, Fetcher
from colporteur.syndication.checking import kept_back, lint_stored
from colporteur.syndication.lint import Fault, kind_of, lint_document
from colporteur.syndication.lint.reading import AT_MOST
from colporteur.syndication.lint.serving import (
    NEVER_GIVEN,
    OK,
    Served,
    lint_answer,
    lint_changed,
    lint_unchanged,
    validators,
)

Where = Annotated[
    str | None, typer.Argument(help="A file, or an http(s) address; every stored feed by default.")
]


@dataclass(frozen=True)
class _Checked:
    """A document that was looked at, and what was found."""

    where: str
    faults: list[Fault]


def check(
    where: Where = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Lint feeds: ours as stored, a file, or any address with how it is served.

    Exit 1 if a rule is broken; warnings alone are no failure.

    Example: [bold]colporteur feeds check https://example.org/feed.atom[/]
    """
    checked = list(_stored() if where is None else _given(where))
    if as_json:
        show([row for one in checked for row in _rows(one)], as_json=True, empty="")
    else:
        _report(checked)
    if any(not found.warning for one in checked for found in one.faults):
        raise typer.Exit(1)


def _stored() -> Iterator[_Checked]:
    """The documents that readers get, then those that were kept from them."""
    with looking(runtime()) as inside:
        for path, faults in lint_stored(inside.connection, inside.site, inside.now):
            yield _Checked(path, faults)
        for one in kept_back(inside.connection):
            since = f"{one.path} (not published since {one.at:%Y-%m-%d %H:%M} UTC)"
            yield _Checked(since, list(one.faults))


def _given(where: str) -> Iterator[_Checked]:
    if where.startswith(("http://", "https://")):
        yield _Checked(where, list(_fetched(where)))
    else:
        yield _Checked(where, lint_document(_file(Path(where)), now=utcnow()))


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(AT_MOST + 1)  # the lint says that one more is too many
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "it is no path"
        raise ColporteurError(
            f"{path} cannot be read: {said}.", cure="Give a file, or an http(s) address."
        ) from None


def _fetched(url: str) -> Iterator[Fault]:
    """The document at an address, how it is served, and how it answers to validators."""
    fetcher = Fetcher(loopback=load_settings().fetch_loopback)
    answer = fetcher.get(url, limit_bytes=AT_MOST)
    first = _served(answer)
    yield from lint_answer(first, kind_of(answer.body), url)
    if first.status != OK:
        return
    yield from lint_document(answer.body, feed_url=first.url, now=utcnow())
    if known := validators(first):
        again = fetcher.get(first.url, known, limit_bytes=AT_MOST)
        yield from lint_unchanged(first, _served(again))
    other = fetcher.get(first.url, {"If-None-Match": NEVER_GIVEN}, limit_bytes=AT_MOST)
    yield from lint_changed(_served(other))


def _served(answer: Answer) -> Served:
    return Served(answer.status, answer.headers, answer.url)


def _rows(checked: _Checked) -> list[dict[str, Any]]:
    return [
        {
            "where": checked.where,
            "rule": found.rule,
            "warning": found.warning,
            "entry": found.entry,
            "problem": found.problem,
            "cure": found.cure,
        }
        for found in checked.faults
    ]


def _report(checked: list[_Checked]) -> None:
    for one in checked:
        if one.faults:
            console.print(f"[bold]{escape(one.where)}[/]", highlight=False, soft_wrap=True)
        for found in one.faults:
            mark = "[yellow]![/]" if found.warning else "[bold red]✗[/]"
            console.print(f"  {mark} {escape(_line(found))}", highlight=False, soft_wrap=True)
    warnings = sum(found.warning for one in checked for found in one.faults)
    faults = sum(len(one.faults) for one in checked) - warnings
    told = (len(checked), "document"), (faults, "fault"), (warnings, "warning")
    console.print(f"{', '.join(_count(*one) for one in told)}.", highlight=False)


def _line(found: Fault) -> str:
    entry = f"{found.entry}: " if found.entry else ""
    return f"{found.rule}: {entry}{found.problem} {found.cure}".rstrip()


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
