"""When an edition of a house will have left, before its freeze and after it."""

from datetime import timedelta
from typing import Any

import pytest
from desk import SLOT, Desk
from house import House
from sqlalchemy import select, update

from colporteur.config import Settings
from colporteur.db import undoing, writing
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.delivery.forecasting import Forecast, forecast, lately
from colporteur.delivery.limits import Limits
from colporteur.delivery.limits.finishing import Pace
from colporteur.editions.arranging import edition_at
from colporteur.editions.freezing.regular import EVERYBODY
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require

SMALL = {"orange": {"limits": ["2/hour"]}}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def desk(house: House) -> Desk:
    return with_readers(house)


def with_readers(house: House, **rules: Any) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", domain_groups=SMALL, rules=rules)
    for number in range(5):
        house.subscribe(f"r{number}@orange.fr")
    house.subscribe("leila@example.org")
    desk.take("Un")
    return desk


def foreseen(desk: Desk) -> Forecast:
    """Of the edition at the slot, whether it is frozen or not."""
    now = desk.house.now
    with undoing(desk.house.engine) as connection:
        revision = require(connection)
        names = ids(connection, revision.publication)
        channel = revision.publication.channel("actualites")
        known = (connection, revision, names)
        edition = edition_at(*known, channel, "matin", SLOT, by="test", now=now)
        found = forecast(*known, (), edition, now, EVERYBODY)
    assert found is not None
    return found


def test_it_is_known_before_the_freeze_and_stays_so_after_it(desk: Desk):
    before = foreseen(desk)
    assert (before.readers, before.begins) == (6, SLOT)
    assert before.finish.at == SLOT + 2 * 61 * MINUTE
    assert before.finish.slowest == "orange (2/hour)"
    assert (before.following, before.overtaken) == (SLOT + 24 * HOUR, False)
    desk.tick(SLOT - 10 * MINUTE)
    assert foreseen(desk) == before


def test_the_hours_that_readers_chose_are_in_it(desk: Desk):
    with writing(desk.house.engine) as connection:
        leila = select(subscribers.c.id).where(subscribers.c.address == "leila@example.org")
        hers = subscriptions.c.subscriber_id.in_(leila)
        connection.execute(update(subscriptions).where(hers).values(minute=20 * 60))
    assert foreseen(desk).finish.at == SLOT + 13 * HOUR + timedelta(seconds=1)


def test_what_was_used_of_a_limit_is_in_it(desk: Desk):
    now = SLOT - 10 * MINUTE
    desk.tick(now)
    with desk.house.open() as (connection, revision, _names):
        known = (revision.publication, None, "orange", "relais.example")
        Limits(Settings()).allow(connection, *known, 2, now)
    assert foreseen(desk).finish.at == SLOT + (51 + 2 * 61) * MINUTE


def test_an_edition_that_a_limit_cuts_short_says_so(house: House):
    assert not foreseen(with_readers(house)).cut_short
    assert foreseen(with_readers(house, catch_up="2h")).cut_short


def test_an_edition_that_lasts_past_the_next_says_so(house: House):
    often = {"matin": {"rule": "daily", "at": ["07:00", "08:30"]}}
    assert foreseen(with_readers(house, cadences=often)).overtaken


def test_what_has_left_is_in_it_no_more(desk: Desk):
    desk.tick(SLOT)
    desk.now_sent(desk.editions()[0].id, address="r1@orange.fr")
    found = foreseen(desk)
    assert (found.readers, found.finish.at) == (5, SLOT + 61 * MINUTE)


def test_the_pace_is_that_of_what_left_last(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        assert lately(connection) == Pace()
        monkeypatch.setattr("colporteur.delivery.forecasting._ENOUGH", 3)
        first = connection.scalar(select(deliveries.c.id).order_by(deliveries.c.id).limit(1))
        for number, second in enumerate((0, 1, 2, 600, 601, 602)):
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == first + number)
                .values(status="sent", ended_at=SLOT + timedelta(seconds=second / 10))
            )
        assert lately(connection).messages == pytest.approx(10)
