from datetime import timedelta

import pytest
from desk import DAY, SLOT, Desk
from house import House
from sqlalchemy import select, update

from colporteur.articles.withdrawing import restore
from colporteur.db import reading, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.editions.scheduling import finish
from colporteur.editions.states import State

FROZEN = SLOT - timedelta(minutes=9)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_what_is_withdrawn_after_the_freeze_leaves_with_no_message(desk: Desk):
    desk.house.subscribe("a@example.org")
    desk.house.subscribe("sent@example.org")
    gone = desk.take("Retiré")
    desk.take("Reste")
    desk.tick(SLOT)
    (edition,) = desk.editions(State.SENDING)
    desk.now_sent(edition.id, "sent", "sent@example.org")
    desk.withdraw(gone)
    desk.tick(SLOT + timedelta(seconds=1))
    assert desk.brought() == {
        "a@example.org": [["Reste"]],
        "sent@example.org": [["Reste", "Retiré"]],  # on record as it was
    }


def test_a_digest_with_nothing_left_is_skipped_and_its_edition_ends(desk: Desk):
    desk.house.subscribe("a@example.org")
    gone = desk.take("Retiré")
    desk.tick(FROZEN)
    desk.withdraw(gone)
    desk.tick(SLOT)
    (row,) = desk.deliveries(1)
    assert (row.status, row.reason) == ("skipped", "withdrawn")
    with desk.house.open() as (connection, _revision, _names):
        assert finish(connection, SLOT) == [1]
    assert desk.edition(1).state is State.SKIPPED


def test_a_deferred_message_goes_on_without_what_was_withdrawn(desk: Desk):
    desk.house.subscribe("a@example.org")
    gone = desk.take("Retiré")
    desk.take("Reste")
    desk.tick(SLOT)
    desk.now_sent(1, "deferred")
    desk.withdraw(gone)
    desk.tick(SLOT + timedelta(hours=1))
    assert desk.brought() == {"a@example.org": [["Reste"]]}


def test_what_comes_back_reaches_those_who_missed_it_and_nobody_twice(desk: Desk):
    desk.house.subscribe("had@example.org")
    article = desk.take("Revenu")
    desk.tick(SLOT)
    desk.now_sent(1)
    desk.house.now = SLOT + timedelta(hours=1)
    desk.house.subscribe("new@example.org", back=timedelta(days=2))
    desk.withdraw(article)
    other = desk.take("Autre")
    desk.tick(SLOT + DAY)  # passes its number
    with writing(desk.house.engine) as connection:
        assert restore(connection, article, SLOT + DAY)
    desk.tick(SLOT + 2 * DAY)
    assert desk.brought() == {
        "had@example.org": [["Revenu"], ["Autre"]],
        "new@example.org": [["Autre"], ["Revenu"]],
    }
    assert other


def test_an_article_that_joins_a_channel_later_reaches_its_readers(desk: Desk):
    desk.set_up("actualites", "revue")
    desk.house.subscribe("r@example.org", channel="revue")
    desk.house.subscribe("both@example.org", channel="revue")
    desk.house.subscribe("both@example.org", channel="actualites")
    url = "https://relais.example/plus-tard"
    desk.take("Plus tard", url=url, channels=("actualites",))
    desk.take("Autre", channels=("revue",))
    desk.tick(SLOT)
    desk.take("Plus tard", url=url, channels=("actualites", "revue"))
    desk.tick(SLOT + DAY)
    assert desk.brought() == {
        "r@example.org": [["Autre"], ["Plus tard"]],
        "both@example.org": [["Plus tard"], ["Autre"]],
    }


def test_a_copy_is_made_once_for_all_who_share_a_variant(desk: Desk):
    for number in range(5):
        desk.house.subscribe(f"{number}@example.org")
    gone = desk.take("Retiré")
    desk.take("Reste")
    desk.tick(FROZEN)
    desk.withdraw(gone)
    desk.tick(SLOT)
    with reading(desk.house.engine) as connection:
        used = set(connection.scalars(select(deliveries.c.variant_id)))
        copies = connection.execute(select(variants).where(variants.c.base_id.is_not(None))).all()
    assert used == {copy.id for copy in copies}
    assert [copy.without for copy in copies] == [[f"article {gone}"]]


def test_a_batch_that_was_done_is_looked_at_again_when_a_special_is_withdrawn(desk: Desk):
    desk.house.subscribe("a@example.org")
    alert = desk.take("Alerte")
    desk.tick(FROZEN)
    special = desk.special(alert)
    with writing(desk.house.engine) as connection:
        connection.execute(update(batches).where(batches.c.edition_id == 1).values(status="done"))
    desk.cancel(special.id)
    with reading(desk.house.engine) as connection:
        batch = connection.execute(select(batches).where(batches.c.edition_id == 1)).one()
        assert connection.scalar(select(articles.c.id)) == alert
    assert (batch.status, batch.due_at) == ("pending", SLOT)
