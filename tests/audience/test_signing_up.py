from dataclasses import replace
from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import func, select, update

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked, consent
from colporteur.audience.history import choice_at, standing
from colporteur.audience.leaving import leave, take_back
from colporteur.audience.moving import move
from colporteur.audience.signing_up import SignedUp, Standing, confirm, sign_up
from colporteur.audience.states import Event
from colporteur.audience.subscribing import unsubscribe
from colporteur.audience.suppressing import Reason, suppress, suppression_of
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import consents, subscribers, subscriptions, wordings
from colporteur.exceptions import UnknownName

LEA = parse_address("lea@example.org")
FORM = Asked("form", "I would like it.", "https://relais.example/subscribe", "192.0.2.7")


def ask(house, *channels: str, address=LEA, start: int = 0, asked: Asked = FORM) -> SignedUp:
    wanted = channels or ("actualites",)
    with house.open() as (connection, _revision, names):
        choices = [Choice(names.channels[one], "matin") for one in wanted]
        starts = {one.channel_id: start for one in choices}
        return sign_up(
            connection,
            address,
            choices,
            language="fr",
            asked=asked,
            start_numbers=starts,
            now=house.now,
        )


def press(house, consent_id, **more):
    with house.open() as (connection, _revision, _names):
        return confirm(connection, consent_id, ip="192.0.2.8", now=house.now, **more)


def states(house):
    with house.open() as (connection, _revision, _names):
        reader = connection.scalars(select(subscribers.c.state)).all()
        held = connection.scalars(select(subscriptions.c.state).order_by(subscriptions.c.id)).all()
        return [*reader, *held]


def test_who_asks_waits_for_the_button_and_pressing_it_begins_what_they_asked_for(house):
    asked = ask(house, "actualites", "nashra")
    assert asked.standing is Standing.NEW
    assert states(house) == ["pending", "pending", "pending"]
    house.now += timedelta(hours=1)
    done = press(house, asked.consent_id)
    assert (len(done.subscription_ids), done.again) == (2, False)
    assert states(house) == ["active", "active", "active"]
    with house.open() as (connection, _revision, _names):
        kept = consent(connection, asked.consent_id)
        assert (kept.ip, kept.confirmed_ip) == ("192.0.2.7", "192.0.2.8")
        assert (kept.at, kept.confirmed_at) == (NOW, NOW + timedelta(hours=1))
        assert connection.scalar(select(wordings.c.text)) == "I would like it."
        (first, _) = done.subscription_ids
        then = choice_at(connection, first, NOW + timedelta(minutes=5))
        assert then is not None
        assert then.state == "pending"
        now = choice_at(connection, first, house.now)
        assert now is not None
        assert now.state == "active"


def test_a_button_that_was_pressed_begins_nothing_again_even_after_they_left(house):
    asked = ask(house)
    (held,) = press(house, asked.consent_id).subscription_ids
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, held, by="link", now=house.now)
    again = press(house, asked.consent_id)
    assert (again.again, again.subscription_ids) == (True, ())
    assert states(house) == ["active", "unsubscribed"]


def test_articles_count_from_the_later_of_asking_and_confirming(house):
    asked = ask(house, "actualites", "nashra", start=5)
    with house.open() as (_connection, _revision, names):
        later = {names.channels["actualites"]: 9, names.channels["nashra"]: 2}
    press(house, asked.consent_id, start_numbers=later)
    with house.open() as (connection, _revision, _names):
        rows = connection.execute(select(subscriptions.c.channel_id, subscriptions.c.start_number))
        found = {row.channel_id: row.start_number for row in rows}
    assert found == {names.channels["actualites"]: 9, names.channels["nashra"]: 5}


def test_who_has_it_already_is_known_and_keeps_what_they_chose(house):
    house.subscribe("lea@example.org", topics_in=("law",))
    found = ask(house, address=parse_address("LEA@Example.org"))
    assert (found.standing, found.consent_id) == (Standing.KNOWN, None)
    assert states(house) == ["active", "active"]


def test_who_has_one_of_two_is_asked_for_the_other_only(house):
    house.subscribe("lea@example.org")
    found = ask(house, "actualites", "nashra")
    assert found.standing is Standing.NEW
    with house.open() as (connection, _revision, names):
        assert consent(connection, found.consent_id).channels == (names.channels["nashra"],)
    assert states(house) == ["active", "active", "pending"]


def test_asking_twice_is_one_reader_and_either_button_is_enough(house):
    first, second = ask(house), ask(house)
    assert first == second
    assert press(house, first.consent_id).subscription_ids
    assert press(house, second.consent_id).subscription_ids == ()
    assert states(house) == ["active", "active"]


def test_asking_in_another_way_is_another_record_and_either_button_is_enough(house):
    first, second = ask(house), ask(house, asked=replace(FORM, last_edition=True))
    third = ask(house, "actualites", "nashra")
    assert len({first.consent_id, second.consent_id, third.consent_id}) == 3
    assert press(house, second.consent_id).subscription_ids
    assert press(house, first.consent_id).subscription_ids == ()
    house.now += timedelta(hours=73)
    assert ask(house, "actualites", "nashra").consent_id != third.consent_id


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.ERASED])
def test_an_owner_who_presses_the_button_is_written_to_again(house, reason):
    with house.open() as (connection, _revision, _names):
        suppress(connection, LEA.hash, reason, house.now)
    asked = ask(house)
    assert asked.standing is Standing.NEW
    press(house, asked.consent_id)
    with house.open() as (connection, _revision, _names):
        assert suppression_of(connection, LEA.hash) is None


def test_nothing_is_kept_of_who_asked_never_to_be_written_to(house):
    with house.open() as (connection, _revision, _names):
        suppress(connection, LEA.hash, Reason.MANUAL, house.now)
    assert ask(house) == SignedUp(None, None, Standing.REFUSED)
    assert states(house) == []


def test_a_button_is_of_no_use_once_its_owner_asked_for_silence(house):
    asked = ask(house)
    with house.open() as (connection, _revision, _names):
        suppress(connection, LEA.hash, Reason.MANUAL, house.now)
    with pytest.raises(UnknownName):
        press(house, asked.consent_id)
    assert states(house) == ["pending", "pending"]


def test_a_reader_who_bounced_gets_what_they_have_again_once_they_press_the_button(house):
    held = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        move(connection, held.subscriber_id, Event.BOUNCED, by="test", now=house.now)
        suppress(connection, LEA.hash, Reason.BOUNCED, house.now)
    asked = ask(house)
    assert asked.standing is Standing.NEW
    assert states(house) == ["bounced", "active"]
    assert press(house, asked.consent_id).subscription_ids == (held.subscription_id,)
    assert states(house) == ["active", "active"]


def test_who_left_comes_back_with_the_button_only(house):
    held = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, held.subscription_id, by="link", now=house.now)
    asked = ask(house)
    assert states(house) == ["active", "unsubscribed"]
    press(house, asked.consent_id)
    assert states(house) == ["active", "active"]
    with house.open() as (connection, _revision, _names):
        assert connection.scalar(select(subscriptions.c.ended_at)) is None


def test_who_types_a_leavers_address_takes_neither_their_choices_nor_their_way_back(house):
    held = house.subscribe("lea@example.org", topics_in=("law",), minute=1170)
    with house.open() as (connection, _revision, _names):
        before = standing(connection, held.subscription_id)
        leave(connection, held.subscription_id, by="link", now=house.now)
    house.now += timedelta(hours=1)
    asked = ask(house)
    with house.open() as (connection, _revision, _names):
        assert take_back(connection, held.subscription_id, by="page", now=house.now)
        assert standing(connection, held.subscription_id) == before
        leave(connection, held.subscription_id, by="link", now=house.now + timedelta(hours=1))
    house.now += timedelta(hours=2)
    refused = press(house, asked.consent_id)
    assert (refused.subscription_ids, refused.left) == ((), True)
    again = ask(house)
    assert press(house, again.consent_id).subscription_ids == (held.subscription_id,)
    with house.open() as (connection, _revision, _names):
        assert before is not None
        after = standing(connection, held.subscription_id)
        assert after is not None
        assert after.choice == before.choice
        assert consent(connection, asked.consent_id).confirmed_at is None


@pytest.mark.parametrize(
    ("event", "reason", "other"),
    [
        (Event.COMPLAINED, Reason.COMPLAINED, "unsubscribed"),
        (Event.BOUNCED, Reason.BOUNCED, "active"),
    ],
)
def test_a_button_wakes_nothing_that_was_called_spam_and_owes_nothing_of_the_silence(
    house, event, reason, other
):
    house.subscribe("lea@example.org", channel="nashra")
    held = house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        move(connection, held.subscriber_id, event, by="test", now=house.now)
        suppress(connection, LEA.hash, reason, house.now)
    house.take("Une nouvelle")
    house.now += timedelta(minutes=1)
    with house.open() as (connection, _revision, _names):
        number = last_number_at(connection, house.now)
    asked = ask(house, start=number)
    press(house, asked.consent_id, start_numbers=dict.fromkeys(range(9), number))
    assert states(house) == ["active", other, "active"]
    with house.open() as (connection, _revision, _names):
        awake = select(subscriptions.c.start_number).where(subscriptions.c.state == "active")
        assert set(connection.scalars(awake)) == {number}


def test_staff_who_add_a_reader_that_waits_need_no_button(house):
    ask(house)
    house.subscribe("lea@example.org")
    assert states(house) == ["active", "active"]


def test_a_record_that_was_forgotten_cannot_be_confirmed(house):
    with pytest.raises(UnknownName):
        press(house, 4711)


def test_an_erased_readers_button_is_of_no_use(house):
    asked = ask(house)
    with house.open() as (connection, _revision, _names):
        move(connection, asked.subscriber_id, Event.ERASED, by="test", now=house.now)
        gone = {"address": None, "address_key": None}
        connection.execute(update(subscribers).values(gone))
    with pytest.raises(UnknownName):
        press(house, asked.consent_id)
    with house.open() as (connection, _revision, _names):
        assert connection.scalar(select(func.count()).select_from(consents)) == 1
