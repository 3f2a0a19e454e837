"""What becomes of a delivery after the relay's answer. Pure."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.delivery.transports.reply import Reply

RETRIES = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=2),
)


class Status(enum.StrEnum):
    """Where a delivery stands (docs/rules.md, 3)."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """A delivery's new status; ``next_attempt_at`` for a deferred one."""

    status: Status
    next_attempt_at: datetime | None = None


def decide(reply: Reply, attempts: int, now: datetime) -> Outcome:
    """2xx is sent, 4xx waits (``attempts`` so far, this one included), 5xx has failed."""
    if reply.code // 100 == 2:  # noqa: PLR2004 - RFC 5321 section 4.2.1
        return Outcome(Status.SENT)
    if reply.code // 100 == 4 and attempts <= len(RETRIES):  # noqa: PLR2004 - the same
        return Outcome(Status.DEFERRED, now + RETRIES[attempts - 1])
    return Outcome(Status.FAILED)
