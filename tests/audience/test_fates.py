from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from colporteur.audience.importing.fates import NOBODY, Fate, Known, fate
from colporteur.audience.importing.words import Standing
from colporteur.audience.states import State

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def of(state: State, reader: State = State.ACTIVE, suppressed: str | None = None) -> Known:
    return Known(suppressed, 1, reader, 2, state, SINCE)


@pytest.mark.parametrize(
    ("standing", "known", "consented", "asked"),
    [
        (Standing.ACTIVE, NOBODY, Fate.SUBSCRIBED, Fate.ASKED),
        (Standing.PAUSED, NOBODY, Fate.PAUSED, Fate.ASKED),
        (Standing.PENDING, NOBODY, Fate.ASKED, Fate.ASKED),
        (Standing.UNSUBSCRIBED, NOBODY, Fate.KEPT_AWAY, Fate.KEPT_AWAY),
        (Standing.BOUNCED, NOBODY, Fate.SUPPRESSED, Fate.SUPPRESSED),
        (Standing.ACTIVE, of(State.ACTIVE), Fate.ALREADY, Fate.ALREADY),
        (Standing.ACTIVE, of(State.PAUSED), Fate.ALREADY, Fate.ALREADY),
        (Standing.ACTIVE, of(State.UNSUBSCRIBED), Fate.STAYS_AWAY, Fate.STAYS_AWAY),
        (Standing.ACTIVE, of(State.PENDING, State.PENDING), Fate.CONFIRMED, Fate.WAITING),
        (Standing.PENDING, of(State.PENDING, State.PENDING), Fate.WAITING, Fate.WAITING),
        (
            Standing.ACTIVE,
            Known(None, 1, State.ACTIVE, away=True),
            Fate.STAYS_AWAY,
            Fate.STAYS_AWAY,
        ),
        (Standing.UNSUBSCRIBED, of(State.ACTIVE), Fate.LEFT, Fate.LEFT),
        (Standing.ACTIVE, Known("erased"), Fate.STAYS_SUPPRESSED, Fate.STAYS_SUPPRESSED),
        (Standing.SUPPRESSED, Known("bounced"), Fate.SUPPRESSED, Fate.SUPPRESSED),
        (Standing.BOUNCED, Known("manual"), Fate.STAYS_SUPPRESSED, Fate.STAYS_SUPPRESSED),
    ],
)
def test_what_becomes_of_a_row(standing, known, consented, asked):
    assert fate(standing, known, consented=True) is consented
    assert fate(standing, known, consented=False) is asked


def test_who_left_elsewhere_before_they_came_to_us_stays():
    here = of(State.ACTIVE)
    before, after = SINCE - timedelta(days=1), SINCE + timedelta(days=1)
    assert fate(Standing.UNSUBSCRIBED, here, consented=True, left_at=before) is Fate.ALREADY
    assert fate(Standing.UNSUBSCRIBED, here, consented=True, left_at=after) is Fate.LEFT


def test_an_address_that_bounced_elsewhere_before_it_was_confirmed_here_works():
    here = of(State.ACTIVE)
    before, after = SINCE - timedelta(days=1), SINCE + timedelta(days=1)
    assert fate(Standing.BOUNCED, here, consented=True, left_at=before) is Fate.ALREADY
    assert fate(Standing.BOUNCED, here, consented=True, left_at=after) is Fate.SUPPRESSED
    assert fate(Standing.BOUNCED, here, consented=True) is Fate.SUPPRESSED
    assert fate(Standing.COMPLAINED, here, consented=True, left_at=before) is Fate.SUPPRESSED


def test_nothing_that_a_list_says_has_mail_sent_to_who_must_not_get_it():
    sending = {Fate.SUBSCRIBED, Fate.PAUSED, Fate.ASKED, Fate.CONFIRMED}
    gone = (State.BOUNCED, State.COMPLAINED, State.SUPPRESSED, State.ERASED)
    held = [Known(reason) for reason in ("bounced", "complained", "erased", "manual")]
    held += [Known(None, 1, reader, 2, state) for reader, state in product(gone, State)]
    held += [of(State.UNSUBSCRIBED)]
    for standing, known, consented, repeated in product(
        Standing, held, (True, False), (True, False)
    ):
        assert fate(standing, known, consented=consented, repeated=repeated) not in sending


def test_who_stands_in_a_list_twice_is_read_in_once_and_leaves_if_either_says_so():
    assert fate(Standing.ACTIVE, of(State.ACTIVE), consented=True, repeated=True) is Fate.REPEATED
    assert fate(Standing.UNSUBSCRIBED, of(State.ACTIVE), consented=True, repeated=True) is Fate.LEFT
