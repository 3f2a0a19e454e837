"""Which batches are rung for, and in which order."""

from datetime import timedelta
from typing import Any

import pytest
from house import NOW, House
from sqlalchemy import insert, select

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches
from colporteur.delivery import ledger


def batch(house: House, edition_id: int | None, **said: Any) -> None:
    values = {"priority": 5, "domain_group": "rest", "due_at": NOW, "status": "pending"}
    with writing(house.engine) as connection:
        connection.execute(insert(batches).values(**values | said, attempts=0, batch_no=0))


def rung(house: House, now: Any = NOW) -> list[int]:
    with writing(house.engine) as connection:
        return [one.batch_id for one in ledger.ring_due(connection, now)]


@pytest.fixture
def letters(house: House) -> House:
    """Batches of no edition: nothing but their own rows decides about them."""
    for _ in range(3):
        batch(house, None, domain_group="orange")
    batch(house, None, domain_group="free")
    batch(house, None, domain_group="free", priority=1)
    batch(house, None, domain_group="rest", due_at=NOW - timedelta(hours=1))
    return house


def test_groups_take_turns_and_what_is_urgent_goes_first(letters: House):
    assert rung(letters) == [5, 6, 1, 4, 2, 3]


def test_no_more_is_rung_for_than_can_be_on_its_way_at_one_time(house: House):
    for _ in range(ledger.RUNG_AT_ONCE + 5):
        batch(house, None)
    assert len(rung(house)) == ledger.RUNG_AT_ONCE
    assert rung(house) == []
    with writing(house.engine) as connection:
        for one in range(1, 4):  # workers came for three
            assert ledger.lease(connection, one, NOW, 30) is not None
    first = ledger.RUNG_AT_ONCE + 1
    assert rung(house, NOW + timedelta(seconds=1)) == [first, first + 1, first + 2]


def test_a_group_that_rests_is_left_out_until_then_and_holds_nobody_up(letters: House):
    with writing(letters.engine) as connection:
        ledger.rest(connection, "orange", NOW + timedelta(minutes=3))
        assert ledger.lease(connection, 1, NOW, 30) is None
    assert rung(letters) == [5, 6, 4]
    assert rung(letters, NOW + timedelta(minutes=3, seconds=1))[2:] == [1, 4, 2, 3]


def test_letters_wait_for_servers_that_ask_for_patience_and_not_for_limits_of_others(house: House):
    batch(house, None, domain_group="orange", priority=0)
    with writing(house.engine) as connection:
        ledger.rest(connection, "orange", NOW + timedelta(minutes=3))
        assert ledger.goes(connection, 1, NOW)
        ledger.back_off(connection, "orange", NOW)
        assert not ledger.goes(connection, 1, NOW)


def test_a_group_is_rung_for_no_oftener_than_it_has_connections_free(letters: House):
    def rung_with(places: int, now: Any = NOW) -> list[int]:
        with writing(letters.engine) as connection:
            return [one.batch_id for one in ledger.ring_due(connection, now, {"orange": places})]

    assert rung_with(1) == [5, 6, 1, 4]
    assert rung_with(2) == [2]
    assert rung_with(2) == []
    with writing(letters.engine) as connection:
        assert ledger.lease(connection, 5, NOW, 30) is not None
        assert ledger.lease(connection, 1, NOW, 30) is not None
    assert rung_with(2) == []
    assert rung_with(3) == [3]


def test_who_asks_for_patience_is_asked_later_each_time_until_a_message_is_taken(house: House):
    def ask(now: Any) -> Any:
        with writing(house.engine) as connection:
            return ledger.back_off(connection, "orange", now) - now

    minute = timedelta(minutes=1)
    assert ask(NOW) == minute
    assert ask(NOW + minute / 2) == minute / 2  # another worker was told the same
    assert ask(NOW + minute) == 5 * minute
    assert ask(NOW + 10 * minute) == 15 * minute
    with writing(house.engine) as connection:
        ledger.rest(connection, "orange", NOW)  # shorter than what is known
        ledger.served(connection, "orange", NOW + 20 * minute)  # within its rest
        ledger.served(connection, "orange", NOW + 29 * minute)
    assert ask(NOW + 30 * minute) == minute


def test_a_lease_takes_over_what_the_dead_left_and_only_then(house: House):
    batch(house, None)
    with writing(house.engine) as connection:
        held = ledger.lease(connection, 1, NOW, 30)
        assert held is not None
        assert ledger.lease(connection, 1, NOW + timedelta(seconds=29), 30) is None
        assert ledger.lease(connection, 1, NOW + timedelta(seconds=31), 30) is not None
        assert not ledger.still_goes(connection, held)
    with reading(house.engine) as connection:
        assert connection.scalar(select(batches.c.attempts)) == 2
