"""``colporteur vitals``: what is wrong, the figures that say so, and how people are told."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from gettext import NullTranslations
from typing import Annotated, Any

import typer
from rich.markup import escape

from colporteur.cli.house import House, console, house, looking, runtime, show
from colporteur.delivery.alerts import those_told
from colporteur.exceptions import ColporteurError
from colporteur.tasks import Runtime
from colporteur.tasks.alerting import wrong
from colporteur.vitals.alerting import heartbeat, keeping
from colporteur.vitals.alerting.asking import Answer, ask, named
from colporteur.vitals.alerting.bodies import Speaker
from colporteur.vitals.alerting.following import Event
from colporteur.vitals.alerting.keeping import Notice
from colporteur.vitals.alerting.letters import write_letters
from colporteur.vitals.alerting.telling import last_answer
from colporteur.vitals.alerting.words import said
from colporteur.vitals.problems import Kind, Problem, Severity
from colporteur.vitals.reading import read_vitals

_TEST = Problem(
    Kind.TEST,
    Severity.WARNING,
    "This is a test: nothing is wrong.",
    "Whoever reads this is told when something is.",
)
_TAG = "en"
_MEND = "Set alerts_to in publication.toml, COLPORTEUR_ALERT_WEBHOOK, COLPORTEUR_HEARTBEAT_URL."


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(vitals)


def vitals(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Send a test each way that people are told by.")
    ] = False,
) -> None:
    """Show how the installation does: what is wrong, and the figures that say so.

    Exit code 1 while something critical is wrong.

    Example: [bold]colporteur vitals --json | jq .problems[/]
    """
    run = runtime()
    if test:
        _test(run)
        return
    with looking(run) as inside:
        problems = wrong(run, inside.connection, inside.now)
        told = _told(run, inside, problems)
    if as_json:
        print(json.dumps(told, ensure_ascii=False, default=str, indent=2))  # noqa: T201
    else:
        _say(told)
    if any(one.critical for one in problems):
        raise typer.Exit(1)


def _told(run: Runtime, inside: House, problems: tuple[Problem, ...]) -> dict[str, Any]:
    """All of it, as JSON has it."""
    known = {one.problem.key: one for one in keeping.standing(inside.connection)}
    figures = asdict(read_vitals(inside.connection, run.settings, inside.now))
    figures["outcomes"] = [
        {"group": group, "outcome": outcome, "count": count}
        for (group, outcome), count in figures["outcomes"].items()
    ]
    return {
        "problems": [_row(one, known.get(one.key)) for one in problems],
        "ways": _ways(run, inside),
        "figures": figures,
    }


def _row(one: Problem, known: keeping.Standing | None) -> dict[str, Any]:
    words = said(one, NullTranslations(), _TAG)
    return {
        "kind": one.kind,
        "severity": one.severity,
        "problem": words.text,
        "cure": words.cure,
        "values": one.values,
        "key": one.key,
        "began_at": known.began_at if known else None,
        "told_at": known.told_at if known else None,
    }


def _ways(run: Runtime, inside: House) -> dict[str, Any]:
    """How people are told, and what came of it last; addresses by their host, for their secrets."""
    settings = run.settings
    beat, answer = heartbeat.last_beat(inside.connection), last_answer(inside.connection)
    return {
        "letters": list(those_told(inside.connection, inside.publication)),
        "webhook": named(settings.alert_webhook),
        "webhook answered": answer[1] if answer else None,
        "heartbeat": named(settings.heartbeat_url),
        "heartbeat answered": beat.answer if beat else None,
        "heartbeat at": beat.at if beat else None,
        "looked at": keeping.looked_at(inside.connection),
    }


def _say(told: dict[str, Any]) -> None:
    for one in told["problems"]:
        mark = "[red]✗[/]" if one["severity"] == Severity.CRITICAL else "[yellow]![/]"
        console.print(f"{mark} {escape(one['problem'])}", highlight=False)
        console.print(f"  {escape(one['cure'])}", highlight=False)
    if not told["problems"]:
        console.print("[green]✓[/] All is well, as far as can be seen from here.", highlight=False)
    figures = told["figures"]
    rows = [
        {"work": work, "waiting": count, "oldest (s)": round(figures["oldest_due_s"][work])}
        for work, count in figures["waiting"].items()
    ]
    show(rows, as_json=False, empty="")
    _lines(
        {
            "beat seen": figures["beat_seen"],
            "answers of relays in a day": [
                f"{count} {outcome}" for outcome, count in figures["attempts_day"].items()
            ],
            "bounced in a day": figures["bounced"],
            "complained in a day": figures["complained"],
        }
    )
    console.print("[bold]Who is told[/]")
    _lines(told["ways"])


def _lines(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, datetime):
            shown = f"{value:%Y-%m-%d %H:%M:%S} UTC"
        elif isinstance(value, list):
            shown = ", ".join(value)
        else:
            shown = "" if value is None else str(value)
        console.print(f"{name}: {escape(shown or '–')}", highlight=False)


def _test(run: Runtime) -> None:
    """Tell people, each way, that this is a test; whoever does not answer makes it fail."""
    with house(run) as inside:
        notice = Notice(0, Event.TEST, _TEST, inside.now, inside.now)
        letters = write_letters(
            inside.connection, inside.publication, run.templates, [notice], inside.now
        )
        speaker = Speaker(inside.publication, run.templates, inside.site)
    console.print(f"Letters: {letters} written; they leave like all mail, if workers run.")
    settings = run.settings
    answers: dict[str, Answer] = {}
    if settings.alert_webhook:
        body = json.dumps(speaker.body(notice), ensure_ascii=False).encode()
        answers["Webhook"] = ask(settings.alert_webhook, body)
    if settings.heartbeat_url:
        answers["Heartbeat"] = ask(settings.heartbeat_url)
    for name, answer in answers.items():
        console.print(f"{name}: {answer.said}", markup=False, highlight=False)
    if not letters or not all(one.taken for one in answers.values()):
        raise ColporteurError("Not everybody was told.", cure=_MEND)
