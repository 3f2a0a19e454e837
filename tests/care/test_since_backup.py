"""What becomes of what was due between a backup and its restore, by the choice of who releases."""

from datetime import datetime, timedelta

import pytest
from house import NOW, House
from sqlalchemy import select, update

from colporteur.db import reading
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.tables.publication import channels
from colporteur.editions import brakes, specials
from colporteur.editions.opening import SINCE_BACKUP
from colporteur.editions.scheduling import advance, counts, finish
from colporteur.editions.since_backup import Since, hold_restored, let_go, restored, uncertain
from colporteur.editions.states import Event, State
from colporteur.editions.steering import resume
from colporteur.editions.store import happen, load

MISSED_SLOT = datetime.fromisoformat("2026-11-21T06:00:00+00:00")  # 07:00 in Paris, a Saturday
RELEASED = MISSED_SLOT + timedelta(minutes=30)
NEXT_SLOT = MISSED_SLOT + timedelta(days=1)


def tick(house: House, now: datetime) -> list[int]:
    with house.open() as (connection, revision, names):
        brake = brakes.in_force(connection, revision.publication, real_relay=True)
        return advance(connection, revision, names, now, brake)


def release(house: House, since: Since) -> None:
    with house.open() as (connection, revision, names):
        assert let_go(connection, revision, names, by="amina", now=RELEASED, since=since)
        assert restored(connection) is None
        assert brakes.suspension(connection) is None


def hold(house: House) -> None:
    with house.open() as (connection, _, _):
        hold_restored(connection, NOW, RELEASED)


def at_slot(house: House, slot: datetime) -> tuple[str, str, int] | None:
    with reading(house.engine) as connection:
        mine = select(editions).join(channels).where(channels.c.slug == "actualites")
        row = connection.execute(mine.where(editions.c.slot == slot)).first()
        return (row.state, row.reason, sum(counts(connection, row.id).values())) if row else None


@pytest.fixture
def back(house: House) -> House:
    """A house restored from a backup, after a slot with an article for a reader has passed."""
    house.subscribe("leila@example.org")
    house.take("Un port mesure", language="fr", topics=("health",))
    hold(house)
    return house


def test_nothing_leaves_while_it_is_held(back: House):
    assert tick(back, RELEASED) == []
    assert at_slot(back, MISSED_SLOT) is None


def test_slots_are_left_out_and_their_articles_come_with_the_next_edition(back: House):
    release(back, Since.MISSED)
    assert tick(back, RELEASED) == []
    assert at_slot(back, MISSED_SLOT) == ("missed", SINCE_BACKUP, 0)
    tick(back, NEXT_SLOT)
    found = at_slot(back, NEXT_SLOT)
    assert found is not None
    assert found[2] == 1


def test_what_counts_as_sent_never_comes_again_and_what_is_new_does(back: House):
    release(back, Since.SENT)
    tick(back, NEXT_SLOT)
    found = at_slot(back, NEXT_SLOT)
    assert found is not None
    assert found[0] == "skipped"
    back.now = NEXT_SLOT + timedelta(hours=1)
    back.take("Un nouvel article", language="fr", topics=("health",))
    tick(back, NEXT_SLOT + timedelta(days=1))
    found = at_slot(back, NEXT_SLOT + timedelta(days=1))
    assert found is not None
    assert found[2] == 1


def test_what_is_sent_after_all_is_caught_up_as_after_an_outage(back: House):
    release(back, Since.DUE)
    tick(back, RELEASED)
    found = at_slot(back, MISSED_SLOT)
    assert found is not None
    assert found[2] == 1


@pytest.mark.parametrize("since", [Since.MISSED, Since.DUE])
def test_an_edition_that_was_leaving_is_paused_for_people_to_decide_or_goes_on(
    house: House, since: Since
):
    house.subscribe("leila@example.org")
    house.take("Un port mesure", language="fr", topics=("health",))
    (sending,) = tick(house, MISSED_SLOT)
    tick(house, MISSED_SLOT + timedelta(hours=1))
    with house.open() as (connection, _, _):
        assert load(connection, sending).state is State.SENDING
    hold(house)
    with house.open() as (connection, _, _):
        assert [one.id for one in uncertain(connection, RELEASED)] == [sending]
    release(house, since)
    with house.open() as (connection, _, _):
        edition = load(connection, sending)
        paused = since is Since.MISSED
        assert edition.state is (State.PAUSED if paused else State.SENDING)
        assert (edition.reason == SINCE_BACKUP) is paused


@pytest.mark.parametrize("since", [Since.MISSED, Since.DUE])
def test_what_a_sent_edition_has_yet_to_try_again_is_stopped_too(house: House, since: Since):
    house.subscribe("leila@example.org")
    house.take("Un port mesure", language="fr", topics=("health",))
    (sent,) = tick(house, MISSED_SLOT)
    tick(house, MISSED_SLOT + timedelta(hours=1))
    with house.open() as (connection, _, _):
        connection.execute(update(deliveries).values(status="deferred", attempts=1))
        assert finish(connection, MISSED_SLOT + timedelta(hours=1)) == [sent]
        assert load(connection, sent).state is State.SENT
    hold(house)
    release(house, since)
    with house.open() as (connection, _, _):
        stopped = load(connection, sent).state is State.PAUSED
        assert stopped is (since is not Since.DUE)
        if stopped:  # whoever knows that it never came has it tried again
            resumed = resume(connection, load(connection, sent), by="amina", now=RELEASED)
            assert resumed.state is State.FROZEN  # nothing of it had left


def test_a_special_that_somebody_holds_is_theirs_and_one_whose_hold_is_over_is_in_doubt(
    house: House,
):
    house.subscribe("leila@example.org")
    kept = []
    for until in (None, RELEASED):
        with house.open() as (connection, revision, names):
            channel = names.channels["actualites"]
            row = {"channel_id": channel, "cadence": None, "kind": "special", "forced": False}
            edition = specials.insert_edition(
                connection,
                row | {"send_at": MISSED_SLOT, "key": f"k{until}"},
                by="amina",
                now=NOW,
            )
            assert edition is not None
            happen(
                connection,
                edition.id,
                Event.HOLD,
                by="amina",
                now=NOW,
                fixed={"hold_until": until},
            )
            kept.append(edition.id)
            assert revision.number
    hold(house)
    with house.open() as (connection, _, _):
        assert [one.id for one in uncertain(connection, RELEASED)] == kept[1:]


def test_a_release_without_a_restore_leaves_nothing_out(house: House):
    house.subscribe("leila@example.org")
    house.take("Un port mesure", language="fr", topics=("health",))
    with house.open() as (connection, revision, names):
        brakes.suspend(connection, by="x", why="spam", now=NOW)
        let_go(connection, revision, names, by="x", now=RELEASED)
        assert not let_go(connection, revision, names, by="x", now=RELEASED)
    tick(house, RELEASED)
    found = at_slot(house, MISSED_SLOT)
    assert found is not None
    assert found[2] == 1
