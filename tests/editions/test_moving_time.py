"""An edition whose time is moved, and one that is left out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from desk import DAY, SLOT, Desk
from house import House
from sqlalchemy import select

from colporteur.db import reading
from colporteur.db.tables.delivery import batches
from colporteur.editions import moving_time, skipping, steering
from colporteur.editions.arranging import edition_at
from colporteur.editions.foretelling import foretell
from colporteur.editions.freezing.regular import EVERYBODY
from colporteur.editions.states import State
from colporteur.editions.store import Edition, history, load
from colporteur.exceptions import ChoiceRefused, TransitionRefused

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
READERS = {"none": None, "dawn": 5 * 60 + 30, "early": 7 * 60 + 30, "evening": 20 * 60}


@pytest.fixture
def desk(house: House) -> Desk:
    """A daily edition at 07:00, to readers of several hours; it is the evening before."""
    desk = Desk(house)
    desk.set_up("actualites")
    desk.take("Un")
    for name, minute in READERS.items():
        house.subscribe(f"{name}@one.example", minute=minute)
    house.now = SLOT - 12 * HOUR
    return desk


def opened(desk: Desk, slot: datetime = SLOT) -> Edition:
    with desk.house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        return edition_at(
            connection, revision, names, channel, "matin", slot, by="editor", now=desk.house.now
        )


def moved(desk: Desk, edition: Edition, to: datetime) -> Edition:
    with desk.house.open() as (connection, revision, names):
        return moving_time.move(
            connection, edition, revision, names, to=to, by="editor", now=desk.house.now
        )


def due(desk: Desk, edition: Edition) -> dict[str, timedelta]:
    """How long after the slot each reader gets it."""
    return {row.address.partition("@")[0]: row.due_at - SLOT for row in desk.deliveries(edition.id)}


def test_an_edition_moved_before_its_freeze_is_frozen_and_leaves_by_the_new_time(desk: Desk):
    edition = moved(desk, opened(desk), SLOT + 2 * HOUR)
    assert edition.slot == SLOT
    desk.take("Deux")
    assert desk.tick(SLOT) == []
    assert desk.tick(SLOT + 2 * HOUR - 10 * MINUTE) == [edition.id]
    desk.tick(SLOT + 2 * HOUR)
    assert desk.edition(edition.id).state is State.SENDING
    assert len(desk.brought()["none@one.example"][0]) == 2
    desk.tick(SLOT + DAY - 10 * MINUTE)
    assert [one.slot for one in desk.editions()] == [SLOT, SLOT + DAY]


def in_time(desk: Desk, edition: Edition, to: datetime) -> None:
    moved(desk, edition, to)
    desk.tick(to - 10 * MINUTE)


def after_the_freeze(desk: Desk, edition: Edition, to: datetime) -> None:
    desk.tick(SLOT - 10 * MINUTE)
    assert desk.edition(edition.id).state is State.FROZEN
    moved(desk, edition, to)


@pytest.mark.parametrize("how", [in_time, after_the_freeze])
@pytest.mark.parametrize(
    ("to", "when"),
    [
        (2 * HOUR, {"none": 2 * HOUR, "dawn": 22.5 * HOUR, "early": 2 * HOUR, "evening": 13 * HOUR}),
        (15 * HOUR, {"none": 15 * HOUR, "dawn": 22.5 * HOUR, "early": 15 * HOUR, "evening": 15 * HOUR}),
    ],
)  # fmt: skip
def test_readers_of_an_hour_get_it_then_from_the_new_time_on(
    desk: Desk,
    how: Callable[[Desk, Edition, datetime], None],
    to: timedelta,
    when: dict[str, timedelta],
):
    edition = opened(desk)
    how(desk, edition, SLOT + to)
    assert due(desk, edition) == when


def test_one_moved_to_an_earlier_time_comes_earlier_but_not_before_an_hour_that_was_chosen(
    desk: Desk,
):
    edition = moved(desk, opened(desk), SLOT - 2 * HOUR)
    desk.tick(SLOT - 2 * HOUR)
    assert due(desk, edition) == {
        "none": -2 * HOUR,
        "dawn": -1.5 * HOUR,
        "early": 0.5 * HOUR,
        "evening": 13 * HOUR,
    }
    assert desk.edition(edition.id).state is State.SENDING


def test_batches_are_due_with_the_earliest_of_their_rows_after_a_move(desk: Desk):
    edition = opened(desk)
    after_the_freeze(desk, edition, SLOT + 15 * HOUR)
    with reading(desk.house.engine) as connection:
        found = {row.id: row.due_at for row in connection.execute(select(batches))}
    for row in desk.deliveries(edition.id):
        assert found[row.batch_id] <= row.due_at
    assert set(found.values()) <= {row.due_at for row in desk.deliveries(edition.id)}


@pytest.mark.parametrize(
    ("to", "fine"),
    [
        (-12 * HOUR, False),
        (-12 * HOUR + MINUTE, True),
        (24 * HOUR - 15 * MINUTE, True),
        (24 * HOUR - 14 * MINUTE, False),
        (9000 * DAY, False),
    ],
)
def test_it_stays_between_now_and_the_next_one(desk: Desk, to: timedelta, fine: bool):
    edition = opened(desk)
    if fine:
        moved(desk, edition, SLOT + to)
        with reading(desk.house.engine) as connection:
            assert history(connection, edition.id)[-1].why.startswith("moved from 2026-11-21 06:00")
    else:
        with pytest.raises(ChoiceRefused, match="cannot leave at"):
            moved(desk, edition, SLOT + to)


def test_its_neighbours_are_where_they_were_moved_to_themselves(desk: Desk):
    first, second = opened(desk), opened(desk, SLOT + DAY)
    moved(desk, second, SLOT + DAY + 5 * HOUR)
    moved(desk, first, SLOT + DAY + 4 * HOUR)
    with pytest.raises(ChoiceRefused):
        moved(desk, second, SLOT + DAY + 4 * HOUR)
    with desk.house.open() as (connection, _revision, _names):
        skipping.skip(connection, second, by="editor", now=desk.house.now)
    moved(desk, first, SLOT + DAY + 12 * HOUR)


def test_what_has_begun_to_leave_or_is_no_regular_one_is_not_moved(desk: Desk):
    edition = opened(desk)
    desk.tick(SLOT)
    with pytest.raises(TransitionRefused, match="not moved any more"):
        moved(desk, edition, SLOT + 2 * HOUR)
    special = desk.special(1, key="other")
    with pytest.raises(TransitionRefused, match="special"):
        moved(desk, special, SLOT + 2 * HOUR)


def test_a_held_edition_that_was_moved_leaves_at_its_new_time_once_released(desk: Desk):
    edition = opened(desk)
    with desk.house.open() as (connection, _revision, _names):
        steering.hold(connection, edition, by="editor", why="", now=desk.house.now)
    moved(desk, edition, SLOT + 3 * HOUR)
    with desk.house.open() as (connection, _revision, _names):
        held = load(connection, edition.id)
        steering.release(connection, held, by="editor", now=desk.house.now)
    desk.tick(SLOT + 2 * HOUR)
    assert desk.edition(edition.id).state is State.OPEN
    desk.tick(SLOT + 3 * HOUR)
    assert desk.edition(edition.id).state is State.SENDING


def test_one_that_was_left_out_brings_nothing_and_the_next_brings_it_all(desk: Desk):
    edition = opened(desk)
    with desk.house.open() as (connection, _revision, _names):
        skipping.skip(connection, edition, by="editor", now=desk.house.now)
    desk.tick(SLOT)
    assert desk.edition(edition.id).state is State.SKIPPED
    desk.take("Deux")
    desk.tick(SLOT + DAY)
    assert [len(one) for one in desk.brought()["none@one.example"]] == [2]


def test_one_that_was_left_out_comes_back_while_its_time_has_not_come(desk: Desk):
    edition = opened(desk)
    with desk.house.open() as (connection, _revision, _names):
        out = skipping.skip(connection, edition, by="editor", now=desk.house.now)
        assert skipping.take_back(connection, out, by="editor", now=desk.house.now).ended_at is None
        skipping.skip(connection, out, by="editor", now=desk.house.now)
        with pytest.raises(TransitionRefused):
            skipping.skip(connection, out, by="editor", now=desk.house.now)
        with pytest.raises(TransitionRefused):
            skipping.take_back(connection, out, by="editor", now=SLOT)
        skipping.take_back(connection, out, by="editor", now=desk.house.now)
    desk.tick(SLOT)
    assert len(desk.brought()["none@one.example"]) == 1


def test_a_moved_edition_is_foretold_once_and_at_its_new_time(desk: Desk):
    edition = moved(desk, opened(desk), SLOT + 15 * HOUR)
    with desk.house.open() as (connection, revision, names):
        found = foretell(
            connection,
            revision,
            names,
            now=desk.house.now,
            ahead=20 * HOUR,
            back=HOUR,
            whom=EVERYBODY,
        )
    assert [(one.edition, one.leaves) for one in found] == [(edition.id, SLOT + 15 * HOUR)]
