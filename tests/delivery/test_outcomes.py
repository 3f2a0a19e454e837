from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.classifier import Verdict
from colporteur.delivery.outcomes import RETRIES, Status, decide
from colporteur.delivery.transports import Reply

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = Reply(450, "4.2.0 later")


@pytest.mark.parametrize(
    ("code", "status"), [(250, "sent"), (421, "deferred"), (451, "deferred"), (550, "failed")]
)
def test_the_first_digit_decides(code: int, status: str):
    assert decide(Reply(code, ""), 1, NOW).status == status


def _waits(jitter: float) -> list[timedelta]:
    every = (decide(LATER, attempt, NOW, jitter=jitter) for attempt in range(1, len(RETRIES) + 1))
    return [one.next_attempt_at - NOW for one in every if one.next_attempt_at]


def test_the_first_retry_is_after_5_to_15_minutes_and_then_waits_grow_to_a_day():
    assert _waits(0.0)[0] == timedelta(minutes=5)
    assert _waits(1.0)[0] == timedelta(minutes=15)
    assert _waits(0.5) == sorted(_waits(0.5))
    assert _waits(0.5)[-1] == timedelta(days=1)


@given(st.floats(0, 1))
def test_what_is_deferred_for_ever_is_given_up_in_the_fifth_day(jitter: float):
    if jitter == 0.5:
        assert timedelta(days=4) < sum(_waits(jitter), timedelta()) < timedelta(days=5)
    assert len(_waits(jitter)) == len(RETRIES)
    assert all(wait >= timedelta(minutes=5) for wait in _waits(jitter))
    assert decide(LATER, len(RETRIES) + 1, NOW, jitter=jitter).status is Status.FAILED


def test_a_daily_digest_may_be_given_up_sooner():
    day = timedelta(days=1)
    told = [decide(LATER, one, NOW, give_up_after=day).status for one in range(1, 9)]
    assert told == [Status.DEFERRED] * 6 + [Status.FAILED] * 2


def test_too_much_at_a_time_is_tried_again_whatever_its_code():
    outcome = decide(Reply(550, "5.2.0 Mail rejected. Too many messages"), 1, NOW)
    assert (outcome.status, outcome.verdict) == (Status.DEFERRED, Verdict.RATE)
    outcome = decide(Reply(550, "5.1.1 User unknown"), 1, NOW)
    assert (outcome.status, outcome.verdict) == (Status.FAILED, Verdict.HARD)


def test_the_enhanced_code_is_found_in_the_text():
    assert Reply(550, "5.1.1 no such user").enhanced == "5.1.1"
    assert Reply(550, "no such user (#5.1.1)").enhanced == "5.1.1"
    assert Reply(550, "no such user").enhanced is None
    assert Reply(550, "blocked: 5.1.1.7, 192.5.1.1").enhanced is None
