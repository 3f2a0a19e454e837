import email.policy
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from html import unescape
from typing import Any

import pytest
from dispatching import send_batch
from house import NOW, TEMPLATES, House, channel, publication
from sink import Sink
from sqlalchemy import insert, select, update

from colporteur.articles.sources import store
from colporteur.audience.addresses import parse_address
from colporteur.audience.suppressing import Reason, suppress
from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers, suppressions
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.sources import sources
from colporteur.delivery import ledger
from colporteur.delivery.alerts import tell_of_failing_sources
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import CONFIRM, GOODBYE

pytestmark = pytest.mark.smtp
URL = "https://site.example/feed?a=1&b=2"
WHO = ("it@relais.example", "chef@relais.example")


def failing(house: House, *, language: str = "fr") -> None:
    """A source of the house has been failing for more than a day."""
    others = [one for one in ("fr", "ar") if one != language]
    more = {"languages": [language, *others], "alerts_to": WHO}
    if language == "en":
        more["postal_address"] = {"en": "1 Test Street", "fr": "1 rue", "ar": "باريس"}
        more["topics"] = {}
    own = channel("actualites", "fr", sources=[{"url": URL}], topics=[])
    house.apply(publication(**more, channels=[own, channel("nashra", "ar", topics=[])]))
    with house.open() as (connection, revision, names):
        now = utcnow()
        store.sync(connection, revision, names, now)
        since = now - timedelta(hours=25)
        problem = "The answer is a web page (HTML), not a feed. <b>Check</b> it."
        values = {"failing_since": since, "failures": 3, "problem": problem, "tried_at": now}
        connection.execute(update(sources).values(values))


def tell(house: House) -> int:
    with house.open() as (connection, revision, names):
        return tell_of_failing_sources(connection, revision, names, utcnow())


def send(house: House, sink: Sink) -> list[EmailMessage]:
    settings = Settings(mail_url=sink.url, secret_key="k" * 32)
    with writing(house.engine) as connection:
        due = ledger.ring_due(connection, database_now(connection))
    for one in due:
        send_batch(house.engine, settings, TEMPLATES, one.batch_id)
    parse = BytesParser(policy=email.policy.default).parsebytes
    return [parse(data) for _, data in sink.accepted]  # type: ignore[misc]


def test_each_address_gets_one_letter_about_a_source_that_fails_for_a_day(
    house: House, smtp_sink: Sink, caplog: pytest.LogCaptureFixture
):
    failing(house)
    assert tell(house) == 2
    assert "has been failing for a day" in caplog.text
    first, second = send(house, smtp_sink)
    assert (first["To"], second["To"]) == WHO
    assert first["Subject"] == "Actualites : une source ne répond plus depuis un jour"
    for part in first.iter_parts():
        text = part.get_content()
        assert "3 essais ont échoué depuis" in " ".join(text.split())
        assert "web page (HTML)" in text
        assert ("&lt;b&gt;" in text) is (part.get_content_type() == "text/html")
    assert URL in first.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    with reading(house.engine) as connection:
        assert set(connection.scalars(select(deliveries.c.status))) == {"sent"}
        assert set(connection.scalars(select(batches.c.priority))) == {0}


def test_a_letter_is_of_no_list_and_says_that_a_machine_wrote_it(house: House, smtp_sink: Sink):
    failing(house)
    tell(house)
    message = send(house, smtp_sink)[0]
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence"):
        assert message[name] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Le Relais <bonjour@relais.example>"


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [
        ("en", "A source of Actualites has been failing for a day", "ltr"),
        ("ar", "Actualites: أحد المصادر معطل منذ يوم", "rtl"),
    ],
)
def test_a_letter_speaks_the_publications_first_language(
    house: House, smtp_sink: Sink, language: str, words: str, direction: str
):
    failing(house, language=language)
    tell(house)
    message = send(house, smtp_sink)[0]
    assert message["Subject"] == words
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'dir="{direction}"' in html
    assert "3 " in html


def test_nobody_is_told_twice_of_one_spell_and_again_of_the_next(house: House):
    failing(house)
    assert tell(house) == 2
    assert tell(house) == 0
    with writing(house.engine) as connection:
        spell = {"failing_since": utcnow() - timedelta(hours=24, minutes=1), "alerted_at": None}
        connection.execute(update(sources).values(spell))
    assert tell(house) == 2
    with reading(house.engine) as connection:
        assert len(connection.execute(select(letters)).all()) == 4


def test_an_address_on_the_do_not_mail_list_gets_no_letter(house: House, smtp_sink: Sink):
    failing(house)
    tell(house)
    with writing(house.engine) as connection:
        barred = parse_address(WHO[0]).hash
        connection.execute(insert(suppressions).values(address_hash=barred, reason="asked", at=NOW))
    assert [one["To"] for one in send(house, smtp_sink)] == [WHO[1]]


@pytest.mark.parametrize(
    ("language", "words", "cure"),
    [
        ("fr", "Actualites : une source a disparu pour de bon", "Elle n’est plus interrogée."),
        ("en", "A source of Actualites is gone for good", "It is not asked any more."),
        ("ar", "Actualites: زال أحد المصادر نهائياً", "لن يُسأل بعد الآن."),
    ],
)
def test_a_source_that_is_gone_is_told_of_in_its_own_words(
    house: House, smtp_sink: Sink, language: str, words: str, cure: str
):
    failing(house, language=language)
    with writing(house.engine) as connection:
        gone = {"state": "gone", "failing_since": utcnow()}
        connection.execute(update(sources).values(gone))
    assert [tell(house), tell(house)] == [2, 0]
    message = send(house, smtp_sink)[0]
    assert message["Subject"] == words
    for kind in ("html", "plain"):
        text = " ".join(message.get_body((kind,)).get_content().split())  # type: ignore[union-attr]
        assert cure in text
        assert f'colporteur articles poll "{URL}"' in unescape(text)


def to_subscriber(house: House, *, language: str = "fr") -> int:
    """A farewell to somebody; their id."""
    found = house.subscribe("amina@example.org")
    content = {"channels": ["Actualités"], "undo_url": "https://relais.example/undo/x"}
    words: tuple[Any, ...] = ("goodbye:1", GOODBYE, found.subscriber_id, language, content)
    with writing(house.engine) as connection:
        now = database_now(connection)
        assert write_letter(connection, *words, now)
        assert not write_letter(connection, *words, now)
    return found.subscriber_id


def test_a_letter_to_a_subscriber_goes_to_the_address_they_have_when_it_leaves(
    house: House, smtp_sink: Sink
):
    reader = to_subscriber(house)
    with writing(house.engine) as connection:
        moved = {"address": "Amina@éxample.org", "state": "unsubscribed"}
        connection.execute(update(subscribers).where(subscribers.c.id == reader).values(moved))
    (message,) = send(house, smtp_sink)
    assert message["To"] == "Amina@xn--xample-9ua.org"
    assert message["Subject"] == "Vous ne recevrez plus Actualités"
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    ("gone", "reason"), [({"address": None}, "unsubscribed"), ({}, "suppressed")]
)
def test_who_was_erased_or_is_on_the_do_not_mail_list_gets_no_letter(
    house: House, smtp_sink: Sink, gone: dict[str, None], reason: str
):
    to_subscriber(house)
    with writing(house.engine) as connection:
        if gone:
            connection.execute(update(subscribers).values(gone))
        else:
            barred = {"address_hash": parse_address("amina@example.org").hash, "reason": "asked"}
            connection.execute(insert(suppressions).values(**barred, at=NOW))
    assert send(house, smtp_sink) == []
    with reading(house.engine) as connection:
        (row,) = connection.execute(select(deliveries.c.status, deliveries.c.reason))
    assert tuple(row) == ("skipped", reason)


@pytest.mark.parametrize(
    ("reason", "written"), [("bounced", True), ("erased", True), ("manual", False)]
)
def test_who_subscribes_anew_is_asked_to_confirm_unless_they_forbade_it(
    house: House, smtp_sink: Sink, reason: str, written: bool
):
    with writing(house.engine) as connection:
        suppress(connection, parse_address("amina@example.org").hash, Reason(reason), NOW)
        now = database_now(connection)
        said = {"channels": ["Actualités"], "confirm_url": "https://relais.example/c", "hours": 72}
        write_letter(connection, "confirm:1", CONFIRM, "amina@example.org", "fr", said, now)
        said = {"channels": ["Actualités"], "undo_url": "https://relais.example/undo/x"}
        write_letter(connection, "goodbye:1", GOODBYE, "amina@example.org", "fr", said, now)
    subjects = [one["Subject"] for one in send(house, smtp_sink)]
    assert len(subjects) == int(written)
    assert all("bouton" in one for one in subjects)


def test_a_letter_is_from_who_sends_in_its_language_and_keeps_its_message_id(
    house: House, smtp_sink: Sink
):
    arabic = {"ar": {"name": "لو رولي", "address": "ar@nashra.example"}}
    house.apply(publication(senders=arabic))
    to_subscriber(house, language="ar")
    (first,) = send(house, smtp_sink)
    assert first["From"] == "لو رولي <ar@nashra.example>"
    assert first["Message-ID"].endswith("@nashra.example>")
    with writing(house.engine) as connection:  # as if its worker had died before the answer
        connection.execute(update(deliveries).values(status="pending"))
        connection.execute(update(batches).values(status="pending", enqueued_at=None))
    again = send(house, smtp_sink)[1]
    assert again["Message-ID"] == first["Message-ID"]
