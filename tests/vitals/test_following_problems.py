"""When something that is wrong is told: once as it begins, daily while it lasts, once as it ends."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from colporteur.vitals.alerting.following import (
    CALM,
    PATIENCE,
    REMINDED_AFTER,
    Event,
    Known,
    missed,
    seen,
)
from colporteur.vitals.problems import Severity

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def looks(found: list[Severity | None], every: timedelta = MINUTE) -> list[tuple[int, Event]]:
    """What a row of looks tells, each with the number of its look."""
    known: Known | None = None
    told = []
    for number, severity in enumerate(found):
        now = NOW + number * every
        if severity is None:
            if known is None:
                continue
            course = missed(known, now)
        else:
            course = seen(known, severity, now)
        known = course.known
        if course.event:
            told.append((number, course.event))
    return told


def test_what_lasts_is_told_at_the_third_look_and_each_day_from_then():
    day = int(REMINDED_AFTER / MINUTE)
    assert looks([WARNING] * (2 * day)) == [(2, Event.BEGAN), (day + 2, Event.LASTS)]


def test_what_is_gone_before_that_is_never_told():
    assert looks([CRITICAL, CRITICAL, None, CRITICAL, CRITICAL, None]) == []


def test_an_end_is_told_once_it_stayed_away():
    calm = int(CALM / MINUTE)
    assert looks([WARNING] * 3 + [None] * 30) == [(2, Event.BEGAN), (1 + calm + 1, Event.ENDED)]


def test_what_comes_and_goes_is_told_once():
    assert looks([WARNING] * 3 + [None, WARNING, None, None] * 50) == [(2, Event.BEGAN)]


def test_what_gets_worse_is_told_at_once_and_what_gets_better_is_not():
    assert looks([WARNING] * 4 + [CRITICAL] * 2 + [WARNING] * 5) == [
        (2, Event.BEGAN),
        (4, Event.WORSE),
    ]


def test_nothing_is_told_at_the_first_look_after_nobody_looked():
    known = Known(NOW, NOW)
    course = seen(known, CRITICAL, NOW + timedelta(hours=3))
    assert course.event is None
    assert course.known == Known(NOW + timedelta(hours=3), NOW + timedelta(hours=3))


@given(st.lists(st.sampled_from([None, WARNING, CRITICAL]), max_size=200), st.integers(1, 90))
def test_what_is_told_makes_sense_however_things_go(found: list[Severity | None], minutes: int):
    told = looks(found, minutes * MINUTE)
    starts = [event for _, event in told if event in {Event.BEGAN, Event.ENDED}]
    assert all(first is not second for first, second in pairwise(starts))
    assert not starts or starts[0] is Event.BEGAN
    for (_, before), (_, event) in pairwise(told):
        if event in {Event.WORSE, Event.LASTS}:
            assert before is not Event.ENDED
    first = next((number for number, one in enumerate(found) if one), 0)
    assert all((number - first) * minutes * MINUTE >= PATIENCE for number, _ in told)
