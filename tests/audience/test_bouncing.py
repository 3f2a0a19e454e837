"""What comes back about readers and what it does to them: decision 0014."""

from datetime import timedelta

import pytest
from house import NOW
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import insert, select

from colporteur.audience.addresses import hash_of
from colporteur.audience.bouncing import Effect, Heard, Kind, note_feedback
from colporteur.audience.moving import move
from colporteur.audience.patience import given_up
from colporteur.audience.states import Event, State
from colporteur.audience.suppressing import suppression_of
from colporteur.db.tables.audience import subscriber_events, subscribers
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.feedback import feedback

DAY = timedelta(days=1)


@pytest.fixture
def lea(house):
    return house.subscribe("lea@example.org")


def left(house, reader, at, status="sent"):
    """A delivery that left then; its id."""
    with house.open() as (connection, _revision, _names):
        batch = {"batch_no": 0, "priority": 5, "domain_group": "rest", "due_at": at}
        batch |= {"status": "done", "attempts": 0}
        batch_id = connection.scalar(insert(batches).values(batch).returning(batches.c.id))
        made = insert(deliveries).values(
            edition_id=1000 + batch_id,
            subscriber_id=reader.subscriber_id,
            subscription_id=reader.subscription_id,
            batch_id=batch_id,
            status=status,
            due_at=at,
            ended_at=at,
            attempts=1,
            possible_duplicates=0,
        )
        return connection.scalar(made.returning(deliveries.c.id))


def heard(house, reader, delivery=None, kind=Kind.BOUNCE, verdict="soft", event="", now=None):
    found = Heard(
        "lmtp",
        event or f"event-{delivery}",
        kind,
        verdict if kind is Kind.BOUNCE else None,
        reader.subscriber_id,
        delivery,
        text="<lea@example.org>: no",
        raw=b"To: lea@example.org",
    )
    with house.open() as (connection, _revision, _names):
        return note_feedback(connection, found, now or house.now)


def stands(house, reader):
    """The reader's state, and why their address is on the do-not-mail list."""
    with house.open() as (connection, _revision, _names):
        query = select(subscribers.c.state).where(subscribers.c.id == reader.subscriber_id)
        listed = suppression_of(connection, hash_of("lea@example.org"))
        return connection.scalar(query), listed and listed.value


def came_back(house, reader, *days, now=None):
    """Soft bounces of deliveries that left so many days after the first; the last effect."""
    found = None
    for day in days:
        delivery = left(house, reader, NOW + day * DAY)
        found = heard(house, reader, delivery, now=now or NOW + (day + 5) * DAY)
    return found


def test_one_hard_bounce_ends_it(house, lea):
    assert heard(house, lea, left(house, lea, NOW), verdict="hard") is Effect.BOUNCED
    assert stands(house, lea) == ("bounced", "bounced")
    with house.open() as (connection, _revision, _names):
        row = connection.execute(select(feedback)).one()
        assert (row.kind, row.effect, row.domain) == ("bounce", "bounced", "example.org")
        assert row.text == "<l…@example.org>: no"


def test_what_was_heard_before_does_nothing(house, lea):
    delivery = left(house, lea, NOW)
    assert heard(house, lea, delivery, verdict="hard") is Effect.BOUNCED
    assert heard(house, lea, delivery, verdict="hard") is None
    assert heard(house, lea, delivery, verdict="hard", event="other") is Effect.NOTHING
    with house.open() as (connection, _revision, _names):
        mine = subscriber_events.c.kind == "bounced"
        assert len(connection.execute(select(subscriber_events).where(mine)).all()) == 1


def test_a_complaint_ends_it_even_after_a_bounce(house, lea):
    heard(house, lea, verdict="hard", event="1")
    assert heard(house, lea, kind=Kind.COMPLAINT, event="2") is Effect.COMPLAINED
    assert stands(house, lea) == ("complained", "complained")
    assert heard(house, lea, verdict="hard", event="3") is Effect.NOTHING
    assert stands(house, lea) == ("complained", "complained")


@pytest.mark.parametrize("verdict", ["policy", "rate", "message"])
def test_what_is_held_against_us_does_nothing_to_a_reader(house, lea, verdict):
    assert heard(house, lea, left(house, lea, NOW), verdict=verdict) is Effect.NOTHING
    assert stands(house, lea) == ("active", None)


def test_five_soft_ones_over_fifteen_days_end_it(house, lea):
    assert came_back(house, lea, 0, 4, 8, 12) is Effect.NOTHING
    assert came_back(house, lea, 15) is Effect.BOUNCED
    assert stands(house, lea) == ("bounced", "bounced")


def test_five_within_a_fortnight_do_not(house, lea):
    assert came_back(house, lea, 0, 1, 2, 3, 4, 5, 14) is Effect.NOTHING


def test_one_that_arrived_between_begins_the_count_anew(house, lea):
    left(house, lea, NOW + 10 * DAY)
    assert came_back(house, lea, 0, 4, 8, 12, 15) is Effect.NOTHING
    assert came_back(house, lea, 19, 23) is Effect.NOTHING
    assert came_back(house, lea, 27) is Effect.BOUNCED  # 12 to 27: five since then


def test_mail_of_which_news_may_still_come_is_not_taken_for_delivered(house, lea):
    came_back(house, lea, 0, 4, 8, 12)
    left(house, lea, NOW + 14 * DAY)
    late = left(house, lea, NOW + 15 * DAY)
    assert heard(house, lea, late, now=NOW + 15.5 * DAY) is Effect.BOUNCED


def test_the_same_delivery_heard_of_twice_is_one(house, lea):
    first, last = left(house, lea, NOW), left(house, lea, NOW + 20 * DAY)
    assert heard(house, lea, first) is Effect.NOTHING
    for number in range(5):
        assert heard(house, lea, last, event=f"again-{number}") is Effect.NOTHING


def test_who_confirmed_since_is_not_ended_by_older_mail(house, lea):
    old = left(house, lea, NOW)
    with house.open() as (connection, _revision, _names):
        move(connection, lea.subscriber_id, Event.CONFIRMED, by="reader", now=NOW + DAY)
    assert heard(house, lea, old, verdict="hard") is Effect.NOTHING
    assert heard(house, lea, left(house, lea, NOW + 2 * DAY), verdict="hard") is Effect.BOUNCED


def test_what_comes_back_about_the_erased_is_kept_and_does_nothing(house, lea):
    with house.open() as (connection, _revision, _names):
        move(connection, lea.subscriber_id, Event.ERASED, by="reader", now=NOW)
    for number, kind in enumerate(Kind):
        assert heard(house, lea, kind=kind, verdict="hard", event=f"{number}") is Effect.NOTHING
    assert stands(house, lea)[0] == State.ERASED
    with house.open() as (connection, _revision, _names):
        for row in connection.execute(select(feedback)):
            assert (row.text, row.domain, row.raw) == ("", None, None)


moments = some.integers(0, 60).map(lambda day: NOW + day * DAY)


@given(some.dictionaries(some.integers(0, 30), moments, max_size=12), some.lists(moments))
def test_the_rule_never_gives_up_sooner_for_more_that_arrived(softly, delivered):
    without = given_up(softly, ())
    assert without == (len(softly) >= 5 and max(softly.values()) - min(softly.values()) >= 15 * DAY)
    assert without or not given_up(softly, delivered)
    for spared in range(len(delivered)):
        assert given_up(softly, delivered[:spared]) or not given_up(softly, delivered)
