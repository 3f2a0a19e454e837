"""What a turn of a worker on a batch knows: its lease, its clock, and how it goes."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from colporteur.config import Settings
from colporteur.config.relay import Relay
from colporteur.delivery.classifier import Verdict
from colporteur.delivery.composing import Post
from colporteur.delivery.ledger import Due, Lease
from colporteur.delivery.limits import Allowance, Limits
from colporteur.delivery.packing import Packing
from colporteur.delivery.transports import Result
from colporteur.exceptions import ServiceUnavailable, TemplateBroken
from colporteur.publication import Publication

GROUP = 25
"""Messages that a worker may have in flight: what may double when it is killed (issue 6)."""
SMALL_GROUP = 1
"""The same on SQLite, where a commit costs little."""
LOOKS_EVERY_S = 0.5
"""How often a turn asks the database whether it may go on."""
PATIENCE = (Verdict.RATE, Verdict.POLICY)
"""What servers say that want less of us, or nothing for a while."""
_NOTHING = Allowance(0)


class Clock:
    """The database's clock, asked once a turn: a query saved in each transaction."""

    def __init__(self, now: datetime) -> None:
        self._began, self._at = now, time.monotonic()

    def now(self) -> datetime:
        """The moment, as the database has it."""
        return self._began + timedelta(seconds=time.monotonic() - self._at)


@dataclass
class Turn:
    """One worker on one batch."""

    connection: Connection  # for one transaction after the other
    settings: Settings
    packing: Packing
    limits: Limits
    held: Lease
    clock: Clock
    publication: Publication
    post: Post | None  # of its edition; none of letters
    relays: Sequence[Relay]  # among which a batch may choose
    stopping: Callable[[], bool]
    group: int = GROUP  # at most so many in flight
    relay: str = ""  # that it goes to, by name; none for an outbox
    not_before: datetime | None = None
    stopped: bool = False  # nothing more of this batch may leave now
    used_up: bool = False  # nor be marked: limits allow no more for a while
    sent_away: bool = False  # the relay serves nobody now (421)
    ready_at: float = 0.0  # when limits allow more, on the process's clock
    waiting: deque[int] = field(default_factory=deque)  # what was not marked yet
    known: dict[int, Due | None] = field(default_factory=dict)  # what was true of it
    known_until: float = 0.0  # on the process's clock
    again: set[int] = field(default_factory=set)  # what could not be marked once
    looked_at: float = field(default_factory=time.monotonic)
    refused: int = 0  # messages in a row
    taken: bool = False  # one at least
    left: bool = False  # and that is noted
    served: bool = False  # and that its domain group's servers take mail
    sent: int = 0

    def rest(self, until: datetime) -> None:
        """Have the batch wait, as long as whatever in it waits longest."""
        self.not_before = max(until, self.not_before or until)


@dataclass
class Group:
    """Deliveries that were marked in flight together, and what came of offering them."""

    marked: Sequence[Due] = ()
    allowed: Allowance = _NOTHING
    results: list[Result] = field(default_factory=list)
    unfit: list[int] = field(default_factory=list)  # could not be composed
    unaddressed: list[int] = field(default_factory=list)  # and nobody can write to these
    skipped: int = 0  # were not marked, since they may not leave any more
    broken: TemplateBroken | None = None
    trouble: ServiceUnavailable | None = None  # of the relay
    outage: Exception | None = None  # of the database, in the middle of it

    @property
    def failed(self) -> bool:
        """Whether nothing more can be sent now."""
        return any(one is not None for one in (self.broken, self.trouble, self.outage))
