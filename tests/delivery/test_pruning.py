"""What is forgotten, when, and what must not be."""

from datetime import timedelta
from typing import Any

import pytest
from dispatching import send_batch
from house import NOW, TEMPLATES, House, publication
from sink import Sink
from sqlalchemy import func, insert, select

from colporteur.audience.consent import Asked, consents_of, note_consent
from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import reading, writing
from colporteur.db.tables import metadata
from colporteur.db.tables.delivery import letters
from colporteur.db.tables.feedback import feedback, feedback_dropped
from colporteur.delivery.letters import write_letter
from colporteur.delivery.pruning import count_old, prune
from colporteur.digests.letters import GOODBYE
from colporteur.editions import scheduling
from colporteur.staff import people, sessions
from colporteur.tasks import Runtime
from colporteur.tasks.nightly import prune_nightly

pytestmark = pytest.mark.smtp
DAY = timedelta(days=1)


def count(house: House, table: str) -> int:
    with reading(house.engine) as connection:
        found = connection.scalar(select(func.count()).select_from(metadata.tables[table]))
    return found or 0


def forgotten(house: House, after: timedelta, *, chunk: int = 5000) -> dict[str, int]:
    counts: dict[str, int] = {}
    for what, rows in prune(house.engine, publication(), NOW + after, chunk=chunk):
        assert rows <= chunk
        counts[what] = counts.get(what, 0) + rows
    return counts


@pytest.fixture
def sent(house: House, smtp_sink: Sink) -> House:
    """A house whose three readers have got an edition."""
    house.take("Tri aux urgences : ce que six mois ont appris", body_html="<p>Un texte.</p>")
    for name in ("amina", "bruno", "chafik"):
        house.subscribe(f"{name}@example.org")
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=NOW)
        scheduling.advance(connection, revision, names, NOW)
    settings = Settings(mail_url=smtp_sink.url, secret_key="k" * 32)
    assert send_batch(house.engine, settings, TEMPLATES, 1) == 3
    with writing(house.engine) as connection:
        scheduling.finish(connection, NOW)
    return house


def test_deliveries_are_kept_for_a_year_and_a_month_and_forgotten_in_small_steps(sent: House):
    assert forgotten(sent, 399 * DAY) == {}
    with reading(sent.engine) as connection:
        assert count_old(connection, publication(), NOW + 401 * DAY)["deliveries"] == 3
    assert forgotten(sent, 401 * DAY, chunk=2) == {"deliveries": 3}
    assert count(sent, "deliveries") == 0
    assert count(sent, "batches") == 1  # its counts tell how it went


def test_no_delivery_is_forgotten_whose_article_could_go_out_again(sent: House):
    short: dict[str, Any] = {"retention": {"deliveries": "8d"}}
    kept = list(prune(sent.engine, publication(**short), NOW + 9 * DAY))
    assert kept == []  # a freeze looks further back than max_age
    later = list(prune(sent.engine, publication(**short), NOW + 30 * DAY))
    assert later == [("deliveries", 3)]


def test_an_address_of_a_computer_is_forgotten_and_the_consent_stays(house: House):
    found = house.subscribe("amina@example.org")
    with writing(house.engine) as connection:
        asked = Asked("form", "Oui", "https://relais.example/", ip="192.0.2.7")
        note_consent(connection, found.subscriber_id, [1], asked, NOW)
    assert forgotten(house, 29 * DAY) == {}
    assert forgotten(house, 31 * DAY) == {"ips": 1}
    with reading(house.engine) as connection:
        records = consents_of(connection, found.subscriber_id)
    assert [(one.ip, one.form_url, one.at) for one in records] == [
        (None, "https://relais.example/", NOW)
    ]


def test_what_came_back_is_forgotten_in_two_steps_its_bytes_first(house: House):
    with writing(house.engine) as connection:
        row = {"source": "lmtp", "event_id": "1", "at": NOW, "kind": "bounce", "subscriber_id": 1}
        connection.execute(insert(feedback).values(**row, text="", raw=b"Subject: x"))
        day = {"day": f"{NOW:%Y-%m-%d}", "source": "lmtp", "reason": "forged", "count": 3}
        connection.execute(insert(feedback_dropped).values(day))
    assert forgotten(house, 31 * DAY) == {"raw_bounces": 1}
    assert (count(house, "feedback"), count(house, "feedback_dropped")) == (1, 1)
    assert forgotten(house, 401 * DAY) == {"bounces": 1, "dropped": 1}
    assert (count(house, "feedback"), count(house, "feedback_dropped")) == (0, 0)


def test_a_letters_words_are_forgotten_and_it_is_not_written_again(house: House, smtp_sink: Sink):
    words: tuple[Any, ...] = ("goodbye:1", GOODBYE, "amina@example.org", "fr")
    said = {"channels": ["Actualités"], "undo_url": "https://relais.example/undo/x"}
    with writing(house.engine) as connection:
        assert write_letter(connection, *words, said, NOW)
    assert forgotten(house, 91 * DAY) == {}  # it has not left
    settings = Settings(mail_url=smtp_sink.url, secret_key="k" * 32)
    assert send_batch(house.engine, settings, TEMPLATES, 1) == 1
    assert forgotten(house, 91 * DAY) == {"letters": 1}
    assert forgotten(house, 91 * DAY) == {}
    with writing(house.engine) as connection:
        row = connection.execute(select(letters)).one()
        assert (row.address, row.content) == (None, {})
        assert not write_letter(connection, *words, said, NOW)


def test_each_night_once(sent: House):
    run = Runtime(Settings(secret_key="k" * 32), sent.engine, TEMPLATES)
    with writing(sent.engine) as connection:
        row = {"source": "smtp", "event_id": "1", "at": NOW - 500 * DAY, "kind": "bounce"}
        connection.execute(insert(feedback).values(**row, subscriber_id=1, text=""))
        person, _ = people.add(connection, "a@relais.example", name="", role=None, now=NOW)
        sessions.begin(connection, person, agent="", ip="203.0.113.9", now=NOW - 500 * DAY)
    sent.apply(publication(timezone=_where_it_is(12)))
    prune_nightly(run)
    assert count(sent, "feedback") == 0
    assert count(sent, "sessions") == 0
    with writing(sent.engine) as connection:
        connection.execute(insert(feedback).values(**row, subscriber_id=1, text=""))
    prune_nightly(run)
    assert count(sent, "feedback") == 1


def test_nothing_is_forgotten_in_the_evening_hours_after_midnight(sent: House):
    run = Runtime(Settings(secret_key="k" * 32), sent.engine, TEMPLATES)
    with writing(sent.engine) as connection:
        row = {"source": "smtp", "event_id": "1", "at": NOW - 500 * DAY, "kind": "bounce"}
        connection.execute(insert(feedback).values(**row, subscriber_id=1, text=""))
    sent.apply(publication(timezone=_where_it_is(1)))
    prune_nightly(run)
    assert count(sent, "feedback") == 1
    assert count(sent, "deliveries") == 3


def _where_it_is(hour: int) -> str:
    """A zone where it is that hour of the day now, by the database's clock."""
    ahead = (hour - utcnow().hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"
