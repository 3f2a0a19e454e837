from datetime import timedelta

import pytest
from house import NOW, House
from sqlalchemy import func, select

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery import ledger
from colporteur.delivery.set_back import stay_due
from colporteur.editions import scheduling

HOUR = timedelta(hours=1)
EARLIER = NOW - HOUR
LEASE_S = 30


@pytest.fixture
def edition(house: House) -> House:
    """A house whose readers are owed an edition now, and which saw the clock a moment ago."""
    house.take("Tri aux urgences : ce que six mois ont appris", body_html="<p>Un texte.</p>")
    for name in ("amina", "bruno", "chafik"):
        house.subscribe(f"{name}@example.org")
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=NOW)
        scheduling.advance(connection, revision, names, NOW)
        stay_due(connection, NOW, LEASE_S)
    return house


def rung(house: House, now=EARLIER) -> int:
    with writing(house.engine) as connection:
        return len(ledger.ring_due(connection, now))


def test_what_was_due_before_the_clock_was_set_back_an_hour_is_due_after(edition: House):
    assert rung(edition) == 0
    with writing(edition.engine) as connection:
        assert stay_due(connection, EARLIER, LEASE_S) == HOUR
        assert stay_due(connection, EARLIER, LEASE_S) == timedelta(0)
    assert rung(edition) == 1
    with reading(edition.engine) as connection:
        latest = select(func.max(deliveries.c.due_at, type_=deliveries.c.due_at.type))
        assert connection.scalar(latest) == EARLIER


def test_what_was_not_due_yet_keeps_its_hour(edition: House):
    later = NOW + HOUR
    with writing(edition.engine) as connection:
        for table in (batches, deliveries):
            connection.execute(table.update().values(due_at=later))
        stay_due(connection, EARLIER, LEASE_S)
        assert connection.scalars(select(deliveries.c.due_at).distinct()).all() == [later]
    assert rung(edition) == 0
    assert rung(edition, later) == 1


def test_what_a_dead_worker_held_is_free_after_a_lease_though_the_clock_was_set_back(
    edition: House,
):
    with writing(edition.engine) as connection:
        assert ledger.lease(connection, 1, NOW, LEASE_S) is not None
        connection.execute(deliveries.update().values(status="inflight"))
        stay_due(connection, EARLIER, LEASE_S)
    after = EARLIER + timedelta(seconds=LEASE_S)
    assert rung(edition, after) == 0
    assert rung(edition, after + timedelta(seconds=1)) == 1
    with reading(edition.engine) as connection:
        assert connection.scalars(select(deliveries.c.due_at).distinct()).all() == [EARLIER]


def test_a_clock_that_is_kept_right_by_a_second_is_no_matter(edition: House):
    with writing(edition.engine) as connection:
        assert stay_due(connection, NOW - timedelta(seconds=1), LEASE_S) == timedelta(0)
        assert connection.scalars(select(batches.c.due_at)).all() == [NOW]


def test_a_batch_rung_since_the_clock_was_noted_tells_how_far_it_was(edition: House):
    late = NOW + timedelta(seconds=50)
    assert rung(edition, late) == 1
    with writing(edition.engine) as connection:
        assert stay_due(connection, EARLIER, LEASE_S) == HOUR + timedelta(seconds=50)
