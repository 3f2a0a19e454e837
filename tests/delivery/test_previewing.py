from datetime import timedelta
from typing import Any

import pytest
from dispatching import send_batch
from editing import smtp
from house import TEMPLATES, House, digest, publication
from house import channel as a_channel
from sink import Sink
from sqlalchemy import Engine, select, update

from colporteur.audience.pausing import pause
from colporteur.config import Settings
from colporteur.db import database_now, reading, undoing, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.tables.metadata import metadata
from colporteur.delivery.message import compose
from colporteur.delivery.previewing import Preview, preview
from colporteur.editions import scheduling, steering, store
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.explaining.reasons import Outcome
from colporteur.editions.naming import edition_named
from colporteur.editions.store import Edition
from colporteur.exceptions import UnknownName

DATABASES = ("sqlite",)  # the stores below have their tests on both

SECRET = "k" * 32
DAY = timedelta(days=1)


@pytest.fixture
def today(engine: Engine) -> House:
    """A house on the database's own clock, with two readers and three articles."""
    with reading(engine) as connection:
        house = House(engine, database_now(connection))
    rules = digest(
        cadences={"matin": {"rule": "daily", "at": ["07:00"]}, "vite": {"rule": "instant"}}
    )
    house.apply(publication(channels=[a_channel("actualites", "fr", digest=rules)]))
    house.go_live()
    house.take("Un", topics=("law",), body_html="<p>Un texte.</p>")
    house.take("Deux", topics=("health",))
    house.take("Trois : où va le port ?", topics=("law", "health"))
    house.subscribe("ada@example.org")
    house.subscribe("bea@example.org", topics_in=("law",))
    return house


def _spoil(engine: Engine) -> None:
    with undoing(engine) as connection:
        connection.execute(update(editions).values(state="sent"))
        raise ZeroDivisionError


def previewed(house: House, name: str = "ada", **more: Any) -> Preview:
    words: dict[str, Any] = {"channel": "actualites", "cadence": "matin", "at": None} | more
    settings = Settings(mail_url="smtp://127.0.0.1:9", secret_key=SECRET)
    address = f"{name}@example.org"
    return preview(house.engine, settings, TEMPLATES, address=address, **words)


def arranged(house: House, **wishes: Any) -> Edition:
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        found = edition_named(
            connection, revision, names, channel, "matin", None, by="test", now=house.now
        )
        return arrange(connection, found, Wishes(**wishes), by="test", now=house.now)


def advanced(house: House, edition: Edition) -> None:
    assert edition.slot is not None
    for now in (edition.slot - timedelta(minutes=10), edition.slot):
        with house.open() as (connection, revision, names):
            scheduling.advance(connection, revision, names, now)


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.mark.smtp
def test_the_preview_is_byte_for_byte_what_the_relay_gets(today: House, smtp_sink: Sink):
    edition = arranged(today, lead=1, subject="À lire ce matin", intro="**Bonjour.**")
    before = {name: previewed(today, name).message for name in ("ada", "bea")}
    advanced(today, edition)
    after = {name: previewed(today, name).message for name in ("ada", "bea")}
    with writing(today.engine) as connection:
        connection.execute(update(batches).values(due_at=today.now))
        connection.execute(update(deliveries).values(due_at=today.now))
        batch_id = connection.scalars(select(batches.c.id)).one()
    assert send_batch(today.engine, smtp(smtp_sink), TEMPLATES, batch_id) == 2
    got = {address.partition("@")[0]: content for address, content in smtp_sink.accepted}
    for name in ("ada", "bea"):
        assert before[name] is not None
        assert before[name] == after[name]
        assert compose(before[name]) == got[name]
    assert b"Deux" not in got["bea"]


def test_a_preview_links_to_no_page_that_will_never_be(today: House):
    message = previewed(today).message  # the calendar alone has this edition so far
    assert message is not None
    assert "/editions/" not in message.html + message.text
    arranged(today, lead=1)
    stored = previewed(today).message
    assert stored is not None
    assert "/editions/" in stored.html
    assert "/editions/" in stored.text


def test_a_preview_changes_nothing(today: House):
    arranged(today, lead=1)
    before = everything(today.engine)
    assert previewed(today).message is not None
    at = (today.now + 5 * DAY).strftime("%Y-%m-%dT07:00")
    previewed(today, "bea", at=at)
    assert everything(today.engine) == before
    assert today.take("Quatre").outcome == "added"
    with reading(today.engine) as connection:
        numbers = connection.scalars(select(metadata.tables["articles"].c.number))
        assert sorted(numbers) == [1, 2, 3, 4]


def test_what_fails_in_an_undone_transaction_is_undone_too(today: House):
    arranged(today, lead=1)
    before = everything(today.engine)
    with pytest.raises(ZeroDivisionError):
        _spoil(today.engine)
    assert everything(today.engine) == before


def test_what_earlier_editions_would_bring_is_not_in_a_later_one(today: House):
    at = (today.now + 5 * DAY).strftime("%Y-%m-%dT07:00")
    seen = previewed(today, at=at)
    assert seen.message is None
    assert seen.explanation.outcome is Outcome.NOTHING_FOR_THEM


def test_what_is_scheduled_until_the_freeze_is_in_it(today: House):
    today.take("Plus tard", publish_at=today.now + timedelta(seconds=30))
    edition = arranged(today, intro="Bonjour.")
    assert edition.slot is not None
    seen = previewed(today)
    assert seen.message is not None
    assert "Plus tard" in seen.message.text


def test_a_pause_that_ends_before_it_does_not_count(today: House):
    edition = arranged(today, intro="Bonjour.")
    assert edition.slot is not None
    with today.open() as (connection, _revision, _names):
        until = today.now + timedelta(seconds=1)
        pause(connection, 1, until, backlog=True, by="test", now=today.now)
        pause(connection, 2, edition.slot + DAY, by="test", now=today.now)
    assert previewed(today, "ada").message is not None
    seen = previewed(today, "bea")
    assert seen.message is None
    assert seen.explanation.outcome is Outcome.PAUSED


def test_a_held_edition_is_shown_as_if_it_were_let_go(today: House):
    edition = arranged(today, lead=2)
    with today.open() as (connection, _revision, _names):
        steering.hold(connection, edition, by="test", why="in doubt", now=today.now)
    seen = previewed(today)
    assert seen.message is not None
    assert seen.message.text.index("Deux") < seen.message.text.index("Un")
    with reading(today.engine) as connection:
        assert store.load(connection, edition.id).state is store.State.HELD


def test_in_rehearsal_it_says_that_they_are_not_reached(today: House):
    assert not previewed(today).held_back
    today.rehearse()
    seen = previewed(today)
    assert seen.held_back
    assert seen.message is not None


def test_a_reader_of_another_cadence_is_told_so(today: House):
    with today.open() as (connection, _revision, _names):
        mine = update(metadata.tables["subscriptions"]).values(cadence="vite")
        connection.execute(mine)
        events = metadata.tables["subscriber_events"]
        for row in connection.execute(select(events)).all():
            detail = {**row.detail, "cadence": "vite"}
            connection.execute(update(events).where(events.c.id == row.id).values(detail=detail))
    seen = previewed(today)
    assert (seen.message, seen.explanation.outcome) == (None, Outcome.OTHER_CADENCE)


def test_the_unknown_is_refused(today: House):
    with pytest.raises(UnknownName, match="No subscriber"):
        previewed(today, "nobody")
    with pytest.raises(UnknownName, match="no edition matin"):
        previewed(today, at="2099-01-01T07:30")
    with pytest.raises(UnknownName, match="no coming edition vite"):
        previewed(today, cadence="vite")
