import email.policy
import threading
from datetime import timedelta
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from dispatching import send_batch
from editing import broken_beyond_help
from house import NOW, House
from running import wait_for
from servers import free_port
from sink import Sink
from sqlalchemy import select

from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import unsubscribe
from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers, suppressions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery import ledger
from colporteur.delivery.ledger import Rung
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.delivery.transports import Reply
from colporteur.editions import scheduling
from colporteur.templating import Templates
from colporteur.tokens import BOUNCE, read_tag

pytestmark = pytest.mark.smtp


@pytest.fixture
def templates() -> Templates:
    return Templates(Settings().template_folders)


@pytest.fixture
def edition(house: House) -> House:
    """A house whose readers are owed an edition now."""
    house.take("Tri aux urgences : ce que six mois ont appris", body_html="<p>Un texte.</p>")
    for name in ("amina", "bruno", "chafik"):
        house.subscribe(f"{name}@example.org")
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=NOW)
        scheduling.advance(connection, revision, names, NOW)
    return house


def settings(sink: Sink, **more: Any) -> Settings:
    return Settings(mail_url=sink.url, secret_key="k" * 32, **more)


def rows(house: House) -> list[Any]:
    with reading(house.engine) as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.id)))


def statuses(house: House) -> list[str]:
    return [row.status for row in rows(house)]


def test_each_reader_gets_one_message_with_their_own_link(
    edition: House, smtp_sink: Sink, templates: Templates
):
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 3
    assert statuses(edition) == ["sent"] * 3
    links = set()
    for address, data in smtp_sink.accepted:
        message = BytesParser(policy=email.policy.default).parsebytes(data)
        assert message["To"] == address
        link = message["List-Unsubscribe"].strip("<>")
        for part in message.iter_parts():
            assert link in part.get_content()
            assert "colporteur.invalid" not in part.get_content()
        links.add(link)
    assert len(links) == 3
    assert [row.smtp_code for row in rows(edition)] == [250] * 3


def test_a_bounce_comes_back_to_an_address_of_that_delivery_alone(
    edition: House, smtp_sink: Sink, templates: Templates
):
    with_bounces = settings(smtp_sink, bounce_domain="bounces.relais.example")
    assert send_batch(edition.engine, with_bounces, templates, 1) == 3
    locals_ = [one.removesuffix("@bounces.relais.example") for one in smtp_sink.senders]
    assert all(one.startswith("b+") and len(one) <= 64 for one in locals_)
    found = [read_tag("k" * 32, BOUNCE, one.removeprefix("b+")) for one in locals_]
    assert sorted(found) == [row.id for row in rows(edition)]


def test_a_batch_that_was_sent_sends_nothing_again(
    edition: House, smtp_sink: Sink, templates: Templates
):
    for _ in range(3):
        send_batch(edition.engine, settings(smtp_sink), templates, 1)
    assert len(smtp_sink.accepted) == 3


def test_two_workers_on_one_batch_send_once(edition: House, smtp_sink: Sink, templates: Templates):
    def work() -> None:
        send_batch(edition.engine, settings(smtp_sink), templates, 1)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(address for address, _ in smtp_sink.accepted) == [
        "amina@example.org",
        "bruno@example.org",
        "chafik@example.org",
    ]


def test_a_refusal_fails_one_reader_and_a_delay_defers_one(
    edition: House, smtp_sink: Sink, templates: Templates
):
    smtp_sink.answers = {
        "amina@example.org": "550 5.1.1 no such user",
        "bruno@example.org": "451 4.7.1 come back later",
    }
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 1
    amina, bruno, chafik = rows(edition)
    assert (amina.status, amina.enhanced_code) == ("failed", "5.1.1")
    assert (bruno.status, bruno.smtp_code, chafik.status) == ("deferred", 451, "sent")
    with reading(edition.engine) as connection:
        batch = connection.execute(select(batches)).one()
    assert (batch.status, batch.due_at) == ("pending", bruno.next_attempt_at)


def test_a_relay_that_is_away_costs_nobody_their_message(
    edition: House, smtp_sink: Sink, templates: Templates
):
    away = Settings(mail_url=f"smtp://127.0.0.1:{free_port()}", secret_key="k" * 32)
    assert send_batch(edition.engine, away, templates, 1) == 0
    assert statuses(edition) == ["pending"] * 3
    assert [row.possible_duplicates for row in rows(edition)] == [0] * 3
    with writing(edition.engine) as connection:
        (batch,) = connection.execute(select(batches)).all()
        assert batch.due_at > database_now(connection)  # it rests before the next try
        connection.execute(batches.update().values(due_at=NOW))
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 3


def test_a_reader_who_left_or_is_suppressed_after_the_freeze_is_skipped_with_the_reason(
    edition: House, smtp_sink: Sink, templates: Templates
):
    with writing(edition.engine) as connection:
        unsubscribe(connection, 1, by="test", now=NOW)
        hashed = parse_address("bruno@example.org").hash
        connection.execute(
            suppressions.insert().values(address_hash=hashed, reason="asked", at=NOW)
        )
    send_batch(edition.engine, settings(smtp_sink), templates, 1)
    assert [(row.status, row.reason) for row in rows(edition)] == [
        ("skipped", "unsubscribed"),
        ("skipped", "suppressed"),
        ("sent", None),
    ]
    assert [address for address, _ in smtp_sink.accepted] == ["chafik@example.org"]


def test_a_dead_workers_batch_is_taken_over_and_the_message_in_flight_counted(
    edition: House, smtp_sink: Sink, templates: Templates
):
    with writing(edition.engine) as connection:
        now = database_now(connection)
        dead = ledger.lease(connection, 1, now - timedelta(minutes=5), 30)
        assert dead is not None
        assert ledger.mark_inflight(connection, dead, ledger.standings(connection, [1]), now)
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 3
    assert [row.possible_duplicates for row in rows(edition)] == [1, 0, 0]
    with writing(edition.engine) as connection:  # the dead one wakes up: its lease is gone
        connection.execute(deliveries.update().values(status="pending"))
        seconds = ledger.standings(connection, [2])
        assert not ledger.mark_inflight(connection, dead, seconds, utcnow())
        assert ledger.extend(connection, dead, utcnow(), 30) is None


def test_a_stopping_worker_gives_the_rest_back(
    edition: House, smtp_sink: Sink, templates: Templates
):
    def stop_after_one() -> bool:
        return len(smtp_sink.accepted) >= 1

    send_batch(edition.engine, settings(smtp_sink), templates, 1, stopping=stop_after_one)
    assert statuses(edition) == ["sent", "pending", "pending"]
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 2


def test_a_relay_slower_than_the_lease_gets_each_message_once(
    edition: House, smtp_sink: Sink, templates: Templates
):
    smtp_sink.slow = {"amina@example.org": 7}
    short = settings(smtp_sink, lease_seconds=5)
    first = threading.Thread(target=send_batch, args=(edition.engine, short, templates, 1))
    first.start()
    wait_for(lambda: "inflight" in statuses(edition))  # else this thread may take the batch
    while first.is_alive():
        assert send_batch(edition.engine, short, templates, 1) == 0
        first.join(0.5)
    assert statuses(edition) == ["sent"] * 3
    assert len(smtp_sink.accepted) == 3


def test_a_message_taken_after_the_lease_was_lost_is_sent_and_not_sent_again(
    edition: House, smtp_sink: Sink, templates: Templates
):
    with writing(edition.engine) as connection:
        now = database_now(connection)
        late = ledger.lease(connection, 1, now - timedelta(minutes=1), 30)
        assert late is not None
        ledger.mark_inflight(connection, late, ledger.standings(connection, [1]), now)
    with writing(edition.engine) as connection:  # another takes over, and has not sent it yet
        taken_over = ledger.lease(connection, 1, now, 30)
        assert taken_over is not None
        taken = ledger.Came(1, Outcome(Status.SENT), Reply(250, "ok"))
        ledger.record(connection, late, [taken], now)
        ledger.give_back(connection, taken_over, None)
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 2
    assert statuses(edition) == ["sent"] * 3


def test_an_answer_is_recorded_without_control_characters_and_addresses(
    edition: House, smtp_sink: Sink, templates: Templates
):
    smtp_sink.taken = "250 2.0.0 ok\0nul\x1b[31m <amina@example.org>"
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 3
    assert rows(edition)[0].reply == "2.0.0 ok nul [31m <a…@example.org>"


def test_a_relay_that_hangs_up_after_a_refusal_is_believed_and_the_others_are_served(
    edition: House, smtp_sink: Sink, templates: Templates
):
    smtp_sink.answers = {"amina@example.org": "550 5.1.1 no such user"}
    smtp_sink.hangs_up = True
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 2
    assert statuses(edition) == ["failed", "sent", "sent"]
    assert [address for address, _ in smtp_sink.accepted] == [
        "bruno@example.org",
        "chafik@example.org",
    ]


@pytest.mark.parametrize("address", ["no address at all", f"{'a' * 65}@example.org"])
def test_one_that_nobody_can_write_to_is_skipped_with_the_reason_and_the_others_leave(
    edition: House, smtp_sink: Sink, templates: Templates, address: str
):
    with writing(edition.engine) as connection:
        broken = subscribers.update().where(subscribers.c.address == "amina@example.org")
        connection.execute(broken.values(address=address))
    assert send_batch(edition.engine, settings(smtp_sink), templates, 1) == 2
    assert statuses(edition) == ["skipped", "sent", "sent"]
    assert [row.reason for row in rows(edition)] == ["bad_address", None, None]
    with reading(edition.engine) as connection:
        assert connection.execute(select(batches)).one().status == "done"


def test_a_broken_template_sends_nothing_and_loses_nothing(
    edition: House, smtp_sink: Sink, templates: Templates, tmp_path: Path
):
    mine = broken_beyond_help(tmp_path, "email/digest/body.html.j2", "<p>\n{{ nothing.of.that }}")
    assert send_batch(edition.engine, settings(smtp_sink), mine, 1) == 0
    assert statuses(edition) == ["pending"] * 3


def test_due_batches_are_rung_for_once_and_again_when_nobody_came(edition: House):
    with writing(edition.engine) as connection:
        now = database_now(connection)
        assert ledger.ring_due(connection, now) == [Rung(1, special=False)]
        assert ledger.ring_due(connection, now) == []
        again = ledger.ring_due(connection, now + timedelta(seconds=11))
        assert again == [Rung(1, special=False)]
