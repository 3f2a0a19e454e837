"""What a relay's silence, or the database's, in the midst of a batch costs: nobody and nothing."""

import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from dispatching import send_batch
from editing import owed, smtp
from house import TEMPLATES, House
from scripted import Relay, Script, scripted
from sink import Sink
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from colporteur.config import Settings
from colporteur.config.relay import parse_relay
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel
from colporteur.delivery.transports.smtp import SmtpTransport, Timeouts

pytestmark = pytest.mark.smtp


def rows(house: House) -> list[Any]:
    with reading(house.engine) as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.id)))


def half_a_minute_passes(house: House) -> None:
    """Whatever waits has waited for half a minute longer."""
    with writing(house.engine) as connection:
        for column in (batches.c.due_at, deliveries.c.next_attempt_at):
            table = column.table
            for row in connection.execute(select(table.c.id, column).where(column.is_not(None))):
                mine = update(table).where(table.c.id == row[0])
                connection.execute(mine.values({column: row[1] - timedelta(seconds=31)}))


def relayed(relay: Relay) -> Settings:
    return Settings(mail_url=relay.url, secret_key="k" * 32)


def test_a_message_at_which_a_relay_hangs_up_each_time_holds_up_no_other(house: House):
    owed(house, "amina", "bruno", "chafik")
    with scripted(Script(answers={"BODY": [None, "250 Ok"]})) as relay:
        send_batch(house.engine, relayed(relay), TEMPLATES, 1)
        half_a_minute_passes(house)
        assert rows(house)[0].status == "deferred"
        relay.commands.clear()
        send_batch(house.engine, relayed(relay), TEMPLATES, 1)
    offered = [one for one in relay.commands if one.startswith("RCPT")]
    assert "amina" in offered[-1]  # hung up at her message, the relay has taken the others


def test_a_relay_that_takes_messages_and_never_says_so_is_tried_less_and_less_often(house: House):
    owed(house, "amina")
    with scripted(Script(answers={"BODY": None})) as relay:
        for _ in range(8):  # at once, after half a minute, and then as what is put off
            send_batch(house.engine, relayed(relay), TEMPLATES, 1)
            half_a_minute_passes(house)
        assert len(relay.ended) == 2
    (row,) = rows(house)
    assert (row.attempts, row.possible_duplicates) == (2, 2)


def test_what_was_taken_before_the_database_went_away_in_the_midst_of_a_group_is_recorded(
    house: House, smtp_sink: Sink
):
    owed(house, *(f"reader{number}" for number in range(6)))
    smtp_sink.slow = {f"reader{number}@example.org": 0.2 for number in range(6)}
    gone = threading.Event()

    def away(*_: Any) -> None:
        if len(smtp_sink.accepted) >= 3 and not gone.is_set():
            gone.set()
            raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    event.listen(house.engine, "begin", away)
    with suppress(OperationalError):
        send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    event.remove(house.engine, "begin", away)
    assert gone.is_set()
    half_a_minute_passes(house)
    send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1)
    assert len(smtp_sink.accepted) == 6
    assert sum(row.possible_duplicates for row in rows(house)) == 0


@pytest.mark.parametrize("verb", ["MAIL", "DATA"])
def test_a_stopping_worker_does_not_connect_again_to_a_relay_that_went_silent(verb: str):
    usual = {"MAIL": "250 Ok", "DATA": "354 Go on"}[verb]
    with scripted(Script(answers={verb: [usual, ...]})) as relay:
        out = SmtpTransport(parse_relay(relay.url), Timeouts(greeting=5, command=5, data=5))

        def hurry() -> None:
            relay.script.answers = {"GREETING": ...}
            out.interrupt()

        stopper = threading.Timer(0.3, hurry)
        stopper.start()
        began = time.monotonic()
        whom = [Envelope("a@relais.example", f"r{at}@example.org") for at in range(2)]
        said = [Parcel(at, one, b"Subject: x\r\n\r\nx\r\n") for at, one in enumerate(whom)]
        results = list(out.deliver(said))
        took = time.monotonic() - began
        out.close()
    assert [one.reply.code if one.reply else None for one in results] == [250, None]
    assert took < 2
    assert relay.connections == 1
