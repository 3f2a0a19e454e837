"""Counts what became of a group, once it is recorded."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from colporteur.counting import DELIVERIES, EDITION_LATENESS
from colporteur.delivery.ledger import Came, First
from colporteur.delivery.sending.turn import Group, Turn

SKIPPED, LOST, PUT_OFF = "skipped", "lost", "put_off"


@dataclass
class Tally:
    """How many deliveries came to what, and the edition that began to leave with them, if one."""

    outcomes: Counter[str] = field(default_factory=Counter)
    first: First | None = None
    came: Sequence[Came] = ()


def count(turn: Turn, tally: Tally, marked: Group) -> None:
    """Count a group that was recorded, and what was skipped as the next one was marked."""
    tally.outcomes[SKIPPED] += marked.skipped
    for outcome, number in tally.outcomes.items():
        if number:
            DELIVERIES.labels(turn.held.domain_group, turn.relay, outcome).inc(number)
    if tally.first is not None:
        EDITION_LATENESS.labels(tally.first.kind).observe(tally.first.late_s)
