from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from asking import Ask
from house import NOW, SITE, House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from colporteur.audience.erasing import erase
from colporteur.audience.leaving import leave_all
from colporteur.audience.links import private_feed_link
from colporteur.audience.pausing import pause
from colporteur.audience.preferences import person, renew_feed
from colporteur.db import reading
from colporteur.db.tables.syndication import documents, entry_fragments
from colporteur.editions.choosing import Profile
from colporteur.publication.identities import Ids
from colporteur.syndication import listing
from colporteur.syndication.feed import FORMATS
from colporteur.syndication.lint import lint_document
from colporteur.syndication.lint.serving import Served, lint_answer

DATABASES = ("sqlite",)  # the stores below have their tests on both

KEY = "k" * 32
TOPICS = ("health", "law", "schools")


def _feed(house: House, subscriber_id: int) -> str:
    """The path of a new private feed of a reader, without its suffix."""
    with house.open() as (connection, _revision, _names):
        key = renew_feed(connection, person(connection, subscriber_id), by="test", now=NOW)
    return urlsplit(private_feed_link(KEY, SITE, subscriber_id, key)).path


@pytest.fixture
def path(published: House) -> str:
    published.take("La loi et l’école", language="fr", topics=("law",), teaser="Un extrait & plus.")
    made = published.subscribe("lea@example.org", topics_in=("law",))
    return _feed(published, made.subscriber_id)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_readers_own_feed_has_what_they_chose_and_no_fault(ask: Ask, path: str, suffix: str):
    answer = ask("GET", f"{path}.{suffix}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FORMATS[suffix])
    assert "La loi et l’école" in answer.text
    assert "Tri aux urgences" not in answer.text
    assert "hub" not in answer.text
    url = f"{SITE}{path}.{suffix}"
    assert lint_document(answer.content, feed_url=url) == []
    served = Served(200, {key.lower(): value for key, value in answer.headers.items()}, url)
    assert {one.rule for one in lint_answer(served, suffix, url)} == {"http-cors"}  # as it should


def test_it_is_kept_from_caches_indexes_and_other_sites(ask: Ask, path: str):
    answer = ask("GET", f"{path}.atom", headers={"Origin": "https://elsewhere.example"})
    headers = answer.headers
    assert headers["cache-control"].startswith("private")
    assert headers["x-robots-tag"] == "noindex"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    preflight = ask("OPTIONS", f"{path}.atom", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in preflight.headers
    assert "/feeds/private" not in ask("GET", "/feeds.opml").text


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_who_has_it_is_told_so_in_either_coding(ask: Ask, path: str, coding: str):
    coded = {"Accept-Encoding": coding}
    first = ask("GET", f"{path}.rss", headers=coded)
    assert first.headers.get("content-encoding", "identity") == coding
    since = first.headers["last-modified"]
    for asked in ({"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": since}):
        again = ask("GET", f"{path}.rss", headers={**coded, **asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


def test_what_is_published_next_is_in_it_at_once(ask: Ask, published: House, path: str):
    tag = ask("GET", f"{path}.json").headers["etag"]
    published.now += timedelta(hours=1)
    published.take("Encore la loi", language="fr", topics=("law",))
    answer = ask("GET", f"{path}.json", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["items"][0]["title"] == "Encore la loi"


def test_looking_at_it_keeps_nothing(ask: Ask, published: House, path: str):
    def kept() -> tuple[int, int]:
        with reading(published.engine) as connection:
            counts = [
                connection.scalar(select(func.count()).select_from(table)) or 0
                for table in (documents, entry_fragments)
            ]
        return counts[0], counts[1]

    before = kept()
    assert ask("GET", f"{path}.atom").status_code == 200
    assert kept() == before


def test_a_new_address_ends_the_old_one(ask: Ask, published: House, path: str):
    new = _feed(published, 1)
    assert ask("GET", f"{path}.rss").status_code == 404
    assert ask("GET", f"{new}.rss").status_code == 200


@pytest.mark.parametrize(
    "cut", ["/feeds/private/x.rss", "/feeds/private/.rss", "{}x.rss", "{}.opml"]
)
def test_what_is_not_ours_is_not_there(ask: Ask, path: str, cut: str):
    assert ask("GET", cut.format(path)).status_code == 404


def test_it_goes_on_in_a_pause_and_ends_when_they_leave_or_are_erased(
    ask: Ask, published: House, path: str
):
    with published.open() as (connection, _revision, _names):
        pause(connection, 1, NOW + timedelta(days=1), by="test", now=NOW)
    assert ask("GET", f"{path}.rss").status_code == 200
    with published.open() as (connection, _revision, _names):
        leave_all(connection, 1, by="test", now=NOW)
    assert ask("GET", f"{path}.rss").status_code == 410
    with published.open() as (connection, _revision, _names):
        erase(connection, 1, by="test", now=NOW)
    assert ask("GET", f"{path}.rss").status_code == 410


def test_no_other_origin_may_post_there(ask: Ask, path: str):
    assert ask("POST", f"{path}.rss").status_code == 405


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(
    wanted=st.frozensets(st.sampled_from(TOPICS), max_size=2),
    unwanted=st.frozensets(st.sampled_from(TOPICS), max_size=2),
)
def test_the_database_chooses_as_digests_do(library, wanted, unwanted):
    house, names, known = library
    taste = Profile(
        frozenset(names.topics[one] for one in wanted),
        frozenset(names.topics[one] for one in unwanted),
        "",
    )
    with reading(house.engine) as connection:
        found = listing.chosen(connection, 50, {names.channels["actualites"]: taste})
    expected = {one for one, topics in known.items() if taste.wants(topics)}
    assert {one.article_id for one in found} == expected


@pytest.fixture
def library(house: House) -> tuple[House, Ids, dict[int, frozenset[int]]]:
    """A channel with an article of each set of topics, and another channel's."""
    sets = [(), ("law",), ("health",), ("law", "health"), ("schools", "law"), TOPICS]
    known = {}
    with house.open() as (_connection, _revision, names):
        pass
    for number, topics in enumerate(sets):
        taken = house.take(f"Article {number}", language="fr", topics=topics)
        known[taken.article_id] = frozenset(names.topics[one] for one in topics)
    house.take("مقال", language="ar", topics=("law",))
    return house, names, known
