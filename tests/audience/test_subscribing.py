from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import func, insert, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import subscription, unsubscribe
from colporteur.db.tables.audience import (
    profiles,
    subscriber_events,
    subscribers,
    subscriptions,
    suppressions,
)
from colporteur.exceptions import AddressRefused, UnknownName


def _rows(house, table):
    with house.open() as (connection, _revision, _names):
        return connection.execute(select(table).order_by(table.c.id)).all()


def _count(house, table):
    with house.open() as (connection, _revision, _names):
        return connection.scalar(select(func.count()).select_from(table))


def _leave(house, subscription_id):
    with house.open() as (connection, _revision, _names):
        return unsubscribe(connection, subscription_id, by="test", now=house.now)


def test_subscribing_twice_is_one_subscription(house):
    first = house.subscribe("lea@example.org")
    second = house.subscribe("LEA@example.org")
    assert (first.new, second.new) == (True, False)
    assert first.subscription_id == second.subscription_id
    assert _count(house, subscribers) == _count(house, subscriptions) == 1
    assert _count(house, subscriber_events) == 1


def test_a_reader_of_two_channels_is_one_person(house):
    first = house.subscribe("lea@example.org")
    second = house.subscribe("lea@example.org", channel="nashra")
    assert first.subscriber_id == second.subscriber_id
    assert second.new


def test_subscribing_again_with_other_topics_changes_the_choice(house):
    house.subscribe("lea@example.org", topics_in=("law",))
    house.subscribe("lea@example.org", topics_in=("health",))
    (row,) = _rows(house, subscriptions)
    with house.open() as (connection, _revision, names):
        chosen = select(profiles.c.topics_in).where(profiles.c.id == row.profile_id)
        assert connection.scalar(chosen) == [names.topics["health"]]


def test_readers_with_the_same_choice_share_a_profile(house):
    house.subscribe("lea@example.org", topics_in=("law", "health"))
    house.subscribe("noe@example.org", topics_in=("health", "law"))
    house.subscribe("sara@example.org", topics_out=("health", "law"))
    assert _count(house, profiles) == 2


def test_a_new_reader_gets_the_articles_after_the_start(house):
    house.now = NOW - timedelta(days=3)
    house.take("Vieux", language="fr")
    house.now = NOW
    house.take("Neuf", language="fr")
    house.subscribe("lea@example.org", back=timedelta(days=1))
    assert _rows(house, subscriptions)[0].start_number == 1


def test_an_address_on_the_do_not_mail_list_is_refused_without_being_told_whole(house):
    address = parse_address("lea@example.org")
    with house.open() as (connection, _revision, _names):
        values = {"address_hash": address.hash, "reason": "complaint", "at": NOW}
        connection.execute(insert(suppressions).values(values))
    with pytest.raises(AddressRefused) as caught:
        house.subscribe("Lea@EXAMPLE.org")
    assert "L…@example.org is on the do-not-mail list (complaint)" in caught.value.message
    assert _count(house, subscribers) == 0


def test_leaving_twice_is_leaving_once(house):
    left = house.subscribe("lea@example.org").subscription_id
    assert (_leave(house, left), _leave(house, left)) == (True, False)
    (row,) = _rows(house, subscriptions)
    assert (row.state, row.ended_at) == ("unsubscribed", NOW)
    assert [one.kind for one in _rows(house, subscriber_events)] == ["subscribed", "unsubscribed"]


def test_leaving_what_never_was_changes_nothing(house):
    assert _leave(house, 404) is False


def test_leaving_one_channel_keeps_the_other(house):
    left = house.subscribe("lea@example.org")
    house.subscribe("lea@example.org", channel="nashra")
    _leave(house, left.subscription_id)
    assert sorted(row.state for row in _rows(house, subscriptions)) == ["active", "unsubscribed"]


def test_who_comes_back_is_not_owed_what_was_sent_meanwhile(house):
    first = house.subscribe("lea@example.org")
    _leave(house, first.subscription_id)
    house.take("Entre-temps", language="fr")
    house.now = NOW + timedelta(days=3)
    back = house.subscribe("lea@example.org")
    assert back.new
    assert back.subscription_id == first.subscription_id
    (row,) = _rows(house, subscriptions)
    assert (row.state, row.ended_at, row.start_number) == ("active", None, 1)


def test_a_subscription_is_shown_with_its_address(house):
    made = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, names):
        found = subscription(connection, made.subscription_id)
        assert (found.address, found.channel_id) == (
            "lea@example.org",
            names.channels["actualites"],
        )
        with pytest.raises(UnknownName):
            subscription(connection, 404)
