"""What a turn that ended badly leaves behind: nothing in flight for ever, nobody held up."""

from datetime import timedelta

import pytest
from dispatching import send_batch
from editing import ended, owed, smtp, special, whom
from house import TEMPLATES, House, channel, digest, publication
from scripted import Script, scripted
from sink import Sink
from sqlalchemy import select, update

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import backoffs, deliveries
from colporteur.db.tables.editions import edition_articles, editions
from colporteur.delivery import braking, ledger, sending
from colporteur.delivery.sending import Dispatch
from colporteur.editions import steering
from colporteur.editions.freezing import moving
from colporteur.editions.store import load

pytestmark = pytest.mark.smtp


def test_what_was_in_flight_when_its_edition_was_called_off_is_closed(house: House):
    edition_id = owed(house, "amina")
    with writing(house.engine) as connection:
        now = database_now(connection)
        held = ledger.lease(connection, 1, now, 30)
        assert held is not None
        assert ledger.mark_inflight(connection, held, ledger.standings(connection, [1]), now)
        ledger.give_back(connection, held, None)  # its worker could not write what came of it
    with writing(house.engine) as connection:
        edition = load(connection, edition_id)
        steering.cancel(connection, edition, by="test", why="A try.", now=now)
        braking.close_lost(connection, now + timedelta(minutes=5))
    assert ended(house) == [("skipped", "cancelled")]


def test_a_special_that_cannot_be_sent_holds_up_nobody_elses_mail(house: House, smtp_sink: Sink):
    edition_id = owed(house, "amina")
    batch_id = special(house, edition_id, "bruno")
    with writing(house.engine) as connection:
        broken = update(editions).where(editions.c.kind == "special")
        connection.execute(broken.values(revision=None))
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch_id)
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    assert whom(smtp_sink) == ["amina"]


def test_no_readers_address_is_in_the_log_when_refusals_pause_an_edition(
    house: House, smtp_sink: Sink, caplog: pytest.LogCaptureFixture
):
    cautious = channel("actualites", "fr", digest=digest(max_errors=3))
    house.apply(publication(channels=[cautious, channel("nashra", "ar")]))
    names = ("amina", "bruno", "chafik")
    edition_id = owed(house, *names)
    smtp_sink.answers = {
        f"{name}@example.org": f"550 5.7.1 <{name}@example.org>: refused" for name in names
    }
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    with reading(house.engine) as connection:
        assert load(connection, edition_id).state == "paused"
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("colporteur")]
    assert any("is paused" in one for one in ours)
    assert not [one for one in ours if any(f"{name}@" in one for name in names)]


@pytest.mark.redis
def test_a_relay_that_takes_one_connection_never_has_two(house: House, redis_url: str):
    owed(house, *(f"reader{number:03}" for number in range(101)))
    with scripted(Script()) as relay:
        settings = Settings(
            mail_url=f"{relay.url}?connections=1", broker_url=redis_url, secret_key="k" * 32
        )
        workers = [Dispatch(house.engine, settings, TEMPLATES) for _ in range(2)]
        for batch_id, worker in enumerate(workers, 1):
            sending.send_batch(worker, batch_id)
        said = [one[:4] for one in relay.commands if one.startswith(("EHLO", "QUIT"))]
        for worker in workers:
            worker.close()
    assert len(relay.taken) == 101
    assert "EHLO EHLO" not in " ".join(said)


def test_a_message_taken_at_the_same_time_does_not_end_the_rest_of_a_group(house: House):
    with writing(house.engine) as connection:
        now = database_now(connection)
        until = ledger.back_off(connection, "orange", now)
        ledger.served(
            connection, "orange", now
        )  # a message offered before that, and taken after it
        resting = connection.scalar(select(backoffs.c.until))
    assert resting == until


def test_a_digest_that_gets_its_article_back_leaves_though_the_rest_of_its_batch_waits(
    house: House, smtp_sink: Sink
):
    edition_id = owed(house, "amina", "bruno")
    special(house, edition_id, "bruno", due=timedelta(hours=1))
    theirs = deliveries.c.subscriber_id == house.subscribe("bruno@example.org").subscriber_id
    with writing(house.engine) as connection:
        now = database_now(connection)
        special_id = connection.execute(
            select(editions.c.id).where(editions.c.kind == "special")
        ).scalar_one()
        brought = connection.scalars(select(edition_articles.c.article_id)).all()
        assert moving.make_way(connection, special_id, brought, theirs, now) == 1
    smtp_sink.answers = {"amina@example.org": "451 4.2.1 later"}
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    with writing(house.engine) as connection:
        now = database_now(connection)
        steering.cancel(connection, load(connection, special_id), by="test", why="A try.", now=now)
    assert [status for status, _ in ended(house)] == ["deferred", "pending"]
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    assert whom(smtp_sink) == ["bruno"]
