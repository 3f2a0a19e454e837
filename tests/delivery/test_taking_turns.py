"""Letters and specials go before regular batches, whoever is on these already."""

import threading
import time
from datetime import timedelta

import pytest
from dispatching import send_batch
from editing import owed, smtp, special, whom
from house import TEMPLATES, House
from running import wait_for
from sink import Sink
from sqlalchemy import select, update

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.editions import editions
from colporteur.delivery import ledger
from colporteur.editions.states import State

pytestmark = pytest.mark.smtp
READERS = tuple(f"reader{number}" for number in range(10))


def slow(sink: Sink, seconds: float) -> None:
    sink.slow = {f"{name}@example.org": seconds for name in READERS}


def held_by_nobody(house: House) -> bool:
    with reading(house.engine) as connection:
        return not connection.scalars(
            select(batches.c.id).where(batches.c.status == "leased")
        ).all()


def test_a_worker_on_a_slow_regular_batch_lets_a_special_go_first_and_takes_it_up_again(
    house: House, smtp_sink: Sink
):
    owed(house, *READERS)
    slow(smtp_sink, 0.4)
    worker = threading.Thread(target=send_batch, args=(house.engine, smtp(smtp_sink), TEMPLATES, 1))
    worker.start()
    wait_for(lambda: len(smtp_sink.accepted) >= 1)
    special(house, 1, "zora")
    asked = time.monotonic()
    wait_for(lambda: "zora" in whom(smtp_sink))
    assert time.monotonic() - asked < 4
    assert len(smtp_sink.accepted) < len(READERS)
    worker.join()
    assert sorted(whom(smtp_sink)) == sorted([*READERS, "zora"])
    assert held_by_nobody(house)


def test_a_regular_batch_is_not_leased_while_a_special_waits_for_a_worker(house: House):
    owed(house, "amina")
    waiting = special(house, 1, "zora")
    with writing(house.engine) as connection:
        now = database_now(connection)
        assert ledger.lease(connection, 1, now, 30) is None
        assert ledger.lease(connection, waiting, now, 30) is not None
        assert ledger.lease(connection, 1, now, 30) is not None


def test_whoever_is_rung_for_a_regular_batch_sends_the_special_first(house: House, smtp_sink: Sink):
    owed(house, "amina")
    special(house, 1, "zora")
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    assert whom(smtp_sink) == ["zora", "amina"]


def test_a_special_that_may_not_leave_yet_holds_up_nobody(house: House, smtp_sink: Sink):
    owed(house, "amina", "bruno")
    special(house, 1, "later", due=timedelta(hours=1))
    stopped = special(house, 1, "held")
    with writing(house.engine) as connection:
        of_it = select(batches.c.edition_id).where(batches.c.id == stopped).scalar_subquery()
        held = update(editions).where(editions.c.id == of_it)
        connection.execute(held.values(state=State.HELD))
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    assert whom(smtp_sink) == ["amina", "bruno"]


def test_several_workers_and_several_specials_send_each_message_once(house: House, smtp_sink: Sink):
    owed(house, *READERS)
    slow(smtp_sink, 0.2)
    workers = [
        threading.Thread(target=send_batch, args=(house.engine, smtp(smtp_sink), TEMPLATES, batch))
        for batch in (1, 1, 2, 3)
    ]
    workers[0].start()
    wait_for(lambda: len(smtp_sink.accepted) >= 1)
    for name in ("yto", "zora"):
        special(house, 1, name)
    for worker in workers[1:]:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(whom(smtp_sink)) == sorted([*READERS, "yto", "zora"])
    assert held_by_nobody(house)


def test_a_batch_whose_turn_is_over_is_rung_for_once_more_and_not_by_the_tick_too(house: House):
    owed(house, "amina")
    made = special(house, 1, "zora")
    with writing(house.engine) as connection:
        now = database_now(connection)
        assert ledger.ring_again(connection, made, now) == ledger.Rung(made, special=True)
        assert [one.batch_id for one in ledger.ring_due(connection, now)] == [1]
        assert ledger.lease(connection, made, now, 30) is not None
        assert ledger.ring_again(connection, made, now) is None  # somebody is on it
