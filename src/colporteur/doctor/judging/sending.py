"""What keeps mail from leaving though all is well: brakes, a rehearsal, editions that pause."""

from collections.abc import Iterator
from gettext import NullTranslations

from colporteur.config.alerting import AlertLimits
from colporteur.doctor.finding import Finding, listed, note, warning, well, wrong
from colporteur.publication import Publication
from colporteur.vitals.alerting.words import said
from colporteur.vitals.figures import Vitals
from colporteur.vitals.judging import judge
from colporteur.vitals.problems import Kind
from colporteur.vitals.surroundings import Surroundings

_FORGOTTEN_DAYS = 1
_SAID_HERE = frozenset({Kind.BEAT, Kind.SUSPENDED, Kind.DISK, Kind.CERTIFICATE, Kind.WEBHOOK})
"""What other parts of the report look at more closely."""


def judge_brakes(vitals: Vitals) -> Iterator[Finding]:
    """What holds mail back."""
    if vitals.held is not None:
        days = (vitals.now - vitals.held.since).days
        say = warning if days >= _FORGOTTEN_DAYS else note
        yield say(
            "sending.held",
            f"All sending is suspended since {vitals.held.since:%Y-%m-%d %H:%M} UTC by "
            f"{vitals.held.by}: {vitals.held.why}",
            "`colporteur release` says what would leave, and lets it go.",
        )
    if vitals.rehearsal:
        yield note(
            "sending.rehearsal",
            "This is a rehearsal: only the newsroom's people get mail.",
            "`colporteur go-live` says how many readers there are, and ends it.",
        )
    if vitals.held is None and not vitals.rehearsal:
        yield well("sending.held", "Nothing holds mail back.")


def judge_figures(vitals: Vitals, limits: AlertLimits) -> Iterator[Finding]:
    """What its figures say is wrong, as operators are alerted of it."""
    for problem in judge(vitals, Surroundings(), limits):
        if problem.kind in _SAID_HERE:
            continue
        words = said(problem, NullTranslations(), "en")
        say = wrong if problem.critical else warning
        yield say(f"sending.{problem.kind.value.replace('.', '-')}", words.text, words.cure)


def judge_people(publication: Publication, admins: int) -> Iterator[Finding]:
    """Whether anybody is told when something goes wrong."""
    if not publication.alerts_to and not admins:
        yield wrong(
            "sending.alerts",
            "Nobody is told when something goes wrong: alerts_to is empty, and nobody administers.",
            "Name somebody in publication.toml, or add one: colporteur users add.",
        )
    elif not publication.alerts_to:
        yield note(
            "sending.alerts",
            "alerts_to is empty: approvers and admins are told when something goes wrong.",
            "Name somebody in publication.toml.",
        )
    else:
        yield well("sending.alerts", f"{listed(publication.alerts_to)} is told of what goes wrong.")
