from datetime import UTC, datetime, timedelta

import pytest

from colporteur.delivery.outcomes import RETRIES, Status, decide
from colporteur.delivery.transports import Reply

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "status"), [(250, "sent"), (421, "deferred"), (451, "deferred"), (550, "failed")]
)
def test_the_first_digit_decides(code: int, status: str):
    assert decide(Reply(code, ""), 1, NOW).status == status


def test_waiting_grows_from_minutes_to_days():
    waits = [decide(Reply(450, ""), attempt, NOW).next_attempt_at for attempt in (1, 3, 7)]
    assert waits == [NOW + timedelta(minutes=5), NOW + timedelta(hours=1), NOW + timedelta(days=2)]


def test_a_relay_that_defers_for_ever_is_given_up():
    assert decide(Reply(450, ""), len(RETRIES) + 1, NOW).status is Status.FAILED


def test_the_enhanced_code_is_found_in_the_text():
    assert Reply(550, "5.1.1 no such user").enhanced == "5.1.1"
    assert Reply(550, "no such user").enhanced is None
