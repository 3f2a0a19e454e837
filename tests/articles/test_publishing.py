from datetime import timedelta

import pytest
from house import NOW

from colporteur.articles import store
from colporteur.articles.intake import Outcome
from colporteur.articles.publishing import publish_due
from colporteur.db.numbering import last_number, last_number_at

HOUR = timedelta(hours=1)


def _articles(house):
    with house.open() as (connection, _revision, _names):
        return store.listing(connection)


def _publish_due(house):
    with house.open() as (connection, _revision, _names):
        return publish_due(connection, house.now)


def test_numbers_grow_with_every_article_and_never_with_an_update(house):
    for title in ("Un", "Deux", "Un", "Trois"):
        house.take(title, language="fr", teaser=f"{house.now}")
        house.now += HOUR
    assert [one.number for one in reversed(_articles(house))] == [1, 2, 3]
    with house.open() as (connection, _revision, _names):
        assert last_number(connection) == 3
        assert last_number_at(connection, NOW - HOUR) == 0
        assert last_number_at(connection, NOW + HOUR) == 2


def test_a_number_goes_by_the_order_of_intake_and_not_by_the_authors_date(house):
    house.take("Neuf", language="fr", dated_at=NOW)
    house.take("Vieux", language="fr", dated_at=NOW - 30 * HOUR)
    old, new = _articles(house)
    assert (old.title, old.number, old.published_at) == ("Vieux", 2, NOW - 30 * HOUR)
    assert new.number == 1


@pytest.mark.parametrize("key", ["publish_at", "dated_at"])
def test_a_scheduled_article_has_no_number_until_it_is_due(house, key):
    house.take("Plus tard", language="fr", **{key: NOW + 2 * HOUR})
    house.take("Tout de suite", language="fr")
    assert _publish_due(house) == 0
    now, later = _articles(house)
    assert (later.state, later.number, later.published_at) == ("scheduled", None, None)
    assert (now.state, now.number) == ("published", 1)


def test_a_scheduled_article_is_numbered_once_when_due(house):
    house.take("Plus tard", language="fr", publish_at=NOW + 2 * HOUR)
    house.take("Tout de suite", language="fr")
    house.now = NOW + 3 * HOUR
    assert (_publish_due(house), _publish_due(house)) == (1, 0)
    article = _articles(house)[1]
    assert (article.state, article.number) == ("published", 2)
    assert article.published_at == NOW + 2 * HOUR
    assert article.changed_at - article.published_at < timedelta(seconds=1)


def test_scheduled_articles_are_numbered_in_the_order_of_their_hours(house):
    house.take("Second", language="fr", publish_at=NOW + 2 * HOUR)
    house.take("Premier", language="fr", publish_at=NOW + HOUR)
    house.now = NOW + 3 * HOUR
    assert _publish_due(house) == 2
    assert {one.title: one.number for one in _articles(house)} == {"Premier": 1, "Second": 2}


def test_a_scheduled_article_is_updated_before_it_appears(house):
    for teaser in ("Nuef.", "Neuf."):
        house.take("Un", language="fr", external_id="7", teaser=teaser, publish_at=NOW + HOUR)
    house.now = NOW + HOUR
    assert _publish_due(house) == 1
    (article,) = _articles(house)
    assert (article.teaser, article.number, article.published_at) == ("Neuf.", 1, NOW + HOUR)


def test_a_publishing_hour_in_the_past_is_now(house):
    house.take("Un", language="fr", publish_at=NOW - HOUR)
    (article,) = _articles(house)
    assert (article.state, article.published_at) == ("published", NOW)


def test_a_scheduled_article_is_on_no_page(house):
    house.take("Plus tard", language="fr", publish_at=NOW + HOUR)
    with house.open() as (connection, _revision, names):
        assert store.newest(connection, names.channels["actualites"], 10) == []


def test_an_article_has_a_page_on_our_site_unless_it_has_its_own(house):
    house.take("واحد", language="ar")
    house.take("Un", language="fr", url="https://x.example/un")
    own, ours = _articles(house)
    assert own.link("https://relais.example") == "https://x.example/un"
    assert ours.link("https://relais.example").isascii()


def test_an_article_that_waits_can_be_given_another_time(house):
    house.take("Plus tard", external_id="x", publish_at=house.now + timedelta(hours=1))
    again = house.take("Plus tard", external_id="x", publish_at=house.now + timedelta(hours=3))
    assert again.outcome is Outcome.UPDATED
    with house.open() as (connection, _, _names):
        assert publish_due(connection, house.now + timedelta(hours=2)) == 0
        assert publish_due(connection, house.now + timedelta(hours=3)) == 1
