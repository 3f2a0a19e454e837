from datetime import timedelta

import pytest
from desk import Desk
from house import NOW, House
from sqlalchemy import select, update

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.publication import cadences
from colporteur.editions.states import State

MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", rules={"cadences": {"matin": {"rule": "instant"}}})
    with writing(house.engine) as connection:
        connection.execute(update(cadences).values(checked_until=NOW - timedelta(days=3)))
    house.subscribe("a@example.org")
    return desk


def test_an_instant_edition_leaves_five_minutes_after_its_first_article(desk: Desk):
    desk.take("Un")
    desk.house.now = NOW + 3 * MINUTE
    desk.take("Deux")
    desk.tick(NOW + 4 * MINUTE)
    assert desk.editions() == []
    desk.tick(NOW + 5 * MINUTE)
    (edition,) = desk.editions()
    assert (edition.slot, edition.state) == (NOW + 5 * MINUTE, State.SENDING)
    assert [set(one) for one in desk.brought()["a@example.org"]] == [{"Un", "Deux"}]


def test_what_comes_after_it_makes_the_next_one(desk: Desk):
    desk.take("Un")
    desk.tick(NOW + 5 * MINUTE)
    desk.tick(NOW + 7 * MINUTE)
    desk.take("Deux")
    desk.tick(NOW + 11 * MINUTE)
    assert len(desk.editions()) == 1
    desk.tick(NOW + 12 * MINUTE)
    assert desk.brought() == {"a@example.org": [["Un"], ["Deux"]]}


def test_one_that_nobody_wanted_is_skipped_and_makes_room_for_the_next(desk: Desk):
    desk.set_up("actualites", rules={"cadences": {"matin": {"rule": "instant"}}, "min_items": 2})
    desk.take("Un")
    desk.tick(NOW + 5 * MINUTE)
    assert [one.state for one in desk.editions()] == [State.SKIPPED]
    desk.tick(NOW + 6 * MINUTE)
    desk.take("Deux")
    desk.tick(NOW + 20 * MINUTE)
    assert [set(one) for one in desk.brought()["a@example.org"]] == [{"Un", "Deux"}]


def test_after_a_long_outage_it_is_missed_and_its_articles_come_with_the_next(desk: Desk):
    desk.take("Un")
    desk.tick(NOW + timedelta(hours=7))
    assert [one.state for one in desk.editions()] == [State.MISSED]
    desk.tick(NOW + timedelta(hours=8))
    desk.take("Deux")
    desk.tick(NOW + timedelta(hours=9))
    assert [set(one) for one in desk.brought()["a@example.org"]] == [{"Un", "Deux"}]


def test_one_that_was_cancelled_does_not_come_again_by_itself(desk: Desk):
    desk.house.subscribe("b@example.org")
    desk.take("Un")
    desk.tick(NOW + 5 * MINUTE)
    desk.cancel(1)
    desk.tick(NOW + 9 * MINUTE)
    assert len(desk.editions()) == 1


def test_an_old_article_that_comes_in_now_opens_none(desk: Desk):
    desk.take("Ancien", dated_at=NOW - timedelta(days=6))
    desk.tick(NOW + 9 * MINUTE)
    assert desk.editions() == []


def test_one_of_the_night_waits_for_the_end_of_the_quiet_hours(desk: Desk):
    rules = {"cadences": {"matin": {"rule": "instant"}}, "quiet_hours": "12:00-15:30"}
    desk.set_up("actualites", rules=rules)  # in Paris it is 13:00
    desk.take("Un")
    desk.tick(NOW + 5 * MINUTE)
    (edition,) = desk.editions()
    with reading(desk.house.engine) as connection:
        due = connection.scalars(select(deliveries.c.due_at)).all()
    assert due == [NOW + 150 * MINUTE]
    assert edition.slot == NOW + 5 * MINUTE
