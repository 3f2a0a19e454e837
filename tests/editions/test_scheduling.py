from datetime import datetime, timedelta

import pytest
from house import NOW, House, channel, digest, publication
from sqlalchemy import select

from colporteur.audience.subscribing import unsubscribe
from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_versions
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import edition_events, variants
from colporteur.editions import scheduling
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state

SLOT = datetime.fromisoformat("2026-11-21T07:00:00+01:00")


def tick(house: House, now: datetime) -> list[int]:
    with house.open() as (connection, revision, names):
        return scheduling.advance(connection, revision, names, now)


def every_edition(house: House) -> list[Edition]:
    with reading(house.engine) as connection:
        return in_state(connection, *State)


def brought(house: House) -> dict[str, list[list[str]]]:
    """Titles of each delivery's variant, by address, in order of editions."""
    with reading(house.engine) as connection:
        titles = {row.article_id: row.title for row in connection.execute(select(article_versions))}
        rows = connection.execute(
            select(subscribers.c.address, variants.c.articles)
            .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
            .join(variants, variants.c.id == deliveries.c.variant_id)
            .order_by(deliveries.c.id)
        ).all()
    found: dict[str, list[list[str]]] = {}
    for address, ids in rows:
        found.setdefault(address, []).append([titles[one] for one in ids])
    return found


def test_an_edition_freezes_before_its_slot_and_begins_at_it(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    assert tick(house, SLOT - timedelta(minutes=11)) == []
    (frozen,) = tick(house, SLOT - timedelta(minutes=10))
    assert [one.state for one in every_edition(house)] == [State.FROZEN, State.SKIPPED]
    tick(house, SLOT)
    assert next(one for one in every_edition(house) if one.id == frozen).state is State.SENDING


def test_any_number_of_ticks_make_one_edition(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    for _ in range(3):
        tick(house, SLOT - timedelta(minutes=5))
        tick(house, SLOT)
    assert len(every_edition(house)) == 2  # one a channel
    assert brought(house) == {"a@example.org": [["Un"]]}


def test_an_edition_without_news_or_readers_is_recorded_with_the_reason(house: House):
    house.subscribe("a@example.org")
    tick(house, SLOT)
    reasons = {(one.channel_id, one.reason) for one in every_edition(house)}
    assert reasons == {(1, "nothing new"), (2, "no readers")}


def test_a_reader_gets_each_article_once_and_none_is_lost(house: House):
    house.subscribe("a@example.org")
    house.take("Un")
    tick(house, SLOT)
    house.now = SLOT + timedelta(hours=1)
    house.take("Deux")
    tick(house, SLOT + timedelta(days=1))
    tick(house, SLOT + timedelta(days=2))
    assert brought(house) == {"a@example.org": [["Un"], ["Deux"]]}


def test_a_new_reader_reaches_back_one_slot(house: House):
    house.now = NOW - timedelta(days=3)
    house.take("Ancien")
    house.now = NOW
    house.take("Récent")
    house.subscribe("new@example.org", back=timedelta(days=1))
    tick(house, SLOT)
    assert brought(house) == {"new@example.org": [["Récent"]]}


def test_a_failed_delivery_reopens_its_articles_for_that_reader_alone(house: House):
    house.take("Un")
    for address in ("a@example.org", "b@example.org"):
        house.subscribe(address)
    tick(house, SLOT)
    with writing(house.engine) as connection:
        connection.execute(
            deliveries.update().where(deliveries.c.subscriber_id == 1).values(status="failed")
        )
    house.now = SLOT + timedelta(hours=2)
    house.take("Deux")
    tick(house, SLOT + timedelta(days=1))
    found = brought(house)
    assert found["a@example.org"][1] == ["Deux", "Un"]
    assert found["b@example.org"][1] == ["Deux"]


def test_what_fails_after_the_next_freeze_comes_back_without_what_that_brought(house: House):
    house.subscribe("a@example.org")
    house.take("Un")
    tick(house, SLOT)
    house.now = SLOT + timedelta(hours=2)
    house.take("Deux")
    tick(house, SLOT + timedelta(days=1))
    with writing(house.engine) as connection:
        connection.execute(deliveries.update().where(deliveries.c.id == 1).values(status="failed"))
    tick(house, SLOT + timedelta(days=2))
    assert brought(house) == {"a@example.org": [["Un"], ["Deux"], ["Un"]]}


def test_topics_divide_readers_into_variants(house: House):
    house.take("Santé", topics=("health",))
    house.take("Droit", topics=("law",))
    house.take("Sans thème")
    house.subscribe("all@example.org")
    house.subscribe("health@example.org", topics_in=("health",))
    house.subscribe("no-law@example.org", topics_out=("law",))
    house.subscribe("schools@example.org", topics_in=("schools",))
    tick(house, SLOT)
    assert {address: set(one) for address, (one,) in brought(house).items()} == {
        "all@example.org": {"Santé", "Droit", "Sans thème"},
        "health@example.org": {"Santé"},
        "no-law@example.org": {"Santé"},
    }


def test_readers_with_one_choice_share_a_variant_and_fill_batches_of_a_hundred(house: House):
    house.take("Un")
    for number in range(230):
        house.subscribe(f"r{number}@example.org")
    tick(house, SLOT)
    with reading(house.engine) as connection:
        (variant,) = connection.execute(select(variants)).all()
        per_batch: dict[int, int] = {}
        for row in connection.execute(select(deliveries)):
            per_batch[row.batch_id] = per_batch.get(row.batch_id, 0) + 1
        numbers = list(connection.scalars(select(batches.c.batch_no).order_by(batches.c.batch_no)))
    assert variant.readers == 230
    assert (sorted(per_batch.values()), numbers) == ([30, 100, 100], [0, 1, 2])


def test_a_reader_who_left_before_the_freeze_gets_no_row(house: House):
    house.take("Un")
    house.subscribe("stays@example.org")
    gone = house.subscribe("gone@example.org")
    with writing(house.engine) as connection:
        unsubscribe(connection, gone.subscription_id, by="test", now=NOW)
    tick(house, SLOT)
    assert list(brought(house)) == ["stays@example.org"]


def test_several_missed_slots_are_caught_up_in_one(house: House):
    house.subscribe("a@example.org")
    house.take("Un")
    tick(house, SLOT + timedelta(days=3, hours=1))
    mine = [one for one in every_edition(house) if one.channel_id == 1]
    assert [one.state for one in mine] == [State.MISSED] * 3 + [State.SENDING]
    assert brought(house) == {"a@example.org": [["Un"]]}


def test_a_slot_older_than_catch_up_is_missed(house: House):
    house.subscribe("a@example.org")
    house.take("Un")
    tick(house, SLOT + timedelta(hours=7))
    assert {one.state for one in every_edition(house)} == {State.MISSED}


def test_an_edition_sent_by_hand_is_of_this_moment(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    with house.open() as (connection, revision, names):
        found = revision.publication.channel("actualites")
        edition, readers = scheduling.send_now(
            connection, revision, names, found, "matin", by="test", now=NOW
        )
    assert (edition.slot, edition.forced, readers) == (NOW, True, 1)
    tick(house, SLOT)
    assert brought(house) == {"a@example.org": [["Un"]]}


def test_articles_that_do_not_fit_are_offered_and_not_brought_again(house: House):
    rules = digest(max_items=2)
    house.apply(
        publication(channels=[channel("actualites", "fr", digest=rules), channel("nashra", "ar")])
    )
    house.subscribe("a@example.org")
    for number in range(5):
        house.take(f"Article {number}")
    tick(house, SLOT)
    with reading(house.engine) as connection:
        assert connection.scalar(select(variants.c.more)) == 3
    tick(house, SLOT + timedelta(days=1))
    assert len(brought(house)["a@example.org"]) == 1


def test_each_change_of_state_is_kept_with_who_and_when(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    tick(house, SLOT)
    with reading(house.engine) as connection:
        rows = connection.execute(
            select(edition_events)
            .where(edition_events.c.edition_id == 1)
            .order_by(edition_events.c.id)
        ).all()
    assert [row.to_state for row in rows] == ["open", "frozen", "sending"]
    assert {(row.by, row.at) for row in rows} == {("calendar", SLOT)}


def test_an_article_in_another_language_is_not_in_the_digest(house: House):
    house.take("مقال", language="ar", channels=("actualites",))
    house.take("Un", language="fr")
    house.subscribe("a@example.org")
    tick(house, SLOT)
    assert brought(house) == {"a@example.org": [["Un"]]}


@pytest.mark.parametrize("again", [1, 2])
def test_closing_waits_for_the_last_message(house: House, again: int):
    house.take("Un")
    house.subscribe("a@example.org")
    tick(house, SLOT)
    with writing(house.engine) as connection:
        assert scheduling.finish(connection, SLOT) == []
        connection.execute(deliveries.update().values(status="sent"))
        assert scheduling.finish(connection, SLOT) == [1]
        for _ in range(again):
            assert scheduling.finish(connection, SLOT) == []


def test_a_reader_of_two_channels_gets_an_article_of_both_once(house: House):
    house.apply(publication(channels=[channel("actualites", "fr"), channel("revue", "fr")]))
    house.take("Dans les deux", channels=("actualites", "revue"))
    house.take("Dans la revue", channels=("revue",))
    for slug in ("actualites", "revue"):
        house.subscribe("both@example.org", channel=slug)
    house.subscribe("revue@example.org", channel="revue")
    tick(house, SLOT)
    found = brought(house)
    assert found["both@example.org"] == [["Dans les deux"], ["Dans la revue"]]
    assert [set(one) for one in found["revue@example.org"]] == [{"Dans les deux", "Dans la revue"}]


def test_an_article_that_failed_on_one_channel_comes_on_the_other(house: House):
    house.apply(publication(channels=[channel("actualites", "fr"), channel("revue", "fr")]))
    house.take("Dans les deux", channels=("actualites", "revue"))
    for slug in ("actualites", "revue"):
        house.subscribe("both@example.org", channel=slug)
    with house.open() as (connection, revision, names):
        first = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, first, "matin", by="test", now=NOW)
        connection.execute(deliveries.update().values(status="failed"))
        second = revision.publication.channel("revue")
        _, readers = scheduling.send_now(
            connection, revision, names, second, "matin", by="test", now=NOW
        )
    assert readers == 1


def test_a_second_click_within_the_second_is_the_same_edition(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    with house.open() as (connection, revision, names):
        found = revision.publication.channel("actualites")
        first, second = (
            scheduling.send_now(connection, revision, names, found, "matin", by="t", now=NOW)
            for _ in range(2)
        )
    assert first[0].id == second[0].id
    assert second[1] == 1
