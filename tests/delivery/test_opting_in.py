from datetime import timedelta

import pytest
from house import SITE, House, publication
from hypothesis import given
from hypothesis import strategies as st
from listing import Lists
from sqlalchemy import select

from colporteur import tasks
from colporteur.audience.consent import consent
from colporteur.audience.signing_up import confirm
from colporteur.config import Settings
from colporteur.db import reading
from colporteur.db.tables.audience import consents
from colporteur.db.tables.delivery import letters
from colporteur.delivery.opting_in import ask_imported, refilled
from colporteur.delivery.welcoming.asking import Office
from colporteur.editions import brakes
from colporteur.tasks.opting_in import ask_imported_readers
from colporteur.templating import Templates
from colporteur.tokens import CONFIRM, read_passing

KEY = "k" * 32


@pytest.fixture
def lists(house: House, tmp_path) -> Lists:
    return Lists(house, tmp_path)


def ask(house: House) -> int:
    with house.open() as (connection, revision, names):
        office = Office(revision.publication, names, SITE, KEY)
        return ask_imported(connection, office, house.now)


def written(house: House):
    with reading(house.engine) as connection:
        return connection.execute(select(letters).order_by(letters.c.id)).all()


@given(st.integers(1, 100_000), st.lists(st.floats(0, 600), min_size=1, max_size=200))
def test_however_often_it_is_tried_no_more_are_asked_than_an_hour_allows(per_hour, waits):
    room, asked = refilled(0.0, timedelta(minutes=1), per_hour), 0
    for wait in waits:
        room = refilled(room, timedelta(seconds=wait), per_hour)
        asked += int(room)
        room -= int(room)
    assert asked <= per_hour * (sum(waits) + 120) / 3600 + 1


def test_imported_readers_are_asked_so_many_an_hour_once_each(lists, house):
    house.apply(publication(subscribing={"opt_in_per_hour": 30}))
    lists.read("email\n" + "".join(f"x{n}@example.org\n" for n in range(40)))
    asked = [ask(house)]
    assert ask(house) == 0  # however often it is tried
    for _ in range(30):
        house.now += timedelta(minutes=2)
        asked.append(ask(house))
    assert 29 <= sum(asked) <= 31
    assert max(asked) <= 2
    house.now += timedelta(hours=9)  # nothing is saved up for longer than a minute
    assert ask(house) == 1
    for _ in range(10):
        house.now += timedelta(minutes=2)
        ask(house)
    assert len(written(house)) == len({one.subscriber_id for one in written(house)}) == 40


def test_the_letter_has_the_button_that_subscribes(lists, house):
    lists.read("email,language\nlea@example.org,ar\n")
    assert ask(house) == 1
    (letter,) = written(house)
    assert (letter.message, letter.language) == ("reconfirm", "ar")
    assert letter.content["channels"] == ["Actualites"]
    token = letter.content["confirm_url"].rpartition("/")[2]
    consent_id, _ = read_passing(KEY, CONFIRM, token, house.now)
    with house.open() as (connection, _revision, _names):
        confirm(connection, consent_id, ip=None, now=house.now)
    assert lists.states() == {"lea@example.org": ("active", "active")}


def test_who_stands_on_lists_of_two_channels_is_asked_once_for_both(lists, house):
    for channel in ("actualites", "nashra"):
        lists.read("email\nlea@example.org\n", channel=channel)
    assert (ask(house), ask(house)) == (1, 0)
    house.now += timedelta(hours=1)
    assert ask(house) == 0
    (letter,) = written(house)
    assert letter.content["channels"] == ["Actualites", "Nashra"]
    token = letter.content["confirm_url"].rpartition("/")[2]
    consent_id, _ = read_passing(KEY, CONFIRM, token, house.now)
    with house.open() as (connection, _revision, names):
        begun = confirm(connection, consent_id, ip=None, now=house.now)
        assert len(begun.subscription_ids) == 2
        both = sorted([names.channels["actualites"], names.channels["nashra"]])
        assert consent(connection, consent_id).channels == tuple(both)


def test_who_does_not_wait_any_more_is_not_asked(lists, house):
    lists.read("email\nlea@example.org\nnoe@example.org\n")
    lists.read("email,status\nlea@example.org,unsubscribed\nnoe@example.org,spam\n")
    house.now += timedelta(hours=1)
    assert ask(house) == 0
    assert written(house) == []


def test_nobody_is_asked_while_mail_is_held_back(lists, house, database_url):
    lists.read("email\nlea@example.org\n")
    settings = Settings(database_url=database_url, mail_url="smtp://127.0.0.1:1", secret_key=KEY)
    run = tasks.Runtime(settings, house.engine, Templates(settings.template_folders))

    def asked() -> int:
        ask_imported_readers(run)
        with reading(house.engine) as connection:
            noted = select(consents.c.id).where(consents.c.asked_at.is_not(None))
            return len(connection.scalars(noted).all())

    house.rehearse()
    assert asked() == 0
    house.go_live()
    with house.open() as (connection, _revision, _names):
        brakes.suspend(connection, by="test", why="test", now=house.now)
    assert asked() == 0
    with house.open() as (connection, _revision, _names):
        brakes.release(connection, by="test", now=house.now)
    assert asked() == 1
