"""Months and weeks of the newsroom's calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from colporteur.web.newsroom.calendar.spans import month_of, read_day, span_asked, week_of


@given(day=some.dates(date(2000, 1, 1), date(2080, 1, 1)), first=some.integers(0, 6))
def test_a_month_and_a_week_are_whole_weeks_that_begin_as_asked_and_lead_on(
    day: date, first: int
) -> None:
    for span in (month_of(day, first), week_of(day, first)):
        days = [one for week in span.weeks for one in week]
        assert all(len(week) == 7 and week[0].weekday() == first for week in span.weeks)
        assert days == [days[0] + timedelta(days=count) for count in range(len(days))]
        there = span_asked(span.name, span.name, span.first, first)
        assert there.name == span.name
        later = span_asked(span.later, span.later, span.first, first)
        assert later.earlier == span.name
    assert day in [one for week in month_of(day, first).weeks for one in week]


@pytest.mark.parametrize(
    "asked", ["", "x", "2026", "2026-13", "2026-W54", "2026-W", "0000-01", "9999-12", "1" * 9999]
)
def test_what_is_no_month_and_no_week_is_the_present_month(asked: str) -> None:
    assert span_asked(asked, asked, date(2026, 11, 22), 0).name == "2026-11"
    assert read_day(asked, date(2026, 11, 22)) is None
