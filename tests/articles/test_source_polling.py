from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from house import NOW
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.sources.polling import (
    ALERT_AFTER,
    LONGEST_WAIT,
    OBEYED_AT_MOST,
    Course,
    SourceState,
    backoff,
    failed,
    gone,
    needs_alert,
    retry_in,
    status_problem,
    succeeded,
)

EVERY = timedelta(minutes=30)
COURSE = Course("https://a.example/feed", SourceState.ACTIVE, NOW)
rhythms = st.timedeltas(timedelta(minutes=5), timedelta(days=7))


def test_a_success_waits_for_the_sources_own_rhythm_and_forgets_failures():
    ill = failed(COURSE, EVERY, NOW, "away")
    well = succeeded(ill, EVERY, NOW, None)
    assert (well.next_at, well.failures, well.failing_since) == (NOW + EVERY, 0, None)
    assert (well.problem, well.address, well.succeeded_at) == ("", COURSE.address, NOW)


@given(st.integers(1, 100_000), rhythms)
def test_each_failure_doubles_the_wait_within_bounds(failures: int, every: timedelta):
    wait = backoff(failures, every)
    assert timedelta(minutes=5) <= wait <= max(LONGEST_WAIT, every)
    assert wait <= backoff(failures + 1, every) <= 2 * wait


def test_the_first_waits_are_five_ten_and_twenty_minutes():
    course, waits = COURSE, []
    for _ in range(3):
        course = failed(course, EVERY, NOW, "away")
        waits.append(course.next_at - NOW)
    assert waits == [timedelta(minutes=minutes) for minutes in (5, 10, 20)]
    assert (course.failures, course.failing_since, course.problem) == (3, NOW, "away")


@given(rhythms)
def test_a_source_that_keeps_failing_is_asked_when_someone_may_be_told(every: timedelta):
    course = failed(COURSE, every, NOW, "away")
    while course.next_at < NOW + ALERT_AFTER:
        course = failed(course, every, course.next_at, "away")
    assert course.next_at == NOW + ALERT_AFTER
    assert not needs_alert(course, course.next_at - timedelta(seconds=1))
    assert needs_alert(course, course.next_at)


@given(st.text(max_size=40) | st.integers().map(str))
def test_whatever_retry_after_says_the_wait_is_at_most_a_day(text: str):
    assert timedelta(0) <= retry_in(text, NOW) <= OBEYED_AT_MOST


@given(st.integers(0, 86_400))
def test_retry_after_in_seconds_and_as_a_date_say_the_same(seconds: int):
    wait = timedelta(seconds=seconds)
    assert retry_in(str(seconds), NOW) == wait
    assert retry_in(format_datetime(NOW + wait, usegmt=True), NOW) == wait


@pytest.mark.parametrize("said", ["", "soon", "Fri, 99 Nov 2026 00:00:00 GMT", "-5", "٣٠"])
def test_a_retry_after_that_says_nothing_costs_nothing(said: str):
    assert retry_in(said, NOW) == timedelta(0)


def test_retry_after_is_obeyed_where_it_is_longer_than_our_own_wait():
    assert failed(COURSE, EVERY, NOW, "busy", "7200").next_at == NOW + timedelta(hours=2)
    assert failed(COURSE, EVERY, NOW, "busy", "10").next_at == NOW + timedelta(minutes=5)


def test_a_source_that_moved_for_good_is_asked_there_from_now_on():
    moved = succeeded(COURSE, EVERY, NOW, "https://b.example/feed")
    assert moved.address == "https://b.example/feed"
    assert succeeded(moved, EVERY, NOW, None).address == "https://b.example/feed"


def test_a_source_that_is_gone_is_not_active_and_someone_is_told_once():
    told = replace(
        COURSE, failing_since=NOW - timedelta(days=2), alerted_at=NOW - timedelta(days=1)
    )
    lost = gone(told, EVERY, NOW, "removed", home=COURSE.address)
    assert lost.state is SourceState.GONE
    assert needs_alert(lost, NOW)
    again = gone(replace(lost, alerted_at=NOW), EVERY, NOW + EVERY, "removed", home=lost.address)
    assert not needs_alert(again, NOW + EVERY)


def test_where_a_source_moved_to_is_doubted_after_some_failures():
    course = replace(COURSE, address="https://b.example/feed")
    addresses = []
    for _ in range(3):
        course = failed(course, EVERY, NOW, "away", home=COURSE.address)
        addresses.append(course.address)
    assert addresses == ["https://b.example/feed"] * 2 + [COURSE.address]


def test_what_is_gone_where_it_moved_to_is_asked_at_home():
    moved = replace(COURSE, address="https://b.example/feed")
    course = gone(moved, EVERY, NOW, "removed", home=COURSE.address)
    assert (course.state, course.address, course.failures) == ("active", COURSE.address, 1)


@pytest.mark.parametrize(
    ("hours", "alerted", "due"),
    [(23, None, False), (24, None, True), (30, 1, False), (30, 40, True), (None, None, False)],
    ids=["not a day yet", "a day", "told already", "told of another time", "well"],
)
def test_someone_is_told_once_of_a_source_that_fails_for_a_day(
    hours: int | None, alerted: int | None, due: bool
):
    since, told = (None if ago is None else NOW - timedelta(hours=ago) for ago in (hours, alerted))
    course = replace(COURSE, failing_since=since, alerted_at=told)
    assert needs_alert(course, NOW) is due


def test_a_status_is_told_in_words():
    assert "there is nothing at that address" in status_problem(404, {})
    assert "(120)" in status_problem(503, {"retry-after": "120"})
    assert "something is wrong there" in status_problem(599, {})


def test_a_date_without_a_zone_is_utc():
    later = (datetime(2026, 11, 20, 13, tzinfo=UTC)).strftime("%a, %d %b %Y %H:%M:%S")
    assert retry_in(later, NOW) == timedelta(hours=1)
