from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import insert, update

from colporteur.audience.history import choice_at, events_of, standing
from colporteur.audience.pausing import end_pauses, pause, resume
from colporteur.audience.subscribing import unsubscribe
from colporteur.db.numbering import next_number
from colporteur.db.tables.articles import article_channels
from colporteur.db.tables.audience import subscriptions
from colporteur.exceptions import ChoiceRefused, ReaderStateRefused, UnknownName

DAY = timedelta(days=1)


@pytest.fixture
def lea(house):
    """A reader of one channel, who has had the first article."""
    house.take("Un", language="fr")
    return house.subscribe("lea@example.org", back=timedelta(0))


def _pause(house, one, until, **options):
    with house.open() as (connection, _revision, _names):
        pause(connection, one.subscription_id, until, by="test", now=house.now, **options)


def _resume(house, one):
    with house.open() as (connection, _revision, _names):
        return resume(connection, one.subscription_id, by="test", now=house.now)


def _end(house):
    with house.open() as (connection, _revision, _names):
        return end_pauses(connection, house.now)


def _stands(house, one):
    with house.open() as (connection, _revision, _names):
        return standing(connection, one.subscription_id)


def test_a_pause_ends_at_its_time_and_brings_no_backlog(house, lea):
    _pause(house, lea, NOW + 2 * DAY)
    house.now = NOW + DAY
    house.take("Pendant", language="fr")
    assert _end(house) == 0
    house.now = NOW + 3 * DAY  # the tick comes late: what was numbered since the end is theirs
    house.take("Après", language="fr")
    assert _end(house) == 1
    found = _stands(house, lea)
    assert (found.state, found.paused_until, found.start_number) == ("active", None, 2)
    assert _end(house) == 0


def test_a_pause_with_backlog_moves_no_start(house, lea):
    _pause(house, lea, NOW + DAY, backlog=True)
    house.take("Pendant", language="fr")
    house.now = NOW + 2 * DAY
    assert _end(house) == 1
    found = _stands(house, lea)
    assert (found.state, found.start_number, found.keeps_backlog) == ("active", 1, False)


def test_a_pause_ended_by_hand_ends_now(house, lea):
    _pause(house, lea, NOW + 9 * DAY)
    house.now = NOW + DAY
    house.take("Pendant", language="fr")
    house.now = NOW + 2 * DAY
    assert _resume(house, lea)
    assert _stands(house, lea).start_number == 2
    assert _resume(house, lea) is False


def test_a_pause_ended_by_hand_after_its_time_had_its_end_then(house, lea):
    _pause(house, lea, NOW + DAY)
    house.now = NOW + 2 * DAY
    house.take("Après", language="fr")
    house.now = NOW + 3 * DAY
    assert _resume(house, lea)
    assert _stands(house, lea).start_number == 1


def test_a_pauses_end_never_moves_a_start_back(house, lea):
    with house.open() as (connection, _revision, _names):
        connection.execute(update(subscriptions).values(start_number=7))
    _pause(house, lea, NOW + DAY)
    house.now = NOW + 2 * DAY
    assert _end(house) == 1
    assert _stands(house, lea).start_number == 7


def test_an_article_that_joined_the_channel_after_a_pause_is_not_lost_by_it(house, lea):
    """Its place has a number that no article bears, and nobody knows when it was given."""
    elsewhere = house.take("Ailleurs", language="fr")
    _pause(house, lea, NOW + DAY)
    house.now = NOW + 2 * DAY
    with house.open() as (connection, _revision, names):
        joined = {"article_id": elsewhere.article_id, "channel_id": names.channels["nashra"]}
        place = next_number(connection)
        connection.execute(insert(article_channels).values(**joined, number=place))
    house.take("Après", language="fr")
    assert _end(house) == 1
    assert _stands(house, lea).start_number == place - 1


def test_many_pauses_end_at_once_each_with_its_own_backlog(house):
    readers = [house.subscribe(f"r{number}@example.org") for number in range(6)]
    for number, one in enumerate(readers):
        _pause(house, one, NOW + (1 + number % 2) * DAY, backlog=number < 2)
    house.take("Un", language="fr")
    house.now = NOW + 1.5 * DAY
    house.take("Deux", language="fr")
    house.now = NOW + 2 * DAY
    assert _end(house) == 6
    assert [_stands(house, one).start_number for one in readers] == [0, 0, 1, 2, 1, 2]


def test_who_left_during_a_pause_stays_away(house, lea):
    _pause(house, lea, NOW + DAY)
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, lea.subscription_id, by="link", now=house.now)
    house.now = NOW + 2 * DAY
    assert _end(house) == 0
    assert _resume(house, lea) is False
    assert _stands(house, lea).state == "unsubscribed"


def test_subscribing_again_ends_a_pause_without_backlog(house, lea):
    house.take("Avant", language="fr")
    _pause(house, lea, NOW + 9 * DAY)
    house.now = NOW + 3 * DAY
    assert house.subscribe("lea@example.org").new
    found = _stands(house, lea)
    assert (found.state, found.paused_until, found.start_number) == ("active", None, 2)


def test_subscribing_again_keeps_the_backlog_that_was_asked_for(house, lea):
    _pause(house, lea, NOW + 9 * DAY, backlog=True)
    house.take("Pendant", language="fr")
    house.now = NOW + 3 * DAY
    house.subscribe("lea@example.org")
    found = _stands(house, lea)
    assert (found.state, found.start_number, found.keeps_backlog) == ("active", 1, False)


def test_another_end_takes_the_place_of_the_first(house, lea):
    _pause(house, lea, NOW + DAY)
    _pause(house, lea, NOW + 5 * DAY, backlog=True)
    house.now = NOW + 2 * DAY
    assert _end(house) == 0
    assert _stands(house, lea).paused_until == NOW + 5 * DAY


def test_pauses_are_kept_in_the_history_with_the_choice(house):
    one = house.subscribe("lea@example.org", topics_in=("law",))
    _pause(house, one, NOW + DAY)
    house.now = NOW + 2 * DAY
    _end(house)
    with house.open() as (connection, _revision, names):
        events = events_of(connection, one.subscriber_id)
        assert [event.kind for event in events] == ["subscribed", "paused", "resumed"]
        assert events[1].detail["until"] == (NOW + DAY).isoformat()
        assert events[1].detail["topics_in"] == [names.topics["law"]]
        assert events[2].detail["by"] == "calendar"
        during = choice_at(connection, one.subscription_id, NOW + DAY)
        after = choice_at(connection, one.subscription_id, NOW + 2 * DAY)
    assert (during.state, after.state) == ("paused", "active")
    assert during.choice == after.choice
    assert after.choice.topics_in


def test_what_cannot_be_paused_is_refused(house, lea):
    with pytest.raises(ChoiceRefused, match="would be over already"):
        _pause(house, lea, NOW)
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, lea.subscription_id, by="link", now=house.now)
    with pytest.raises(ChoiceRefused, match="left this channel"):
        _pause(house, lea, NOW + DAY)
    with house.open() as (connection, _revision, _names), pytest.raises(UnknownName):
        pause(connection, 404, NOW + DAY, by="test", now=NOW)


def test_nothing_happens_to_who_is_not_paused(house, lea):
    before = _stands(house, lea)
    assert (_resume(house, lea), _end(house)) == (False, 0)
    assert _stands(house, lea) == before


def test_who_never_confirmed_has_nothing_to_pause_and_gets_no_mail_by_it(house, lea):
    with house.open() as (connection, _revision, _names):
        connection.execute(update(subscriptions).values(state="pending"))
    with pytest.raises(ReaderStateRefused, match="pending cannot be paused"):
        _pause(house, lea, NOW + DAY)
    assert _resume(house, lea) is False
    assert _stands(house, lea).state == "pending"
