"""An edition as it stands, sent to people who look it over: nothing of it is the edition's."""

import email.policy
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from dispatching import send_batch
from editing import smtp
from house import TEMPLATES, House, digest, publication
from house import channel as a_channel
from sink import Sink
from sqlalchemy import Engine, func, insert, select

from colporteur.audience.addresses import parse_address
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers, suppressions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.delivery import ledger
from colporteur.delivery.proofs import Proof, post, posted, proof
from colporteur.delivery.standing import Wanted
from colporteur.editions import brakes, scheduling
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.naming import Named, edition_named
from colporteur.editions.specials import Special, draft
from colporteur.exceptions import AddressRefused, ColporteurError, UnknownName

DATABASES = ("sqlite",)  # the stores below have their tests on both

RELAY = Settings(mail_url="smtp://127.0.0.1:9", secret_key="k" * 32)


@pytest.fixture
def today(engine: Engine) -> House:
    """A live house on the database's clock: one reader who filters, three articles."""
    with reading(engine) as connection:
        house = House(engine, database_now(connection))
    rules = digest(max_items=2)
    channels = [a_channel("nashra", "ar"), a_channel("actualites", "fr", digest=rules)]
    house.apply(publication(channels=channels))
    house.go_live()
    for number, topics in enumerate((("law",), ("health",), ("law",))):
        dated = house.now - timedelta(hours=number)
        house.take(f"Titre {number + 1}", topics=topics, dated_at=dated)
    house.subscribe("ada@example.org", channel="nashra")
    house.subscribe("ada@example.org", topics_in=("health",))
    return house


def made(house: House, **said: Any) -> Proof:
    seen = {name: said.pop(name) for name in ("reader", "layout") if name in said}
    named = Named("actualites", **({"cadence": "matin"} | said))
    wanted = Wanted(named, **seen)
    return proof(house.engine, RELAY, TEMPLATES, wanted)


def sent(house: House, sink: Sink, one: Proof, *addresses: str) -> list[EmailMessage]:
    settings = smtp(sink)
    with house.open() as (connection, revision, _names):
        now = database_now(connection)
        held = brakes.in_force(connection, revision.publication, real_relay=True)
        purposes = post(connection, one, addresses, held, now)
        due = ledger.ring_due(connection, now)
    for batch in due:
        send_batch(house.engine, settings, TEMPLATES, batch.batch_id)
    with reading(house.engine) as connection:
        assert [copy.status for copy in posted(connection, purposes)] == ["sent"] * len(purposes)
    parse = BytesParser(policy=email.policy.default).parsebytes
    return [parse(data) for _, data in sink.accepted[-len(purposes) :]]  # type: ignore[misc]


def counted(house: House) -> list[int]:
    tables = (editions, variants, edition_articles, subscribers, deliveries)
    with reading(house.engine) as connection:
        return [connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables]


def special(house: House, **said: Any) -> int:
    with house.open() as (connection, revision, names):
        home = revision.publication.channel("actualites")
        whom = Audience(channels=(names.channels["actualites"],))
        content = Special(home=home, audience=whom, **said)
        return draft(connection, content, names, key="k", by="test", now=house.now).id


@pytest.mark.smtp
def test_a_test_is_the_whole_edition_marked_and_bound_to_nobody(today: House, smtp_sink: Sink):
    before = counted(today)
    found = made(today)
    assert counted(today) == before
    (message,) = sent(today, smtp_sink, found, "chef@relais.example")
    assert message["To"] == "chef@relais.example"
    assert message["Subject"] == "[Essai] Titre 1 (et 2 autres)"
    assert [name for name in message if name.startswith("List-") or name == "Precedence"] == []
    for part in message.iter_parts():
        body = part.get_content()
        assert "Essai, envoyé aux seules adresses indiquées" in " ".join(body.split())
        assert "Titre 1" in body
        assert "Titre 2" in body
        assert "/unsubscribe" not in body
        assert "/actualites" in body
    assert "prefers-color-scheme" in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert counted(today) == [*before[:-1], before[-1] + 1]


@pytest.mark.smtp
def test_each_time_it_is_sent_anew_and_once_to_each_address(today: House, smtp_sink: Sink):
    found = made(today)
    first = sent(today, smtp_sink, found, "chef@relais.example", "CHEF@relais.example")
    again = sent(today, smtp_sink, found, "chef@relais.example")
    assert len(smtp_sink.accepted) == 2
    assert first[0]["Message-ID"] != again[0]["Message-ID"]


def test_for_a_reader_it_is_what_they_would_get(today: House):
    text = made(today, reader="ada@example.org").rendering.text
    assert "Titre 2" in text
    assert "Titre 1" not in text
    with pytest.raises(UnknownName, match="No subscriber"):
        made(today, reader="nobody@example.org")


def test_it_can_be_seen_in_another_layout(today: House):
    assert made(today).rendering.html != made(today, layout="headlines").rendering.html


def test_what_an_editor_arranged_is_in_it(today: House):
    with today.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        edition = edition_named(
            connection, revision, names, channel, "matin", None, by="test", now=today.now
        )
        wishes = Wishes(lead=3, subject="À lire", intro="**Bonjour.**")
        arrange(connection, edition, wishes, by="test", now=today.now)
    found = made(today).rendering
    assert found.subject == "À lire"
    assert found.text.index("Bonjour.") < found.text.index("Titre 3") < found.text.index("Titre 1")


def test_a_fixed_edition_is_shown_with_what_it_was_fixed_with(today: House):
    with today.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        edition, _ = scheduling.send_now(
            connection, revision, names, channel, "matin", by="test", now=today.now
        )
    today.take("Trop tard", topics=("health",))
    text = made(today, cadence="", edition=edition.id).rendering.text
    assert "Titre 2" in text
    assert "Trop tard" not in text
    assert "Trop tard" in made(today).rendering.text


def test_a_specials_draft_is_shown_before_anybody_confirms_it(today: House):
    before = counted(today)
    number = special(today, articles=(2, 1), note="Une note.", subject="Édition spéciale")
    found = made(today, cadence="", edition=number).rendering
    assert found.subject == "Édition spéciale"
    assert found.text.index("Une note.") < found.text.index("Titre 2") < found.text.index("Titre 1")
    assert counted(today) == [before[0] + 1, *before[1:]]
    assert "Titre 2" in made(today, cadence="", key="k", reader="ada@example.org").rendering.text
    with pytest.raises(UnknownName, match="no special edition of the key"):
        made(today, cadence="", key="alerte")


def test_an_edition_that_would_bring_nothing_is_told_so(today: House):
    at = (today.now + timedelta(days=3)).strftime("%Y-%m-%dT07:00")
    with pytest.raises(ColporteurError, match="There is nothing to send"):
        made(today, at=at)
    with pytest.raises(ColporteurError, match="There is nothing to send"):
        made(today, at=at, reader="ada@example.org")
    with pytest.raises(UnknownName):
        made(today, cadence="", edition=77)


def test_in_rehearsal_only_the_staff_get_it_and_nobody_barred_ever_does(today: House):
    found = made(today)
    today.rehearse()
    staffed = publication(alerts_to=["it@relais.example"])

    def posts(*addresses: str) -> None:
        with writing(today.engine) as connection:
            held = brakes.in_force(connection, staffed, real_relay=True)
            post(connection, found, addresses, held, today.now)

    with pytest.raises(AddressRefused, match="this is a rehearsal"):
        posts("it@relais.example", "ada@example.org")
    assert counted(today)[-1] == 0
    posts("it@relais.example")
    assert counted(today)[-1] == 1
    with writing(today.engine) as connection:
        barred = {"address_hash": parse_address("it@relais.example").hash, "reason": "asked"}
        connection.execute(insert(suppressions).values(**barred, at=today.now))
    with pytest.raises(AddressRefused, match="do-not-mail"):
        posts("it@relais.example")
