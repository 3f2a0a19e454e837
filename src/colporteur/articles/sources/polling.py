"""Decides when a source is asked again, and what its answer means. Pure.

A source is somebody else's server: a failure doubles the wait, ``Retry-After`` is obeyed
(RFC 9110 section 10.2.3), 410 ends it, and 301 or 308 moves it.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=12)
OBEYED_AT_MOST = timedelta(days=1)
ALERT_AFTER = timedelta(hours=24)
DOUBTED_AFTER = 3  # failures
_DIGITS_AT_MOST = 9


class SourceState(enum.StrEnum):
    """Whether a source is polled."""

    ACTIVE = "active"
    GONE = "gone"  # it said 410
    REMOVED = "removed"  # it stands in no channel's file any more


@dataclass(frozen=True)
class Course:
    """How polling a source goes; what ``after`` makes of it is what the next poll begins with."""

    address: str
    state: SourceState
    next_at: datetime
    failures: int = 0
    failing_since: datetime | None = None
    succeeded_at: datetime | None = None
    alerted_at: datetime | None = None
    problem: str = ""


def succeeded(
    course: Course, every: timedelta, now: datetime, moved_to: str | None, *, soon: bool = False
) -> Course:
    """After an answer that could be read, or a 304; ``moved_to`` is used from now on.

    ``soon`` if something is left to take.
    """
    return Course(
        address=moved_to or course.address,
        state=SourceState.ACTIVE,
        next_at=now + (min(every, FIRST_WAIT) if soon else every),
        succeeded_at=now,
    )


def failed(
    course: Course,
    every: timedelta,
    now: datetime,
    problem: str,
    retry_after: str = "",
    *,
    home: str = "",
) -> Course:
    """After no answer, or one that could not be read.

    A move that leads nowhere for long is doubted: ``home``, the address as it is written, is
    asked again.
    """
    since = course.failing_since or now
    wait = backoff(course.failures + 1, every)
    if now < since + ALERT_AFTER < now + wait:  # whoever is told of it is told in time
        wait = since + ALERT_AFTER - now
    return replace(
        course,
        address=home if home and course.failures + 1 >= DOUBTED_AFTER else course.address,
        next_at=now + max(wait, retry_in(retry_after, now)),
        failures=course.failures + 1,
        failing_since=since,
        problem=problem,
    )


def gone(course: Course, every: timedelta, now: datetime, problem: str, *, home: str) -> Course:
    """After 410: it is not asked again (RFC 9110 section 15.5.11), unless it had only moved."""
    if course.address != home:
        return replace(failed(course, every, now, problem), address=home)
    if course.state is SourceState.GONE:
        return replace(course, problem=problem)
    return replace(
        course,
        state=SourceState.GONE,
        failures=course.failures + 1,
        failing_since=now,  # someone is told of it, whatever they were told before
        problem=problem,
    )


def backoff(failures: int, every: timedelta) -> timedelta:
    """5 minutes, doubled by each failure, up to 12 hours or the source's own rhythm."""
    longest = max(LONGEST_WAIT, every)
    doubled: int = 2 ** min(failures - 1, 20)
    return min(FIRST_WAIT * doubled, longest)


def retry_in(value: str, now: datetime) -> timedelta:
    """What ``Retry-After`` asks for, in seconds or as a date; at most a day, none if unreadable."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        short = len(text) <= _DIGITS_AT_MOST
        wait = timedelta(seconds=int(text)) if short else OBEYED_AT_MOST
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return timedelta(0)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), OBEYED_AT_MOST)


def needs_alert(course: Course, tried_at: datetime | None) -> bool:
    """Whether someone should be told: gone, or still failing after a day, and nobody was told."""
    since, told = course.failing_since, course.alerted_at
    if since is None or (told is not None and told >= since):
        return False
    if course.state is SourceState.GONE:
        return True
    return tried_at is not None and tried_at - since >= ALERT_AFTER


def status_problem(status: int, headers: Mapping[str, str]) -> str:
    """What an answer other than 200 or 304 means, in a sentence."""
    later = f" It asks to wait ({headers['retry-after'][:40]})." if "retry-after" in headers else ""
    return f"The site answers {status} ({_MEANINGS.get(status, _kind(status))}).{later}"


_MEANINGS = {
    401: "it wants a password",
    403: "it forbids us to read that",
    404: "there is nothing at that address",
    410: "it was removed for good",
    429: "it was asked too often",
    503: "it is not in service",
}


def is_passing(status: int) -> bool:
    """Whether what answers so may serve another time, unchanged."""
    return status in _PASSING or status >= 500  # noqa: PLR2004 - RFC 9110 section 15.6


_PASSING = {408, 425, 429}


def _kind(status: int) -> str:
    if status >= 500:  # noqa: PLR2004 - RFC 9110 section 15.6
        return "something is wrong there"
    return "not what was asked for"
