from datetime import datetime, timedelta

import pytest
from editing import ended, happens, owed
from house import NOW, House, channel, digest, publication
from sqlalchemy import update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.braking import skip_too_late
from colporteur.editions import brakes, scheduling
from colporteur.editions.states import Event

LATE = NOW + timedelta(hours=3)
LATER = LATE + timedelta(hours=1, minutes=59)


@pytest.fixture
def edition(house: House) -> House:
    """A house that catches up for two hours, and owes three readers an edition since ``NOW``."""
    rules = digest(catch_up="2h")
    house.apply(publication(channels=[channel("actualites", "fr", digest=rules)]))
    owed(house, "amina", "bruno", "chafik")
    return house


def skip(house: House, now: datetime = LATE) -> int:
    with house.open() as (connection, revision, names):
        return skip_too_late(connection, revision.publication, names, now)


def change(house: House, delivery_id: int, **values: object) -> None:
    with house.open() as (connection, _revision, _names):
        mine = update(deliveries).where(deliveries.c.id == delivery_id)
        connection.execute(mine.values(**values))


def test_what_was_never_tried_is_skipped_once_it_is_later_than_catch_up(edition: House):
    change(edition, 2, attempts=1)  # it was tried: it is owed still
    change(edition, 3, due_at=LATE - timedelta(hours=1))  # the reader's own hour
    assert skip(edition, NOW + timedelta(hours=2)) == 0
    assert skip(edition) == 1
    assert ended(edition) == [("skipped", "too_late"), ("pending", None), ("pending", None)]


def test_what_was_skipped_as_too_late_comes_with_the_next_edition(edition: House):
    assert skip(edition) == 3
    edition.now = LATE
    with edition.open() as (connection, revision, names):
        made, readers = scheduling.send_now(
            connection,
            revision,
            names,
            revision.publication.channel("actualites"),
            "matin",
            by="test",
            now=LATE,
        )
    assert (made.state, readers) == ("open", 3)


def test_a_batch_that_a_worker_is_on_is_left_to_it(edition: House):
    with edition.open() as (connection, _revision, _names):
        leased = {"status": "leased", "lease_token": "x", "lease_until": LATE + timedelta(hours=1)}
        connection.execute(update(batches).values(leased))
    assert skip(edition) == 0


def test_a_paused_edition_is_never_too_late_and_lateness_begins_anew_when_it_goes_on(
    edition: House,
):
    happens(edition, 1, Event.PAUSE)
    assert skip(edition) == 0
    happens(edition, 1, Event.RESUME)
    with edition.open() as (connection, _revision, _names):
        connection.execute(update(editions).values(resumed_at=LATE))
    assert skip(edition, LATER) == 0
    assert skip(edition, LATER + timedelta(minutes=2)) == 3


def test_lateness_begins_anew_when_sending_is_released(edition: House):
    with edition.open() as (connection, _revision, _names):
        brakes.suspend(connection, by="test", why="A try.", now=NOW)
    assert skip(edition) == 0
    with edition.open() as (connection, _revision, _names):
        brakes.release(connection, by="test", now=LATE)
    assert skip(edition, LATER) == 0
    assert skip(edition, LATER + timedelta(minutes=2)) == 3
