from datetime import timedelta

import pytest
from desk import DAY, SLOT, Desk
from house import House
from sqlalchemy import select

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches
from colporteur.delivery import ledger
from colporteur.delivery.braking import close_lost
from colporteur.editions import brakes, scheduling, steering
from colporteur.editions.arranging import Wishes, arrange, edition_at
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import State
from colporteur.editions.store import history, load
from colporteur.exceptions import ApprovalRefused, TransitionRefused

APPROVED = {"approval": True}


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", rules=APPROVED)
    desk.house.subscribe("a@example.org")
    return desk


def test_nothing_leaves_without_an_approver(desk: Desk):
    desk.take("Un")
    desk.tick(SLOT)
    (waiting,) = desk.editions()
    assert waiting.state is State.AWAITING_APPROVAL
    desk.tick(SLOT + timedelta(hours=1))
    assert desk.edition(waiting.id).state is State.AWAITING_APPROVAL
    desk.approve(waiting.id)
    desk.tick(SLOT + timedelta(hours=1))
    assert desk.edition(waiting.id).state is State.SENDING


def test_an_early_approval_closes_the_candidates_but_not_the_readers(desk: Desk):
    desk.take("Vu")
    with desk.house.open() as (connection, revision, names):
        place = revision.publication.channel("actualites")
        edition = edition_at(
            connection, revision, names, place, "matin", SLOT, by="x", now=desk.house.now
        )
    desk.approve(edition.id)
    desk.take("Venu depuis")
    desk.house.subscribe("late@example.org")
    desk.tick(SLOT)
    assert desk.brought() == {"a@example.org": [["Vu"]], "late@example.org": [["Vu"]]}
    desk.tick(SLOT + DAY - timedelta(minutes=5))
    assert desk.brought()["a@example.org"] == [["Vu"], ["Venu depuis"]]


def test_what_nobody_approved_in_time_is_missed_and_comes_with_the_next(desk: Desk):
    desk.take("Un")
    desk.tick(SLOT)
    desk.tick(SLOT + timedelta(hours=7))
    (missed,) = desk.editions()
    assert (missed.state, missed.reason) == (State.MISSED, "nobody approved it in time")
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["Un"]]}


def test_an_approval_that_comes_too_late_lets_nothing_go(desk: Desk):
    desk.take("Un")
    desk.tick(SLOT)
    desk.house.now = SLOT + timedelta(hours=7)
    assert desk.approve(1).state is State.MISSED
    assert desk.brought() == {}


def test_four_eyes_means_that_nobody_approves_what_they_arranged(desk: Desk):
    desk.set_up("actualites", rules=APPROVED, four_eyes=True)
    desk.take("Un")
    desk.tick(SLOT)
    with desk.house.open() as (connection, _revision, _names):
        mine = load(connection, 1)
        arrange(connection, mine, Wishes(intro="Bonjour"), by="amina", now=SLOT)
    with pytest.raises(ApprovalRefused, match="had a hand"):
        desk.approve(1, "amina")
    assert desk.approve(1, "bruno").state is State.FROZEN


def test_a_channel_that_asks_for_no_approval_has_nothing_to_approve(desk: Desk):
    desk.take("Un")
    desk.tick(SLOT)
    desk.set_up("actualites")
    with pytest.raises(ApprovalRefused, match="without approval"):
        desk.approve(1)


def test_what_is_held_before_its_freeze_is_frozen_when_released(desk: Desk):
    desk.set_up("actualites")
    desk.take("Un")
    with desk.house.open() as (connection, revision, names):
        place = revision.publication.channel("actualites")
        now = desk.house.now
        edition = edition_at(connection, revision, names, place, "matin", SLOT, by="x", now=now)
        steering.hold(connection, edition, by="x", why="attendre", now=now)
    desk.tick(SLOT + timedelta(hours=8))
    assert desk.edition(edition.id).state is State.HELD
    with writing(desk.house.engine) as connection:
        steering.release(connection, load(connection, edition.id), by="x", now=desk.house.now)
    desk.tick(SLOT + timedelta(hours=8))
    assert desk.edition(edition.id).state is State.SENDING
    assert desk.brought() == {"a@example.org": [["Un"]]}


def test_a_pause_and_a_resume_are_kept_with_who_and_why(desk: Desk):
    desk.set_up("actualites")
    desk.take("Un")
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        steering.pause(connection, load(connection, 1), by="bruno", why="faute", now=SLOT)
        assert load(connection, 1).state is State.PAUSED
        steering.resume(connection, load(connection, 1), by="amina", now=SLOT)
    with reading(desk.house.engine) as connection:
        told = [(row.to_state, row.by, row.why) for row in history(connection, 1)]
    assert told[-2:] == [("paused", "bruno", "faute"), ("frozen", "amina", "")]
    desk.tick(SLOT)
    assert desk.edition(1).state is State.SENDING


def test_cancelling_stops_what_has_not_left_and_opens_its_articles_again(desk: Desk):
    desk.set_up("actualites")
    desk.house.subscribe("sent@example.org")
    desk.take("Un")
    desk.tick(SLOT)
    desk.now_sent(1, "sent", "sent@example.org")
    assert desk.cancel(1) == 1
    assert [(row.address, row.status) for row in desk.deliveries(1)] == [
        ("a@example.org", "skipped"),
        ("sent@example.org", "sent"),
    ]
    with reading(desk.house.engine) as connection:
        assert connection.scalar(select(batches.c.status)) == "done"
    with pytest.raises(TransitionRefused, match="cannot cancel"):
        desk.cancel(1)
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["Un"]], "sent@example.org": [["Un"]]}


def test_an_edition_that_never_left_in_time_is_missed_when_it_ends(desk: Desk):
    desk.set_up("actualites")
    desk.take("Un")
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        steering.skip_unsent(connection, 1, SkipReason.TOO_LATE, SLOT)
        scheduling.finish(connection, SLOT)
    assert desk.edition(1).state is State.MISSED


def test_waiting_for_an_approver_through_a_suspension_is_nobodys_fault(desk: Desk):
    desk.take("Un")
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        brakes.suspend(connection, by="x", why="panne", now=SLOT)
        brakes.release(connection, by="x", now=SLOT + timedelta(hours=8))
    desk.tick(SLOT + timedelta(hours=9))
    assert desk.edition(1).state is State.AWAITING_APPROVAL
    desk.house.now = SLOT + timedelta(hours=9)
    assert desk.approve(1).state is State.FROZEN


def test_the_calendar_stands_still_while_all_sending_is_suspended(desk: Desk):
    desk.set_up("actualites")
    desk.take("Un")
    stopped = brakes.Brake(brakes.Suspension("x", SLOT, "panne"), None)
    with desk.house.open() as (connection, revision, names):
        assert scheduling.advance(connection, revision, names, SLOT, stopped) == []
    assert desk.editions() == []
    desk.tick(SLOT + timedelta(hours=1))  # caught up
    assert desk.brought() == {"a@example.org": [["Un"]]}


def test_in_a_rehearsal_only_the_staff_are_owed_an_edition(desk: Desk):
    desk.set_up("actualites")
    desk.house.subscribe("staff@example.org")
    desk.take("Un")
    rehearsal = brakes.Brake(None, frozenset({"staff@example.org"}))
    with desk.house.open() as (connection, revision, names):
        scheduling.advance(connection, revision, names, SLOT, rehearsal)
    assert desk.brought() == {"staff@example.org": [["Un"]]}
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"staff@example.org": [["Un"]], "a@example.org": [["Un"]]}


def test_what_a_dead_worker_left_in_flight_of_a_cancelled_edition_is_closed(desk: Desk):
    desk.set_up("actualites")
    desk.take("Un")
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        held = ledger.lease(connection, 1, SLOT, 30)
        assert held is not None
        assert ledger.mark_inflight(connection, held, ledger.standings(connection, [1]), SLOT)
    assert desk.cancel(1) == 0  # it may have left
    later = SLOT + timedelta(minutes=1)
    with writing(desk.house.engine) as connection:
        assert close_lost(connection, SLOT) == 0  # its worker may live
        assert close_lost(connection, later) == 1
        assert close_lost(connection, later) == 0
    (row,) = desk.deliveries(1)
    assert (row.status, row.reason, row.possible_duplicates) == ("skipped", "cancelled", 1)
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["Un"]]}
