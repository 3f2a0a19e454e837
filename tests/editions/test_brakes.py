from datetime import timedelta

import pytest
from house import NOW, House, publication
from sqlalchemy import select, update

from colporteur.audience.addresses import parse_address
from colporteur.db import reading
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.staff import users
from colporteur.delivery.letters import write_letter
from colporteur.editions import brakes, scheduling
from colporteur.editions.brakes import Brake, Suspension
from colporteur.staff import people


def brake(house: House, *, real_relay: bool = True) -> Brake:
    with house.open() as (connection, revision, _names):
        return brakes.in_force(connection, revision.publication, real_relay=real_relay)


def starts(house: House) -> dict[int, int]:
    query = select(subscriptions.c.id, subscriptions.c.start_number)
    with reading(house.engine) as connection:
        return dict(tuple(row) for row in connection.execute(query))


def go_live(house: House) -> bool:
    with house.open() as (connection, revision, names):
        return brakes.go_live(connection, revision.publication, names, house.now, "amina")


@pytest.fixture
def rehearsal(house: House) -> House:
    """A house that never went live, with two people of the newsroom and one to alert."""
    house.rehearse()
    house.apply(publication(alerts_to=["Garde@Relais.example"]))
    with house.open() as (connection, _revision, _names):
        for address in ("Leila@example.org", "gone@example.org"):
            people.add(connection, address, name=None, role=None, now=NOW)
        gone = update(users).where(users.c.address_key == "gone@example.org")
        connection.execute(gone.values(disabled_at=NOW))
    return house


def test_a_real_relay_reaches_only_the_staff_until_the_publication_is_live(rehearsal: House):
    held = brake(rehearsal)
    assert held.staff_only == {"leila@example.org", "garde@relais.example"}
    assert held.reaches(parse_address("LEILA@example.org").key)
    assert not held.reaches("gone@example.org")
    assert not brake(rehearsal, real_relay=False).rehearsal
    assert go_live(rehearsal)
    assert brake(rehearsal) == Brake(suspended=None, staff_only=None)
    assert not go_live(rehearsal)


def test_sending_is_suspended_once_and_released_once(house: House):
    with house.open() as (connection, _revision, _names):
        assert brakes.released_at(connection) is None
        assert brakes.suspend(connection, by="amina", why="Wrong relay.", now=NOW)
        assert not brakes.suspend(connection, by="bruno", why="Me too.", now=NOW)
    assert brake(house).suspended == Suspension("amina", NOW, "Wrong relay.")
    later = NOW + timedelta(hours=1)
    with house.open() as (connection, _revision, _names):
        assert brakes.release(connection, by="bruno", now=later)
        assert not brakes.release(connection, by="bruno", now=later + timedelta(hours=1))
        assert brakes.released_at(connection) == later
    assert brake(house).suspended is None


def test_going_live_brings_nobody_a_backlog_and_moves_nobody_who_got_something(rehearsal: House):
    rehearsal.now = NOW - timedelta(days=3)
    rehearsal.take("Premier", body_html="<p>Un texte.</p>")
    leila = rehearsal.subscribe("leila@example.org").subscription_id
    reader = rehearsal.subscribe("reader@example.org").subscription_id
    assert starts(rehearsal) == {leila: 0, reader: 0}
    with rehearsal.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(
            connection, revision, names, channel, "matin", by="test", now=rehearsal.now
        )
        to_reader = update(deliveries).where(deliveries.c.subscription_id == reader)
        connection.execute(to_reader.values(status="skipped", reason="rehearsal"))
    rehearsal.now = NOW - timedelta(days=2)
    rehearsal.take("Deuxième", body_html="<p>Un autre.</p>")
    rehearsal.now = NOW - timedelta(minutes=1)  # after the last slot: they are still to get it
    rehearsal.take("Troisième", body_html="<p>Un de plus.</p>")
    latest = rehearsal.subscribe("latest@example.org", back=timedelta(0)).subscription_id
    rehearsal.now = NOW
    assert go_live(rehearsal)
    assert starts(rehearsal) == {leila: 0, reader: 2, latest: 3}


def test_letters_that_waited_for_the_start_are_due_then(rehearsal: House):
    with rehearsal.open() as (connection, _revision, _names):
        write_letter(connection, "once", "alert", "x@example.org", "fr", {}, NOW)
        connection.execute(update(batches).values(due_at=NOW + timedelta(hours=1)))
    go_live(rehearsal)
    with reading(rehearsal.engine) as connection:
        assert connection.scalar(select(batches.c.due_at)) == NOW
