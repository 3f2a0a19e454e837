"""Dates as feeds must write them: RFC 822 with four digits (RSS), RFC 3339 (Atom, JSON)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from colporteur.syndication.lint.fault import Fault, fault, quoted

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC_822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}), )?([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))? (?:GMT|([+-])([0-9]{2})([0-9]{2}))"
)
_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_EARLIEST_YEAR = 1990
_CLOCKS_DIFFER_BY = timedelta(minutes=5)


def rfc822(text: str) -> datetime | None:
    """The moment that a date of RSS names, or None if it is none (RFC 822, RFC 1123 5.2.14)."""
    found = _RFC_822.fullmatch(text.strip())
    if found is None:
        return None
    _, day, month, year, hour, minute, second, *zone = found.groups()
    number = str(_MONTHS.index(month) + 1)
    return _moment([year, number, day, hour, minute, second or "0"], "", zone)


def rfc3339(text: str) -> datetime | None:
    """The moment that a date of Atom or JSON Feed names, or None (RFC 3339, RFC 4287 3.3)."""
    found = _RFC_3339.fullmatch(text.strip())
    if found is None:
        return None
    *parts, fraction, sign, hours, minutes = found.groups()
    return _moment(parts, fraction or "", [sign, hours, minutes])


def lint_rfc822(text: str, name: str, now: datetime | None) -> Iterator[Fault]:
    """A date of RSS, with the weekday that the day was."""
    moment = rfc822(text)
    yield from _lint(text, moment, name, now)
    said = text.strip()[:3]
    if moment is not None and said in _DAYS and _DAYS[moment.weekday()] != said:
        right = _DAYS[moment.weekday()]
        yield fault("date-weekday", f"{name} says {said}, but {moment:%Y-%m-%d} was a {right}.")


def lint_rfc3339(text: str, name: str, now: datetime | None) -> Iterator[Fault]:
    """A date of Atom or JSON Feed."""
    yield from _lint(text, rfc3339(text), name, now)


def lint_sequence(published: datetime | None, updated: datetime | None) -> Iterator[Fault]:
    """Nothing is changed before it is published."""
    if published and updated and updated < published:
        told = f"Updated {updated.isoformat()} is before published {published.isoformat()}."
        yield fault("updated-before-published", told)


def _lint(text: str, moment: datetime | None, name: str, now: datetime | None) -> Iterator[Fault]:
    if moment is None:
        yield fault("date-invalid", f"{name} is {quoted(text)}.")
    elif moment.year < _EARLIEST_YEAR:
        yield fault("date-old", f"{name} is in {moment.year}.")
    elif now is not None and moment > now + _CLOCKS_DIFFER_BY:
        yield fault("date-future", f"{name} is {moment.isoformat()}, which is still to come.")


def _moment(parts: list[str], fraction: str, zone: list[str | None]) -> datetime | None:
    sign, hours, minutes = zone
    away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    year, month, day, hour, minute, second = map(int, parts)
    leap = second == 60  # noqa: PLR2004 - RFC 3339 section 5.7
    try:
        moment = datetime(
            year,
            month,
            day,
            hour,
            minute,
            second - leap,
            int(fraction[:6].ljust(6, "0")),
            timezone(-away if sign == "-" else away),
        )
        moment.astimezone(UTC)  # the year 1 of a zone ahead is none in UTC
    except (ValueError, OverflowError):
        return None
    return moment
