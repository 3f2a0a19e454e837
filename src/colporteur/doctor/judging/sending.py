"""What keeps mail from leaving though all is well: brakes, a rehearsal, editions that pause."""

from collections.abc import Iterator

from colporteur.doctor.finding import Finding, listed, note, warning, well, wrong
from colporteur.publication import Publication
from colporteur.vitals.figures import Vitals

_FORGOTTEN_DAYS = 1


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
    if vitals.paused_editions:
        numbers = listed(map(str, vitals.paused_editions[:5]))
        yield warning(
            "sending.paused",
            f"{len(vitals.paused_editions)} editions are paused: {numbers}.",
            "`colporteur editions report` says why; `editions resume` sends exactly the rest.",
        )


def judge_lateness(vitals: Vitals) -> Iterator[Finding]:
    """Editions that should have left, or been made, by now."""
    for late in vitals.late_editions[:5]:
        yield warning(
            "sending.late",
            f"Edition {late.id} of {late.channel} is {late.late_s / 60:.0f} minutes late; "
            f"{late.waiting} of its messages wait.",
            f"colporteur editions report {late.id}",
        )
    for one in vitals.unfrozen_late[:5]:
        yield warning(
            "sending.late",
            f"Edition {one.id} of {one.channel} should have been made {one.late_s / 60:.0f} "
            "minutes ago.",
            "See that beat and workers run: the part “engine” of this report.",
        )
    for source in vitals.sources_failing[:5]:
        yield note(
            "sending.sources",
            f"The source {source.url} of {source.channel} cannot be read: {source.problem}",
            "Correct or remove it in the channel's file.",
        )


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


def judge_ears(*, bounce_domain: str, hears: bool) -> Finding:
    """Whether bounces and complaints are heard."""
    check = "feedback.ways"
    if bounce_domain and not hears:
        return wrong(
            check,
            f"Bounces go to {bounce_domain}, and nobody reads them there.",
            "Set COLPORTEUR_FEEDBACK_LISTEN, COLPORTEUR_FEEDBACK_MAILBOX or a mail service's hook.",
        )
    if not hears:
        return warning(
            check,
            "Nobody hears bounces and complaints, so that dead addresses are written to for ever.",
            "docs/bounces.md has the ways; set COLPORTEUR_BOUNCE_DOMAIN and one of them.",
        )
    return well(check, "Bounces and complaints are heard.")
