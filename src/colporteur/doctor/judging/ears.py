"""Whether what comes back is heard."""

from collections.abc import Iterator
from dataclasses import dataclass

from colporteur.doctor.finding import Finding, unknown, warning, well, wrong


@dataclass(frozen=True)
class Ears:
    """The ways that are set.

    ``troubles`` are what keeps the mailbox from being heard; ``silent_at`` is where nobody listens
    on this machine, '' where somebody does. ``alone``: one process with these settings is all there
    is; ``here``: and it runs.
    """

    bounce_domain: str
    ways: tuple[str, ...]
    troubles: tuple[str, ...] = ()
    silent_at: str = ""
    alone: bool = True
    here: bool = False


def judge_ears(ears: Ears) -> Iterator[Finding]:
    """The findings about ways in for bounces and complaints."""
    check = "feedback.ways"
    if not ears.ways and ears.bounce_domain:
        say = wrong if ears.alone else unknown
        yield say(
            check,
            f"Bounces go to {ears.bounce_domain}, and by these settings nobody reads them there"
            f"{'' if ears.alone else '; those of another process may say more'}.",
            "Set COLPORTEUR_FEEDBACK_LISTEN, COLPORTEUR_FEEDBACK_MAILBOX or a mail service's hook.",
        )
    elif not ears.ways:
        yield warning(
            check,
            "Nobody hears bounces and complaints: dead addresses are written to for ever.",
            "docs/bounces.md has the ways; set COLPORTEUR_BOUNCE_DOMAIN and one of them.",
        )
    for said in ears.troubles:
        yield wrong(check, said, "Correct COLPORTEUR_FEEDBACK_MAILBOX.")
    if ears.silent_at:
        say = wrong if ears.here else unknown
        yield say(
            check,
            f"Nobody listens at {ears.silent_at} of this machine, where bounces are handed over"
            f"{'' if ears.here else '; another may be meant'}.",
            "See that `colporteur feedback serve` runs, and what its log says.",
        )
    elif ears.ways and not ears.troubles:
        yield well(check, f"Bounces and complaints are heard: {', '.join(ears.ways)}.")
