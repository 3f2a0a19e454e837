"""What holds mail back acts on the very next message, and what was held back is not lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from dispatching import send_batch
from editing import (
    broken_beyond_help,
    ended,
    happens,
    overridden,
    owed,
    pauses_reader,
    smtp,
    special,
    whom,
)
from house import NOW, TEMPLATES, House
from sink import Sink
from sqlalchemy import insert, select, update

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.delivery import ledger
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import ALERT
from colporteur.editions import brakes
from colporteur.editions.states import Event
from colporteur.editions.store import load
from colporteur.staff import people

pytestmark = pytest.mark.smtp
READERS = ("amina", "bruno", "chafik")


@pytest.fixture
def edition(house: House) -> House:
    """A live house whose three readers are owed an edition now."""
    assert owed(house, *READERS) == 1
    return house


def after_one(sink: Sink, what: Callable[[], object]) -> Callable[[], bool]:
    """Do something between the first message and the second; never stop the worker."""

    def happened() -> Iterator[None]:
        while not sink.accepted:
            yield
        what()
        while True:
            yield

    steps = happened()

    def asked() -> bool:
        next(steps)
        return False

    return asked


def suspend(house: House) -> None:
    with writing(house.engine) as connection:
        brakes.suspend(connection, by="test", why="A try.", now=database_now(connection))


def release(house: House) -> None:
    with writing(house.engine) as connection:
        brakes.release(connection, by="test", now=database_now(connection))


def letter_to(house: House, address: str, purpose: str) -> int:
    """A letter; its batch's id."""
    content = {"channel": "C", "url": "https://x.example/", "problem": "P", "gone": True}
    content |= {"failures": 1, "since": NOW.isoformat()}
    with writing(house.engine) as connection:
        now = database_now(connection)
        assert write_letter(connection, purpose, ALERT, address, "fr", content, now)
        newest = select(batches.c.id).order_by(batches.c.id.desc()).limit(1)
        return int(connection.scalar(newest) or 0)


def test_a_suspension_between_two_groups_gives_the_rest_of_a_batch_back_at_once(
    edition: House, smtp_sink: Sink
):
    stop = after_one(smtp_sink, lambda: suspend(edition))
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1, stopping=stop, group=1) == 1
    assert ended(edition) == [("sent", None), ("pending", None), ("pending", None)]
    with writing(edition.engine) as connection:
        now = database_now(connection)
        assert ledger.ring_due(connection, now) == []
        (batch,) = connection.execute(select(batches)).all()
        assert (batch.status, batch.lease_token) == ("pending", None)
        attempts = connection.scalars(select(deliveries.c.attempts).order_by(deliveries.c.id))
        assert list(attempts) == [1, 0, 0]
    release(edition)
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    assert whom(smtp_sink) == list(READERS)


def test_letters_wait_for_the_end_of_a_suspension_as_well(house: House, smtp_sink: Sink):
    batch = letter_to(house, "desk@example.org", "one")
    suspend(house)
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch) == 0
    release(house)
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch) == 1


def test_a_paused_edition_stops_at_the_next_group_and_resuming_sends_the_rest(
    edition: House, smtp_sink: Sink
):
    stop = after_one(smtp_sink, lambda: happens(edition, 1, Event.PAUSE))
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1, stopping=stop, group=1) == 1
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 0
    happens(edition, 1, Event.RESUME)
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    assert whom(smtp_sink) == list(READERS)


def test_a_rehearsal_reaches_the_staff_and_skips_the_others_with_that_reason(
    edition: House, smtp_sink: Sink
):
    edition.rehearse()
    with writing(edition.engine) as connection:
        people.add(connection, "Bruno@example.org", name=None, role=None, now=NOW)
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 1
    assert whom(smtp_sink) == ["bruno"]
    assert ended(edition) == [("skipped", "rehearsal"), ("sent", None), ("skipped", "rehearsal")]


def test_mail_to_a_folder_is_no_rehearsal(edition: House, tmp_path: Path):
    edition.rehearse()
    outbox = Settings(mail_url=f"maildir:{tmp_path / 'outbox'}", secret_key="k" * 32)
    assert send_batch(edition.engine, outbox, TEMPLATES, 1) == 3


def test_in_a_rehearsal_letters_to_others_wait_until_it_ends(house: House, smtp_sink: Sink):
    house.rehearse()
    with writing(house.engine) as connection:
        people.add(connection, "leila@example.org", name=None, role=None, now=NOW)
    theirs = letter_to(house, "reader@example.org", "reader")
    ours = letter_to(house, "leila@example.org", "staff")
    for batch in (theirs, ours):
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch)
    assert whom(smtp_sink) == ["leila"]
    house.go_live()
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, theirs) == 1
    assert whom(smtp_sink) == ["leila", "reader"]


def test_a_reader_who_pauses_after_the_freeze_is_skipped_with_that_reason(
    edition: House, smtp_sink: Sink
):
    pauses_reader(edition, 2)
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    assert ended(edition)[1] == ("skipped", "paused")


def test_a_delivery_moved_to_another_variant_while_it_is_made_ready_leaves_as_that_one(
    edition: House, smtp_sink: Sink
):
    def move() -> None:
        with writing(edition.engine) as connection:
            row = dict(connection.execute(select(variants)).mappings().one())
            copy = {name: value for name, value in row.items() if name != "id"}
            copy |= {"key": "copy", "base_id": row["id"], "subject": "Sans celui-là"}
            made = insert(variants).values(copy).returning(variants.c.id)
            moved = connection.scalar(made)
            last = update(deliveries).where(deliveries.c.id == 3)
            connection.execute(last.values(variant_id=moved))

    stop = after_one(smtp_sink, move)  # the batch's rows were read before
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1, stopping=stop, group=1) == 3
    assert [b"Sans_celui" in data for _, data in smtp_sink.accepted] == [False, False, True]


def test_so_many_refusals_in_a_row_pause_an_edition_and_resuming_sends_exactly_the_rest(
    house: House, smtp_sink: Sink
):
    names = [f"reader{number:03}" for number in range(105)]
    edition_id = owed(house, *names)
    refused = "554 5.7.1 your address is listed"
    smtp_sink.answers = {f"{name}@example.org": refused for name in names[1:]}
    for batch in (1, 2, 1):
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch)
    with reading(house.engine) as connection:
        paused = load(connection, edition_id)
    assert (paused.state, refused[4:] in paused.reason) == ("paused", True)
    statuses = [status for status, _ in ended(house)]
    assert statuses == ["sent"] + ["failed"] * 100 + ["pending"] * 4
    smtp_sink.answers = {}
    happens(house, edition_id, Event.RESUME)
    for batch in (1, 2):
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch)
    assert whom(smtp_sink) == [names[0], *names[101:]]


def test_refusals_that_are_not_in_a_row_pause_nothing(house: House, smtp_sink: Sink):
    names = [f"reader{number:03}" for number in range(104)]
    edition_id = owed(house, *names)
    smtp_sink.answers = {f"{name}@example.org": "550 no" for name in names if name != names[60]}
    for batch in (2, 1):  # the last four first: 4 + 60, one taken, 39
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch)
    with reading(house.engine) as connection:
        assert load(connection, edition_id).state == "sending"
    assert whom(smtp_sink) == [names[60]]


def test_after_a_pause_the_refusals_before_it_count_no_more(house: House, smtp_sink: Sink):
    names = [f"reader{number:03}" for number in range(110)]
    edition_id = owed(house, *names)
    smtp_sink.answers = {f"{name}@example.org": "550 no" for name in names}
    for batch in (1, 2):
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch)
    happens(house, edition_id, Event.RESUME)
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 2)
    assert [status for status, _ in ended(house)] == ["failed"] * 110
    with reading(house.engine) as connection:
        assert load(connection, edition_id).state == "sending"


def test_a_broken_template_pauses_the_edition_with_the_reason(
    edition: House, smtp_sink: Sink, tmp_path: Path
):
    mine = broken_beyond_help(tmp_path, "email/digest/body.html.j2", "<p>\n{{ nothing.of.that }}")
    assert send_batch(edition.engine, smtp(smtp_sink), mine, 1) == 0
    with reading(edition.engine) as connection:
        paused = load(connection, 1)
    assert (paused.state, "body.html.j2" in paused.reason) == ("paused", True)
    happens(edition, 1, Event.RESUME)
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 3


@pytest.mark.parametrize(
    "mistake", ["<p>\n{{ nothing.of.that }}", "<p>\n<style>@import url(https://x.example/)</style>"]
)
def test_an_override_that_is_broken_is_told_and_the_shipped_template_serves(
    edition: House,
    smtp_sink: Sink,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    mistake: str,
):
    mine = overridden(tmp_path, "email/digest/body.html.j2", mistake)
    assert send_batch(edition.engine, smtp(smtp_sink), mine, 1) == 3
    assert all(b"Tri aux urgences" in data for _, data in smtp_sink.accepted)
    told = [line for line in caplog.messages if "own/email/digest/body.html.j2, line 2: " in line]
    assert len(told) == 1


def test_a_deferred_delivery_leaves_though_its_edition_is_sent(edition: House, smtp_sink: Sink):
    smtp_sink.answers = {"amina@example.org": "451 4.7.1 later"}
    send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1)
    happens(edition, 1, Event.FINISH)
    smtp_sink.answers = {}
    with writing(edition.engine) as connection:
        connection.execute(update(deliveries).values(next_attempt_at=NOW))
        connection.execute(update(batches).values(due_at=NOW))
    assert send_batch(edition.engine, smtp(smtp_sink), TEMPLATES, 1) == 1


def test_a_special_is_rung_for_apart_and_before_the_others(edition: House):
    made = special(edition, 1, "zora")
    with writing(edition.engine) as connection:
        rung = ledger.ring_due(connection, database_now(connection) + timedelta(seconds=1))
    assert [(one.batch_id, one.special) for one in rung] == [(made, True), (1, False)]
