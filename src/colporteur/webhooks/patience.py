"""How long a message is tried again, and how long a program may fail. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one try and the next, as Standard Webhooks advises: three days in all."""
REST_AT_MOST = timedelta(minutes=5)
"""A program that fails is tried this often at least, with whatever is due."""
ENDED_AFTER = timedelta(days=3)
"""Who took nothing for so long is told nothing any more."""
GONE = 410
_ASKED_AT_MOST = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """What a program answered: 0 where it did not, and what was wrong; empty if it took it."""

    status: int
    problem: str
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class Course:
    """How sending goes on.

    When the message is tried again (None: no more), until when the program rests, and why it is
    told nothing any more: empty while it is.
    """

    next_at: datetime | None
    rests_until: datetime | None
    ended: str = ""


def course(
    answer: Answer, attempts: int, failures: int, failing_since: datetime, now: datetime
) -> Course:
    """What follows a failure: ``attempts`` of the message so far, ``failures`` in a row."""
    if answer.status == GONE:
        return Course(None, None, "It answered 410: it is gone for good.")
    if now - failing_since >= ENDED_AFTER:
        days = (now - failing_since).days
        return Course(None, None, f"It took nothing for {days} days. {answer.problem}"[:300])
    asked = min(answer.retry_after or timedelta(0), _ASKED_AT_MOST)
    left = attempts <= len(RETRY_AFTER)
    next_at = now + max(asked, RETRY_AFTER[attempts - 1]) if left else None
    usual = RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1]
    return Course(next_at, now + max(asked, min(usual, REST_AT_MOST)))
