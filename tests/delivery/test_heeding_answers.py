"""What relays answer is heeded: groups that ask for patience, editions that go wrong, outages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from dispatching import send_batch
from editing import happens, owed, smtp, whom
from house import NOW, TEMPLATES, House, channel, digest, publication
from servers import free_port
from sink import Sink
from sqlalchemy import select, text, update

from colporteur.config import Settings
from colporteur.db import database_now, make_engine, reading, writing
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.feedback import feedback
from colporteur.delivery import ledger
from colporteur.delivery.letters import read_letter, render
from colporteur.editions.states import Event
from colporteur.editions.store import load

pytestmark = pytest.mark.smtp
TOO_MUCH = "421 4.7.0 Too many connections from your address"


def rows(house: House) -> list[Any]:
    with reading(house.engine) as connection:
        return list(connection.execute(select(deliveries).order_by(deliveries.c.id)))


def send(house: House, sink: Sink, batch: int = 1, **more: Any) -> int:
    return send_batch(house.engine, smtp(sink), TEMPLATES, batch, **more)


def rung(house: House) -> list[int]:
    with writing(house.engine) as connection:
        return [one.batch_id for one in ledger.ring_due(connection, database_now(connection))]


def at_orange(house: House) -> None:
    """Have two batches of addresses at one provider, and one of others."""
    owed(house, "amina", "bruno", "chafik")
    with writing(house.engine) as connection:
        row = dict(connection.execute(select(batches)).mappings().one())
        for number in (2, 3):
            connection.execute(batches.insert().values(row | {"id": number, "batch_no": number}))
        for number in (1, 2):
            named = update(batches).where(batches.c.id == number)
            connection.execute(named.values(domain_group="orange"))
        connection.execute(update(deliveries).where(deliveries.c.id == 3).values(batch_id=2))


def test_a_provider_that_asks_for_patience_rests_and_nobody_else(house: House, smtp_sink: Sink):
    at_orange(house)
    smtp_sink.answers = {"amina@example.org": TOO_MUCH}
    assert send(house, smtp_sink) == 0
    first, second, third = rows(house)
    assert (first.status, first.reason, first.smtp_code) == ("deferred", "rate", 421)
    assert (second.status, second.attempts, third.status) == ("pending", 0, "pending")
    assert rung(house) == [3]
    assert send(house, smtp_sink, 2) == 0  # of the same group: it is not even asked
    with reading(house.engine) as connection:
        wait = connection.scalar(select(batches.c.due_at).where(batches.c.id == 1))
        assert timedelta(seconds=30) < wait - database_now(connection) <= timedelta(minutes=1)


def test_an_address_that_the_relay_does_not_know_gets_no_more(house: House, smtp_sink: Sink):
    owed(house, "amina", "bruno", "chafik")
    smtp_sink.answers = {
        "amina@example.org": "550 5.1.1 <amina@example.org>: User unknown",
        "bruno@example.org": "552 5.2.2 Mailbox full",
    }
    assert send(house, smtp_sink) == 1
    with reading(house.engine) as connection:
        told = connection.execute(select(feedback).order_by(feedback.c.verdict)).all()
        states = connection.scalars(select(subscribers.c.state).order_by(subscribers.c.address))
        assert states.all() == ["bounced", "active", "active"]
    assert [(one.source, one.verdict, one.effect) for one in told] == [
        ("smtp", "hard", "bounced"),
        ("smtp", "soft", None),
    ]
    assert told[0].event_id == f"{told[0].delivery_id}.1"
    assert (told[0].smtp_code, told[0].enhanced_code) == (550, "5.1.1")
    assert told[0].text == "5.1.1 <a…@example.org>: User unknown"


def test_after_its_rest_a_provider_is_served_again(house: House, smtp_sink: Sink):
    at_orange(house)
    smtp_sink.answers = {"amina@example.org": TOO_MUCH}
    send(house, smtp_sink)
    smtp_sink.answers = {}
    with writing(house.engine) as connection:
        connection.execute(text("UPDATE backoffs SET until = :then"), {"then": NOW.isoformat()})
        connection.execute(update(batches).values(due_at=NOW))
    assert send(house, smtp_sink) == 1
    with reading(house.engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM backoffs")) == 0


def test_the_relays_own_name_for_a_message_is_kept(house: House, smtp_sink: Sink):
    owed(house, "amina")
    smtp_sink.taken = "250 2.0.0 Ok: queued as 4F2AB1234C"
    send(house, smtp_sink)
    assert rows(house)[0].relay_id == "4F2AB1234C"


def test_what_is_put_off_is_given_up_when_the_channel_says(house: House, smtp_sink: Sink):
    rules = digest(give_up="1h")
    house.apply(
        publication(channels=[channel("actualites", "fr", digest=rules), channel("nashra", "ar")])
    )
    owed(house, "amina")
    smtp_sink.answers = {"amina@example.org": "451 4.3.0 later"}
    for _ in range(3):
        send(house, smtp_sink)
        with writing(house.engine) as connection:
            connection.execute(update(deliveries).values(next_attempt_at=NOW))
            connection.execute(update(batches).values(due_at=NOW))
    assert [(row.status, row.attempts) for row in rows(house)] == [("failed", 3)]


def test_those_in_charge_are_told_of_an_edition_that_is_stopped(house: House, smtp_sink: Sink):
    house.apply(publication(alerts_to=("technique@relais.example",)))
    names = [f"reader{number:03}" for number in range(101)]
    edition_id = owed(house, *names)
    smtp_sink.answers = {f"{name}@example.org": "554 5.7.1 listed" for name in names}
    for batch in (1, 2):
        send(house, smtp_sink, batch)
    with reading(house.engine) as connection:
        assert load(connection, edition_id).state == "paused"
        (number,) = connection.scalars(select(letters.c.id))
        letter = read_letter(connection, number)
    mail = render(TEMPLATES, letter, publication(), "https://relais.example")
    assert "l’envoi d’une édition a été interrompu" in mail.subject
    for said in ("The relay refused 100 in a row", f"colporteur editions resume {edition_id}"):
        assert said in " ".join(mail.text.split())
    assert "contrôle avant envoi" not in mail.text
    happens(house, edition_id, Event.RESUME)
    with reading(house.engine) as connection:
        assert connection.scalars(select(letters.c.id)).all() == [number]


def test_a_message_at_which_the_relay_hangs_up_holds_up_no_other(house: House, smtp_sink: Sink):
    owed(house, "amina", "bruno", "chafik")
    smtp_sink.hangs_up_on = "amina@example.org"
    send(house, smtp_sink)
    with writing(house.engine) as connection:
        connection.execute(update(batches).values(due_at=NOW))
    assert send(house, smtp_sink) == 2
    assert whom(smtp_sink) == ["bruno", "chafik"]
    first, *others = rows(house)
    assert (first.status, first.smtp_code) == ("deferred", None)
    assert [row.status for row in others] == ["sent", "sent"]


def test_another_relay_serves_when_one_is_away(house: House, smtp_sink: Sink):
    owed(house, "amina", "bruno")
    two = f"smtp://127.0.0.1:{free_port()}?weight=1000 {smtp_sink.url}"
    settings = Settings(mail_url=two, secret_key="k" * 32)
    assert send_batch(house.engine, settings, TEMPLATES, 1) == 2


@pytest.mark.postgresql
def test_answers_outlast_a_database_that_is_lost_in_the_middle(
    postgresql_url: str, smtp_sink: Sink
):
    house = House(make_engine(postgresql_url))
    house.apply(publication())
    house.go_live()
    owed(house, "amina", "bruno", "chafik")
    sendings = send(house, smtp_sink, stopping=cut_after(1, house, smtp_sink), group=2)
    assert sendings == 3
    assert [(row.status, row.possible_duplicates) for row in rows(house)] == [("sent", 0)] * 3
    assert sorted(whom(smtp_sink)) == ["amina", "bruno", "chafik"]
    house.engine.dispose()


def cut_after(count: int, house: House, sink: Sink) -> Callable[[], bool]:
    """End all other connections to the database once, between two messages."""
    done = []

    def asked() -> bool:
        if len(sink.accepted) >= count and not done:
            done.append(True)
            other = make_engine(house.engine.url.render_as_string(hide_password=False))
            with other.begin() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            other.dispose()
        return False

    return asked
