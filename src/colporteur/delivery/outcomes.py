"""What becomes of a delivery after the relay's answer. Pure."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.delivery.classifier import Verdict, classify
from colporteur.delivery.transports.reply import Reply

RETRIES = (
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=1),
    timedelta(days=1),
)
"""How long after each attempt the next one is, in the middle of its spread."""
SOON = timedelta(seconds=30)
"""How long after a connection was lost its message is tried again, the first time."""
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 section 4.5.4.1: at least 4 to 5 days
_FIRST_SPREAD = 0.5  # of the first wait, either way: 5 to 15 minutes, for greylisting
_SPREAD = 0.25  # of the others


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
    """A delivery's new status; ``next_attempt_at`` for a deferred one.

    ``verdict`` says what a refusal is held against.
    """

    status: Status
    next_attempt_at: datetime | None = None
    verdict: Verdict | None = None


def decide(
    reply: Reply,
    attempts: int,
    now: datetime,
    *,
    jitter: float = 0.5,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> Outcome:
    """2xx is sent, 4xx and "too much at a time" wait, any other 5xx has failed.

    ``attempts`` so far, this one included; ``jitter`` from 0 to 1 spreads those that were
    deferred together. What would wait past ``give_up_after``, counted by the schedule from
    the first attempt, has failed.
    """
    if reply.taken:
        return Outcome(Status.SENT)
    verdict = classify(reply.code, reply.enhanced, reply.text)
    if reply.code // 100 != 4 and verdict is not Verdict.RATE:  # noqa: PLR2004 - RFC 5321
        return Outcome(Status.FAILED, None, verdict)
    if attempts > len(RETRIES) or sum(RETRIES[:attempts], timedelta()) > give_up_after:
        return Outcome(Status.FAILED, None, verdict)
    return Outcome(Status.DEFERRED, now + wait(attempts, jitter), verdict)


def after_loss(
    attempts: int,
    now: datetime,
    *,
    jitter: float = 0.5,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> Outcome:
    """What becomes of a message at which the connection was lost: once it is tried again soon.

    A relay may have been restarted; one that does this each time is asked ever less often.
    """
    if attempts <= 1:
        return Outcome(Status.DEFERRED, now + SOON)
    if attempts > len(RETRIES) or sum(RETRIES[: attempts - 1], timedelta()) > give_up_after:
        return Outcome(Status.FAILED)
    return Outcome(Status.DEFERRED, now + wait(attempts - 1, jitter))


def wait(attempts: int, jitter: float) -> timedelta:
    """How long after so many attempts the next one is; those past the schedule wait as its last."""
    usual = RETRIES[min(max(attempts, 1), len(RETRIES)) - 1]
    spread = _FIRST_SPREAD if attempts <= 1 else _SPREAD
    return usual * (1 + spread * (2 * jitter - 1))
