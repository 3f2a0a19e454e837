import json
from datetime import timedelta
from urllib.parse import urlsplit

import feedparser
import pytest
from asking import Ask, asker, make_app
from house import NOW, SITE, House, channel, publication
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from colporteur.articles.intake import take_in
from colporteur.articles.submission import Submission
from colporteur.articles.withdrawing import withdraw
from colporteur.db import reading
from colporteur.syndication import archives
from colporteur.syndication.archives import PAGE_SIZE, Page, cut, lasting_path
from colporteur.syndication.documents import document, paths, touch_all
from colporteur.syndication.feed import Listed
from colporteur.web.feeds import FeedsInFront

ATOM = "{http://www.w3.org/2005/Atom}"
FH = "{http://purl.org/syndication/history/1.0}"
PAST = 2 * PAGE_SIZE + 5
A_PAGE = 10  # articles, where a house is filled: as many pages from fewer articles
IN_HOUSE = 2 * A_PAGE + 5


def listed(count: int, edited: frozenset[int] = frozenset()) -> list[Listed]:
    return [Listed(one, 1, 2 if one in edited else 1, NOW) for one in range(count)]


@given(count=st.integers(0, 4 * PAGE_SIZE))
def test_every_article_is_on_one_page_and_every_page_but_the_last_is_full(count: int):
    pages = cut("feeds/a", listed(count), "shape")
    held = [one.article_id for page in pages for one in reversed(page.listed)]
    assert held == list(range(count))
    assert [page.full for page in pages] == [True] * (len(pages) - 1) + [False] * bool(pages)


@given(before=st.integers(1, 300), added=st.integers(0, 300))
def test_what_is_full_stays_as_it_is_when_articles_are_added(before: int, added: int):
    was, becomes = (cut("feeds/a", listed(count), "shape") for count in (before, before + added))
    full = [page for page in was if page.full]
    assert becomes[: len(full)] == full


@given(edited=st.integers(0, PAST - 1))
def test_an_edit_gives_its_page_and_the_later_ones_new_addresses(edited: int):
    was = cut("feeds/a", listed(PAST), "shape")
    becomes = cut("feeds/a", listed(PAST, frozenset([edited])), "shape")
    changed = [one.key != other.key for one, other in zip(was, becomes, strict=True)]
    assert changed == [number >= edited // PAGE_SIZE for number in range(len(was))]
    assert [page.previous for page in becomes] == [None, *(page.address for page in becomes[:-1])]


def test_any_address_of_a_page_leads_to_its_lasting_one():
    (page, _) = cut("feeds/a/b", listed(PAGE_SIZE + 1), "shape")
    assert isinstance(page, Page)
    for address in (page.address, page.path, "feeds/a/b/archive/1-00ff"):
        assert lasting_path(f"{address}.atom") == "feeds/a/b/archive/1.atom"
    assert lasting_path("feeds/a/b.atom") is None


@pytest.fixture
def long(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A channel of 25 articles in pages of ten, whose feeds hold the newest three."""
    monkeypatch.setattr(archives, "PAGE_SIZE", A_PAGE)
    channels = [channel("actualites", "fr", feed={"limit": 3}, topics=[])]
    house.apply(publication(channels=channels))
    with house.open() as (connection, revision, names):
        for number in range(IN_HOUSE):
            said = Submission(
                f"Article {number}", body_html="<p>Texte.</p>", dated_at=dated(number)
            )
            take_in(connection, said, revision.publication, names, house.now)
    house.build()
    return house


def dated(number: int):
    return NOW - timedelta(days=300) + timedelta(hours=number)


@pytest.fixture
def app(long: House, tmp_path) -> FeedsInFront:
    return make_app(long, tmp_path)


@pytest.fixture
def ask(app: FeedsInFront) -> Ask:
    return asker(app)


def walk(ask: Ask, suffix: str) -> list[list[str]]:
    """The titles of each document on the way back from the feed to its first page."""
    path, found = f"/feeds/actualites.{suffix}", []
    while path:
        answer = ask("GET", path, follow_redirects=False)
        assert answer.status_code == 200
        path = ""
        if suffix == "json":
            feed = answer.json()
            found.append([one["title"] for one in feed["items"]])
            path = urlsplit(feed.get("next_url", "")).path
        else:
            parsed = feedparser.parse(answer.content)
            assert not parsed.bozo
            found.append([one.title for one in parsed.entries])
            for link in etree.fromstring(answer.content).iter(f"{ATOM}link"):
                path = (
                    urlsplit(link.get("href")).path if link.get("rel") == "prev-archive" else path
                )
    return found


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_walking_back_from_the_feed_meets_every_article(ask: Ask, suffix: str):
    first, *pages = walk(ask, suffix)
    assert first == ["Article 24", "Article 23", "Article 22"]
    assert [len(page) for page in pages] == [5, 10, 10]
    titles = [title for page in pages for title in page]
    assert titles == [f"Article {number}" for number in reversed(range(IN_HOUSE))]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_full_page_says_that_it_is_an_archive_and_stays_for_ever(ask: Ask, suffix: str):
    lasting = ask("GET", f"/feeds/actualites/archive/2.{suffix}")
    assert lasting.status_code == 302
    page = ask("GET", lasting.headers["location"])
    assert "immutable" in page.headers["cache-control"]
    root = etree.fromstring(page.content)
    assert next(root.iter(f"{FH}archive")) is not None
    links = {one.get("rel"): one.get("href") for one in root.iter(f"{ATOM}link")}
    assert links["self"] == SITE + lasting.headers["location"]
    assert links["current"] == f"{SITE}/feeds/actualites.{suffix}"
    assert links["next-archive"] == f"{SITE}/feeds/actualites/archive/3.{suffix}"
    newest = ask("GET", f"/feeds/actualites/archive/3.{suffix}")
    assert (newest.status_code, "immutable" in newest.headers["cache-control"]) == (200, False)


def test_a_withdrawal_reissues_its_page_and_the_former_address_leads_there(
    app: FeedsInFront, ask: Ask, long: House
):
    old = [
        ask("GET", f"/feeds/actualites/archive/{number}.atom").headers["location"]
        for number in (1, 2)
    ]
    with long.open() as (connection, _, _names):
        withdraw(connection, "article-15", long.now)
    long.build()
    app.documents.refresh()
    assert ask("GET", old[0]).status_code == 200
    moved = ask("GET", old[1])
    assert moved.status_code == 302  # its bytes may be there again some day
    page = ask("GET", moved.headers["location"])
    assert "Article 15" not in page.text
    assert "deleted-entry" in page.text
    assert walk(ask, "json")[1][-1] == "Article 20"


def test_one_more_article_writes_the_newest_page_alone(long: House):
    long.take("Nouveau", body_html="<p>Texte.</p>")
    pages = [path for path in long.build() if "/archive/" in path and "/all/" not in path]
    assert sorted(pages) == [f"feeds/actualites/archive/3.{one}" for one in ("atom", "json", "rss")]


def test_building_anew_gives_the_same_addresses_and_bytes(long: House):
    before = everything(long)
    with long.open() as (connection, _, _names):
        touch_all(connection)
    long.now += timedelta(days=1)
    assert long.build() == []
    with long.open() as (connection, _, _names):
        for table in ("entry_fragments", "documents"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        touch_all(connection)
    long.build()
    assert everything(long) == before


def everything(house: House) -> dict[str, bytes]:
    with reading(house.engine) as connection:
        found = [document(connection, path) for path in paths(connection)]
    return {one.address: one.body for one in found if one}


def test_a_feed_that_holds_all_has_no_past(long: House, ask: Ask, app: FeedsInFront):
    channels = [channel("actualites", "fr", feed={"limit": 500}, topics=[])]
    long.apply(publication(channels=channels))
    long.build(anew=True)
    app.documents.refresh()
    assert "next_url" not in json.loads(ask("GET", "/feeds/actualites.json").content)
    for page in ("archive/2.atom", "archive/1-00ff.atom"):
        led = ask("GET", f"/feeds/actualites/{page}")
        assert (led.status_code, led.headers["location"]) == (302, "/feeds/actualites.atom")


def test_a_browser_at_a_page_of_the_past_is_told_of_its_feed(ask: Ask):
    found = ask("GET", "/feeds/actualites/archive/3.atom", headers={"Sec-Fetch-Mode": "navigate"})
    assert found.status_code == 200
    assert f"{SITE}/feeds/actualites.atom" in found.text


def test_pages_of_the_past_name_no_hub(ask: Ask):
    for suffix in ("rss", "atom", "json"):
        page = ask("GET", f"/feeds/actualites/archive/3.{suffix}")
        assert "/hub" not in page.text
        assert "hub" not in page.headers["link"]
