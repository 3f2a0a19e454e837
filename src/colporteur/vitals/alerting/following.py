"""When something that is wrong is told, from one look a minute to the next. Pure."""

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from colporteur.vitals.problems import Severity

PATIENCE = timedelta(seconds=100)
"""What is gone at the third look was a start, or a moment: nobody is told."""
CALM = timedelta(minutes=10)
"""What was not seen for so long has ended; before, it may be coming and going."""
REMINDED_AFTER = timedelta(days=1)


class Event(enum.StrEnum):
    """What is told of a problem."""

    BEGAN = "began"
    WORSE = "worse"  # it was a warning, and is critical now
    LASTS = "lasts"
    ENDED = "ended"
    TEST = "test"  # somebody tries whether they are told


@dataclass(frozen=True)
class Known:
    """What is known of a problem that has not ended.

    ``told`` is the severity that was told last, at ``told_at``; None before anything was.
    """

    began_at: datetime
    seen_at: datetime
    told: Severity | None = None
    told_at: datetime | None = None


@dataclass(frozen=True)
class Course:
    """How it goes on: what is ``known`` from now on (None: nothing any more), what is told."""

    known: Known | None
    event: Event | None = None


def seen(known: Known | None, severity: Severity, now: datetime) -> Course:
    """A look that finds the problem."""
    if known is None or (known.told is None and now - known.seen_at >= CALM):
        return Course(Known(now, now))  # nobody looked meanwhile: it is as new
    known = replace(known, seen_at=now)
    event = _to_tell(known, severity, now)
    return Course(replace(known, told=severity, told_at=now) if event else known, event)


def missed(known: Known, now: datetime) -> Course:
    """A look that does not find it any more."""
    if known.told is None:
        return Course(None)
    return Course(None, Event.ENDED) if now - known.seen_at >= CALM else Course(known)


def _to_tell(known: Known, severity: Severity, now: datetime) -> Event | None:
    if known.told is None or known.told_at is None:
        return Event.BEGAN if now - known.began_at >= PATIENCE else None
    if known.told is Severity.WARNING and severity is Severity.CRITICAL:
        return Event.WORSE
    return Event.LASTS if now - known.told_at >= REMINDED_AFTER else None
