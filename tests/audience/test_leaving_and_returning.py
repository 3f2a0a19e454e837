from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import insert, update

from colporteur.audience.history import choice_at, events_of, standing
from colporteur.audience.leaving import (
    WORDS_AT_MOST,
    Reason,
    leave,
    leave_all,
    may_take_back,
    note_reason,
    take_back,
)
from colporteur.audience.moving import move
from colporteur.audience.pausing import end_pauses, pause
from colporteur.audience.states import Event
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.editions import editions

HOUR = timedelta(hours=1)


def _in(house, work, *args, **values):
    with house.open() as (connection, _revision, _names):
        return work(connection, *args, **values)


def _stands(house, subscription_id):
    return _in(house, standing, subscription_id)


def _left(house, address="lea@example.org"):
    made = house.subscribe(address)
    assert _in(house, leave, made.subscription_id, by="link", now=house.now)
    return made


def test_leaving_one_channel_leaves_that_one_only_and_leaving_all_the_rest(house):
    first = house.subscribe("lea@example.org")
    house.subscribe("lea@example.org", channel="nashra")
    assert _in(house, leave, first.subscription_id, by="link", now=NOW)
    assert _in(house, leave_all, first.subscriber_id, by="page", now=NOW) == 1
    assert _in(house, leave_all, first.subscriber_id, by="page", now=NOW) == 0


def _edition(house, public_id):
    with house.open() as (connection, _revision, names):
        values = {"public_id": public_id, "channel_id": names.channels["actualites"]}
        values |= {"kind": "special", "state": "sent", "reason": "", "arrangement": {}}
        connection.execute(insert(editions).values(**values, forced=False, opened_at=NOW))


@pytest.mark.parametrize(
    ("named", "kept"),
    [("ed-1", "ed-1"), ("never-was", None), (None, None), ("", None), ("\0", None), ("é", None)],
)
def test_the_edition_whose_link_was_pressed_is_kept_if_there_is_such(house, named, kept):
    _edition(house, "ed-1")
    made = house.subscribe("lea@example.org")
    _in(house, leave, made.subscription_id, by="link", edition=named, now=NOW)
    event = _in(house, events_of, made.subscriber_id)[-1]
    assert (event.kind, event.detail["before"]) == ("unsubscribed", "active")
    assert event.detail.get("edition") == kept


def test_who_changes_their_mind_is_back_with_what_they_had_and_were_owed(house):
    made = house.subscribe("lea@example.org", topics_in=("law",))
    before = _stands(house, made.subscription_id)
    _in(house, leave, made.subscription_id, by="link", now=NOW)
    house.take("Entre-temps", language="fr")
    house.now = NOW + HOUR
    assert _in(house, may_take_back, made.subscription_id, house.now)
    assert _in(house, take_back, made.subscription_id, by="page", now=house.now)
    assert _stands(house, made.subscription_id) == before
    assert _in(house, choice_at, made.subscription_id, house.now).state == "active"
    assert not _in(house, take_back, made.subscription_id, by="page", now=house.now)


def test_after_a_week_leaving_is_not_taken_back(house):
    made = _left(house)
    house.now = NOW + timedelta(days=7, seconds=1)
    assert not _in(house, may_take_back, made.subscription_id, house.now)
    assert not _in(house, take_back, made.subscription_id, by="page", now=house.now)
    assert _stands(house, made.subscription_id).state == "unsubscribed"


def test_who_never_confirmed_does_not_come_in_by_taking_back(house):
    made = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        connection.execute(update(subscriptions).values(state="pending"))
    _in(house, leave, made.subscription_id, by="link", now=NOW)
    assert not _in(house, take_back, made.subscription_id, by="page", now=NOW)
    assert _stands(house, made.subscription_id).state == "unsubscribed"


def test_whose_address_gets_nothing_any_more_does_not_come_back_by_it(house):
    made = _left(house)
    _in(house, move, made.subscriber_id, Event.COMPLAINED, by="test", now=NOW)
    assert not _in(house, take_back, made.subscription_id, by="page", now=NOW)


def test_who_left_in_a_pause_and_returns_is_not_owed_what_came_in_it(house):
    made = house.subscribe("lea@example.org")
    _in(house, pause, made.subscription_id, NOW + 5 * HOUR, by="page", now=NOW)
    house.take("Dans la pause", language="fr")
    house.now = NOW + HOUR
    _in(house, leave, made.subscription_id, by="page", now=house.now)
    assert _in(house, take_back, made.subscription_id, by="page", now=house.now)
    found = _stands(house, made.subscription_id)
    assert (found.state, found.start_number) == ("paused", 1)
    assert (found.paused_until, found.keeps_backlog) == (NOW + 5 * HOUR, False)
    house.take("Encore dans la pause", language="fr")
    _in(house, end_pauses, NOW + 6 * HOUR)
    assert _stands(house, made.subscription_id).start_number == 2


@pytest.mark.parametrize(("backlog", "start"), [(True, 0), (False, 2)])
def test_a_pause_that_was_to_end_meanwhile_has_ended_then(house, backlog, start):
    made = house.subscribe("lea@example.org")
    _in(house, pause, made.subscription_id, NOW + 2 * HOUR, backlog=backlog, by="page", now=NOW)
    house.take("Dans la pause", language="fr")
    _in(house, leave, made.subscription_id, by="page", now=NOW)
    house.take("Dans la pause aussi", language="fr")
    house.now = NOW + 3 * HOUR
    house.take("Après", language="fr")
    assert _in(house, take_back, made.subscription_id, by="page", now=house.now)
    found = _stands(house, made.subscription_id)
    assert (found.state, found.paused_until, found.start_number) == ("active", None, start)


def test_a_pause_with_what_comes_meanwhile_is_taken_back_as_it_was(house):
    made = house.subscribe("lea@example.org")
    _in(house, pause, made.subscription_id, NOW + 9 * HOUR, backlog=True, by="page", now=NOW)
    before = _stands(house, made.subscription_id)
    _in(house, leave, made.subscription_id, by="page", now=NOW)
    assert _in(house, take_back, made.subscription_id, by="page", now=NOW + HOUR)
    assert _stands(house, made.subscription_id) == before
    then = _in(house, choice_at, made.subscription_id, NOW + HOUR)
    assert then.state == "paused"


def test_the_way_back_of_one_leaving_does_not_undo_the_next(house):
    made = _left(house)
    assert _in(house, take_back, made.subscription_id, by="page", now=NOW, left_at=NOW)
    house.now = NOW + HOUR
    _in(house, leave, made.subscription_id, by="link", now=house.now)
    old = {"by": "page", "now": house.now, "left_at": NOW}
    assert not _in(house, take_back, made.subscription_id, **old)
    assert not _in(house, may_take_back, made.subscription_id, house.now, NOW)
    assert _in(house, may_take_back, made.subscription_id, house.now, house.now)


def test_why_they_left_is_kept_with_it_and_bounded(house):
    made = _left(house)
    words = "x" * (WORDS_AT_MOST + 100)
    assert _in(house, note_reason, made.subscription_id, Reason.TOO_MANY, words)
    (event,) = _in(house, events_of, made.subscriber_id)[1:]
    assert (event.detail["reason"], len(event.detail["words"])) == ("too_many", WORDS_AT_MOST)
    assert not _in(house, note_reason, made.subscription_id, None, "  ")


def test_who_did_not_leave_gives_no_reason(house):
    made = house.subscribe("lea@example.org")
    assert not _in(house, note_reason, made.subscription_id, Reason.OTHER, "why")
