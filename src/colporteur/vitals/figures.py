"""The figures by which one sees how an installation does, at one moment. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

TAKEN, LATER, REFUSED = "sent", "deferred", "failed"
"""What a relay's answer makes of a delivery: the names of ``delivery.outcomes.Status``."""


class Work(enum.StrEnum):
    """What waits for workers."""

    BATCHES = "batches"  # of editions
    LETTERS = "letters"
    FEEDS = "feeds"  # channels whose documents are to be built anew
    HUB = "hub"  # what its subscribers are to be sent or asked
    WEBHOOKS = "webhooks"  # messages to programs elsewhere
    SOURCES = "sources"  # to be polled


@dataclass(frozen=True)
class LateEdition:
    """An edition that is frozen and due, and has not left whole.

    ``channel`` is its slug, ``cadence`` and ``slot`` are None of a special. ``late_s`` counts from
    its due time, or from when it was last let go; ``waiting`` are its due messages that are not
    with a relay; ``begun`` says whether any left.
    """

    id: int
    channel: str
    cadence: str | None
    slot: datetime | None
    late_s: float
    waiting: int
    begun: bool


@dataclass(frozen=True)
class UnfrozenEdition:
    """An edition whose freeze is past and did not happen, ``late_s`` ago."""

    id: int
    channel: str
    cadence: str | None
    slot: datetime | None
    late_s: float


@dataclass(frozen=True)
class FailingSource:
    """A source that cannot be polled; ``state`` is ``gone`` where it said that it has ended (410)."""

    id: int
    channel: str
    url: str
    state: str
    failures: int
    failing_since: datetime | None
    problem: str


@dataclass(frozen=True)
class Process:
    """A process that said lately that it lives.

    ``kind`` is web, worker (one for all the processes of its pool), bounces (the server that takes
    them) or up (all in one).
    """

    name: str
    kind: str
    release: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Held:
    """That all sending is suspended: by whom, since when and why."""

    by: str
    since: datetime
    why: str


@dataclass(frozen=True)
class Vitals:
    """An installation's figures at ``now``, the database's clock. Times are aware, in UTC.

    ``beat_seen`` is the last tick that beat rang for and a worker did, to ten seconds; None before
    the first. ``oldest_due_s`` is how long the oldest of what could be done now has waited, 0 where
    nothing does; what is held, paused, resting or leased does not wait. ``waiting`` are their
    numbers: batches, letters, channels, subscribers, messages, sources. ``outcomes`` are relays'
    answers of the last hour by group of domains and ``sent``, ``deferred`` or ``failed``;
    ``attempts_day`` those of the last day by outcome alone. ``bounced`` are the messages that came
    back for good, and ``complained`` the complaints, heard of in the last day.
    """

    now: datetime
    revision: int
    beat_seen: datetime | None
    processes: tuple[Process, ...]
    oldest_due_s: Mapping[Work, float]
    waiting: Mapping[Work, int]
    late_editions: tuple[LateEdition, ...]
    unfrozen_late: tuple[UnfrozenEdition, ...]
    paused_editions: tuple[int, ...]
    outcomes: Mapping[tuple[str, str], int]
    attempts_day: Mapping[str, int]
    bounced: int
    complained: int
    sources_polled: int
    sources_failing: tuple[FailingSource, ...]
    hub_subscribers: int
    hub_failing: int
    webhooks_on: int
    webhooks_off: int
    held: Held | None
    rehearsal: bool
    refusals: int

    @property
    def workers_seen(self) -> int:
        """How many workers live; the one process of ``colporteur up`` is one."""
        return sum(one.kind in {"worker", "up"} for one in self.processes)

    @property
    def sent(self) -> int:
        """Messages that a relay took in the last day."""
        return self.attempts_day.get(TAKEN, 0)

    @property
    def error_rate(self) -> float | None:
        """The share of the last hour's answers that were refusals for good; None without any.

        Deferrals are none: greylisting defers most first attempts (RFC 6647).
        """
        taken, refused = self._of_the_hour(TAKEN), self._of_the_hour(REFUSED)
        return refused / (taken + refused) if taken + refused else None

    @property
    def deferred_rate(self) -> float | None:
        """The share of the last hour's answers that asked to come again; None without any."""
        answered = sum(self.outcomes.values())
        return self._of_the_hour(LATER) / answered if answered else None

    def _of_the_hour(self, outcome: str) -> int:
        return sum(count for (_, found), count in self.outcomes.items() if found == outcome)
