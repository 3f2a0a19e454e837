"""Whether what comes back is heard."""

from collections.abc import Iterator
from dataclasses import dataclass

from colporteur.doctor.finding import Finding, warning, well, wrong


@dataclass(frozen=True)
class Ears:
    """The ways that are set. ``trouble`` is what keeps the mailbox or our server from hearing."""

    bounce_domain: str
    ways: tuple[str, ...]
    troubles: tuple[str, ...] = ()


def judge_ears(ears: Ears) -> Iterator[Finding]:
    """The findings about ways in for bounces and complaints."""
    check = "feedback.ways"
    if not ears.ways and ears.bounce_domain:
        yield wrong(
            check,
            f"Bounces go to {ears.bounce_domain}, and nobody reads them there.",
            "Set COLPORTEUR_FEEDBACK_LISTEN, COLPORTEUR_FEEDBACK_MAILBOX or a mail service's hook.",
        )
    elif not ears.ways:
        yield warning(
            check,
            "Nobody hears bounces and complaints: dead addresses are written to for ever.",
            "docs/bounces.md has the ways; set COLPORTEUR_BOUNCE_DOMAIN and one of them.",
        )
    for said in ears.troubles:
        yield wrong(
            check, said, "Start `colporteur feedback serve`, or correct COLPORTEUR_FEEDBACK_…"
        )
    if ears.ways and not ears.troubles:
        yield well(check, f"Bounces and complaints are heard: {', '.join(ears.ways)}.")
