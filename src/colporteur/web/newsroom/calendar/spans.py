"""Months and weeks of the calendar, as addresses name them. Pure."""

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_WEEK = timedelta(weeks=1)
_YEARS_BACK, _YEARS_AHEAD = 20, 2
_MONTHS = 12


@dataclass(frozen=True)
class Span:
    """A month or a week: its ``weeks`` of seven days each, the first as the language has it.

    ``name`` is what an address calls it (``2026-11``, ``2026-W47``); ``first`` is a day in it.
    """

    name: str
    first: date
    weeks: Sequence[Sequence[date]]
    earlier: str
    later: str
    month: int | None = None

    @property
    def is_week(self) -> bool:
        """Whether it is a week."""
        return self.month is None

    def has(self, day: date) -> bool:
        """Whether a day that it shows belongs to it, and not to a month beside it."""
        return self.month is None or day.month == self.month


def span_asked(month: str, week: str, today: date, first_weekday: int) -> Span:
    """The month or the week that was asked for; the present month where neither can be read."""
    monday = _monday(week)
    if monday is not None and _in_reach(monday, today):
        return week_of(monday, first_weekday)
    first = _first_of(month)
    return month_of(first if first and _in_reach(first, today) else today, first_weekday)


def month_of(day: date, first_weekday: int) -> Span:
    """The month of a day."""
    first = day.replace(day=1)
    weeks = months.Calendar(first_weekday).monthdatescalendar(first.year, first.month)
    before, after = first - timedelta(days=1), first.replace(day=28) + _WEEK
    return Span(f"{first:%Y-%m}", first, weeks, f"{before:%Y-%m}", f"{after:%Y-%m}", first.month)


def week_of(day: date, first_weekday: int) -> Span:
    """The week in which the Monday of a day's ISO week lies."""
    monday = day - timedelta(days=day.weekday())
    first = monday - timedelta(days=-first_weekday % 7)
    days = [first + timedelta(days=count) for count in range(7)]
    return Span(
        week_name(monday), monday, [days], week_name(monday - _WEEK), week_name(monday + _WEEK)
    )


def week_name(day: date) -> str:
    """``2026-W47`` (ISO 8601)."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def read_day(text: str, today: date) -> date | None:
    """A date that the calendar shows; None for what is none, or too far away."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-23") else None
    except ValueError:
        return None
    return day if day and _in_reach(day, today) else None


def _in_reach(day: date, today: date) -> bool:
    return today.year - _YEARS_BACK <= day.year <= today.year + _YEARS_AHEAD


def _monday(text: str) -> date | None:
    year, mark, week = text.partition("-W")
    if not (mark and _number(year, 4) and _number(week, 2)):
        return None
    try:
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return None


def _first_of(text: str) -> date | None:
    year, _, month = text.partition("-")
    if not (_number(year, 4) and _number(month, 2) and 1 <= int(month) <= _MONTHS and int(year)):
        return None
    return date(int(year), int(month), 1)


def _number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdecimal()
