"""How far an edition is: batches by hour and domain group, and sums over them."""

from datetime import timedelta

import pytest
from desk import SLOT, Desk
from house import House
from sqlalchemy import func, select, update

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery import ledger
from colporteur.delivery.braking import skip_too_late
from colporteur.delivery.ledger import Came
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.delivery.transports import Reply
from colporteur.editions.freezing import rows
from colporteur.editions.progress import Progress, progress
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require

ADDRESSES = ("a@orange.fr", "b@one.example", "c@orange.fr", "d@two.example", "e@wanadoo.fr")


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites")
    desk.take("Un")
    return desk


def made(desk: Desk) -> list[tuple[str, int]]:
    """The domain group and size of each batch, in the order in which they are to be sent."""
    with reading(desk.house.engine) as connection:
        found = connection.execute(select(batches).order_by(batches.c.batch_no))
        return [(row.domain_group, row.size) for row in found]


def far(desk: Desk) -> Progress:
    with reading(desk.house.engine) as connection:
        return progress(connection, 1)


def test_batches_are_made_by_due_time_and_then_by_domain_group(desk: Desk):
    for address in ADDRESSES:
        desk.house.subscribe(address)
    desk.house.subscribe("f@orange.fr", minute=570)
    desk.tick(SLOT)
    assert made(desk) == [("orange", 3), ("rest", 2), ("orange", 1)]
    with reading(desk.house.engine) as connection:
        found = connection.execute(
            select(batches.c.id, func.min(deliveries.c.due_at), func.max(deliveries.c.due_at))
            .join(deliveries, deliveries.c.batch_id == batches.c.id)
            .group_by(batches.c.id)
        )
        assert all(row[1] == row[2] for row in found)


def test_a_domain_of_many_readers_is_a_group_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "LARGE_DOMAIN", 3)  # a thousand would take a minute to subscribe
    for name in ("u@big.example", "v@big.example", "w@big.example", "x@small.example"):
        desk.house.subscribe(name)
    desk.tick(SLOT)
    assert made(desk) == [("big.example", 3), ("rest", 1)]


def test_progress_follows_what_is_sent_put_off_failed_and_skipped(desk: Desk):
    for address in ADDRESSES:
        desk.house.subscribe(address)
    desk.tick(SLOT)
    assert far(desk) == Progress(5, 0, 0, 0, 0, SLOT)
    sent, failed = Outcome(Status.SENT), Outcome(Status.FAILED)
    later = Outcome(Status.DEFERRED, SLOT + timedelta(hours=1))
    with writing(desk.house.engine) as connection:
        held = ledger.lease(connection, 1, SLOT, 30)
        assert held is not None
        due = ledger.standings(connection, ledger.due_deliveries(connection, 1, SLOT))
        ledger.mark_inflight(connection, held, due, SLOT)
        came = [
            Came(one.id, what, Reply(code, "said"))
            for one, what, code in zip(due, (sent, later, failed), (250, 451, 550), strict=True)
        ]
        ledger.record(connection, held, came, SLOT)
        ledger.give_back(connection, held, None)
    assert far(desk) == Progress(5, 1, 1, 1, 0, SLOT)
    assert (far(desk).waiting, far(desk).done) == (2, 2)
    desk.cancel(1)
    assert far(desk) == Progress(5, 1, 0, 1, 3, None)


def test_what_is_skipped_as_too_late_counts_as_skipped(desk: Desk):
    for address in ADDRESSES:
        desk.house.subscribe(address)
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 1).values(attempts=1))
        publication = require(connection).publication
        late = SLOT + timedelta(days=2)
        assert skip_too_late(connection, publication, ids(connection, publication), late) == 4
    assert (far(desk).skipped, far(desk).waiting) == (4, 1)
