from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice, read_minute, read_weekday, read_zone
from colporteur.audience.history import choice_at, events_of
from colporteur.audience.subscribing import subscribe, unsubscribe
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import subscriptions
from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Cadence

DAILY = Cadence.model_validate({"rule": "daily", "at": ["07:00"]})
WEEKLY = Cadence.model_validate({"rule": "weekly", "at": ["09:00"], "weekdays": ["sun"]})
FEW_DAYS = Cadence.model_validate(
    {"rule": "every", "every": "6d", "starting": "2026-11-23", "at": ["09:00"]}
)
FORTNIGHT = FEW_DAYS.model_copy(update={"every": timedelta(weeks=2)})
HOUR = timedelta(hours=1)


def _choose(house, **choice):
    with house.open() as (connection, _revision, names):
        wanted = Choice(names.channels["actualites"], "matin", **choice)
        return subscribe(
            connection,
            parse_address("lea@example.org"),
            wanted,
            language="fr",
            start_number=last_number_at(connection, house.now),
            by="test",
            now=house.now,
        )


def _then(house, subscription_id, moment):
    with house.open() as (connection, _revision, _names):
        return choice_at(connection, subscription_id, moment)


def _kinds(house, subscriber_id):
    with house.open() as (connection, _revision, _names):
        return [one.kind for one in events_of(connection, subscriber_id)]


def test_hour_zone_weekday_and_specials_are_kept(house):
    _choose(house, weekday=2, minute=1170, timezone="Africa/Casablanca", specials=False)
    with house.open() as (connection, _revision, _names):
        row = connection.execute(select(subscriptions)).one()
    chosen = (row.weekday, row.minute, row.timezone, row.specials)
    assert chosen == (2, 1170, "Africa/Casablanca", False)


def test_choosing_anew_takes_the_place_of_the_whole_choice(house):
    _choose(house, minute=1170, timezone="Africa/Casablanca", specials=False)
    assert _choose(house, minute=420).new is False
    with house.open() as (connection, _revision, _names):
        row = connection.execute(select(subscriptions)).one()
    assert (row.minute, row.timezone, row.specials) == (420, None, True)


def test_a_change_of_choice_moves_no_start(house):
    house.take("Un", language="fr")
    _choose(house)
    house.take("Deux", language="fr")
    house.now = NOW + HOUR
    _choose(house, minute=420)
    with house.open() as (connection, _revision, _names):
        assert connection.scalar(select(subscriptions.c.start_number)) == 1


def test_each_change_is_kept_and_the_same_choice_is_none(house):
    made = _choose(house)
    _choose(house)
    _choose(house, minute=420)
    _choose(house, minute=420)
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, made.subscription_id, by="link", now=house.now)
    assert _kinds(house, made.subscriber_id) == ["subscribed", "chose", "unsubscribed"]


def test_what_was_chosen_at_a_moment_is_known_afterwards(house):
    topics = _topics(house)
    made = _choose(house, topics_in=topics, minute=420)
    house.now = NOW + HOUR
    _choose(house, timezone="Asia/Kathmandu", specials=False)
    house.now = NOW + 2 * HOUR
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, made.subscription_id, by="link", now=house.now)
    house.now = NOW + 3 * HOUR
    _choose(house, topics_out=topics)

    one = made.subscription_id
    assert _then(house, one, NOW - HOUR) is None
    first = _then(house, one, NOW)
    assert (first.state, first.choice.topics_in, first.choice.minute) == ("active", topics, 420)
    second = _then(house, one, NOW + HOUR)
    assert (second.choice.topics_in, second.choice.minute) == ((), None)
    assert (second.choice.timezone, second.choice.specials) == ("Asia/Kathmandu", False)
    assert _then(house, one, NOW + 2.5 * HOUR).state == "unsubscribed"
    last = _then(house, one, NOW + 4 * HOUR)
    assert (last.state, last.choice.topics_out, last.choice.specials) == ("active", topics, True)


def _topics(house):
    with house.open() as (_connection, _revision, names):
        return tuple(sorted((names.topics["law"], names.topics["health"])))


def test_two_channels_have_their_own_history(house):
    first = house.subscribe("lea@example.org")
    house.now = NOW + HOUR
    second = house.subscribe("lea@example.org", channel="nashra")
    assert _then(house, second.subscription_id, NOW) is None
    assert _then(house, first.subscription_id, NOW).state == "active"
    assert _then(house, 404, NOW) is None


def test_hours_and_zones_are_read_as_people_write_them():
    assert read_minute("19:30", "matin", DAILY) == 1170
    assert read_weekday("Wed", "semaine", WEEKLY) == 2
    assert read_weekday("sun", "quinzaine", FORTNIGHT) == 6
    assert read_zone("Africa/Casablanca") == "Africa/Casablanca"


REFUSED = [
    (read_minute, ("25:00", "matin", DAILY), "'25:00' is no time of day"),
    (read_minute, ("7h", "matin", DAILY), "is no time of day"),
    (read_minute, ("07:00", "direct", Cadence(rule="instant")), "comes at once, at no hour"),
    (read_weekday, ("lundi", "semaine", WEEKLY), "'lundi' is no weekday"),
    (read_weekday, ("mon", "matin", DAILY), "is shorter than a week"),
    (read_weekday, ("mon", "six", FEW_DAYS), "'six' (every) is shorter than a week"),
    (read_zone, ("Mars/Olympus",), "'Mars/Olympus' is no time zone"),
    (read_zone, ("../etc/passwd",), "is no time zone"),
]


@pytest.mark.parametrize(("reads", "said", "problem"), REFUSED)
def test_what_cannot_be_chosen_is_refused_with_a_cure(reads, said, problem):
    with pytest.raises(ChoiceRefused) as caught:
        reads(*said)
    assert problem in caught.value.message
    assert caught.value.cure
