"""What happens to one reader at the same time, on PostgreSQL: SQLite lets one write at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from house import NOW, House, publication
from sqlalchemy import Connection, text

from colporteur.audience.addresses import parse_address
from colporteur.audience.consent import keep_wording
from colporteur.audience.history import note, standing
from colporteur.audience.leaving import leave, take_back
from colporteur.audience.pausing import end_pauses, pause
from colporteur.audience.preferences import person
from colporteur.audience.subscribing import Choice, Subscribed, profile_of, subscribe
from colporteur.audience.suppressing import Reason, suppress
from colporteur.db import make_engine, reading, writing
from colporteur.publication.identities import ids

pytestmark = pytest.mark.postgresql
DAY = timedelta(days=1)


@pytest.fixture
def house(postgresql_url: str) -> Iterator[House]:
    made = House(make_engine(postgresql_url))
    made.apply(publication())
    yield made
    made.engine.dispose()


Press = Callable[[Connection], object]


def _beside(house: House, reader: int, press: Press, *others: Press) -> list[object]:
    """What others come to that begin while a page is open, which locks its reader.

    ``press`` is its button, once they wait. Each is a transaction.
    """
    begun = threading.Barrier(len(others) + 1)

    def run(other: Press) -> object:
        with writing(house.engine) as connection:
            begun.wait(5)
            return other(connection)

    with ThreadPoolExecutor(len(others)) as pool:
        with writing(house.engine) as connection:
            person(connection, reader, lock=True)
            later: list[Future[object]] = [pool.submit(run, one) for one in others]
            begun.wait(5)
            _until_still(house, later)
            press(connection)
        return [one.result(10) for one in later]


def _leaving(made: Subscribed, by: str) -> Press:
    return lambda connection: leave(connection, made.subscription_id, by=by, now=NOW)


def _until_still(house: House, later: list[Future]) -> None:
    """Until each of them is done or waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(500):
        with reading(house.engine) as connection:
            still = int(connection.scalar(waiting) or 0)
        if still + sum(one.done() for one in later) >= len(later):
            return
        time.sleep(0.005)
    raise AssertionError("they neither wait nor end")


def test_one_click_waits_for_a_page_and_never_both_for_each_other(house: House):
    made = house.subscribe("lea@example.org")
    pressed, click = _leaving(made, "page"), _leaving(made, "one-click")
    assert _beside(house, made.subscriber_id, pressed, click) == [False]


def test_pauses_that_end_wait_for_a_page_and_never_both_for_each_other(house: House):
    made = house.subscribe("lea@example.org")
    with writing(house.engine) as connection:
        pause(connection, made.subscription_id, NOW + DAY, by="test", now=NOW)
    end = partial(end_pauses, now=NOW + DAY)
    assert _beside(house, made.subscriber_id, _leaving(made, "page"), end) == [0]


def _subscribed(connection: Connection) -> object:
    names = ids(connection, publication())
    choice = Choice(names.channels["actualites"], "matin", topics_in=(names.topics["law"],))
    said: dict[str, Any] = {"language": "fr", "start_number": 0, "by": "test", "now": NOW}
    made = subscribe(connection, parse_address("new@example.org"), choice, **said)
    return made.subscriber_id, made.subscription_id


@pytest.mark.parametrize(
    "add",
    [
        lambda it: keep_wording(it, "Yes, gladly", NOW),
        lambda it: profile_of(it, Choice(1, "matin", layout="briefing")),
        lambda it: suppress(it, "0" * 64, Reason.BOUNCED, NOW),
        _subscribed,
    ],
    ids=["wording", "profile", "suppression", "reader"],
)
def test_two_who_add_the_same_at_once_both_find_it(house: House, add: Press):
    def beside() -> object:
        with writing(house.engine) as connection:
            return add(connection)

    with ThreadPoolExecutor(1) as pool:
        with writing(house.engine) as connection:
            first = add(connection)
            later = pool.submit(beside)
            time.sleep(0.05)
            _until_still(house, [later])
        assert later.result(10) == first


def test_leaving_is_taken_back_once_by_two_at_once(house: House):
    made = house.subscribe("lea@example.org")
    with writing(house.engine) as connection:
        leave(connection, made.subscription_id, by="link", now=NOW)
    back = partial(take_back, subscription_id=made.subscription_id, by="page", now=NOW)
    done = _beside(house, made.subscriber_id, lambda _: None, back, back)
    assert sorted(map(bool, done)) == [False, True]
    with reading(house.engine) as connection:
        stands = standing(connection, made.subscription_id)
    assert stands is not None
    assert stands.state == "active"


def test_a_page_that_is_open_keeps_nobody_from_noting_what_happened(house: House):
    """Letters and events name the reader: adding them needs no turn."""
    made = house.subscribe("lea@example.org")
    with writing(house.engine) as page, writing(house.engine) as other:
        person(page, made.subscriber_id, lock=True)
        other.execute(text("SET LOCAL lock_timeout = '1s'"))
        note(other, made.subscriber_id, "language", by="test", now=NOW)
