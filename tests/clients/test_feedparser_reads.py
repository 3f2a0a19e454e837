import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from lxml import etree
from paper import ARABIC, FRENCH, SERIES, Paper

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """The publication with more articles than a page of an archive holds."""
    made = Paper.founded(tmp_path_factory.mktemp("paper"))
    with made.installation.up():
        made.take([*FRENCH, *ARABIC, *SERIES])
        yield made


def test_every_feed_and_archive_page_is_well_formed_and_then_unchanged(paper: Paper):
    named = [one["url"] for one in paper.listed()]
    # feedparser knows neither JSON Feed, which the tests of reader cover, nor OPML's type.
    feeds = [url for url in named if url.endswith((".rss", ".atom"))]
    # A full page's address ends with a hash of its content; the newest page has its number alone.
    there = {re.sub("-[0-9a-f]{16}", "", urlsplit(url).path) for url in feeds}
    assert there >= {
        "/feeds/all/archive/1.atom",
        "/feeds/serie/archive/1.rss",
        "/feeds/serie/archive/2.atom",
    }
    for url in feeds:
        first = feedparser.parse(url)
        assert (first.bozo, bool(first.entries)) == (0, True), (url, first.get("bozo_exception"))
        again = feedparser.parse(first.href, etag=first.etag, modified=first.modified)
        assert (again.status, again.entries) == (304, []), url
        dated = feedparser.parse(first.href, modified=first.modified)
        assert dated.status == 304, url


def test_the_list_of_feeds_names_those_that_feedparser_reads(paper: Paper):
    opml = httpx.get(f"{paper.installation.url}/feeds.opml").content
    assert not feedparser.parse(opml).bozo
    named = [one.get("xmlUrl") for one in etree.fromstring(opml).iter("outline")]
    read = [feedparser.parse(url) for url in named]
    assert [(one.status, one.bozo, one.feed.language) for one in read] == [
        (200, 0, "fr"),
        (200, 0, "ar"),
        (200, 0, "fr"),
    ]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_it_reads_titles_pictures_sounds_and_origins_as_they_were_given(paper: Paper, suffix: str):
    port, sound, taken_over = reversed(feedparser.parse(paper.url(f"actualites.{suffix}")).entries)
    assert [one.title for one in (port, sound, taken_over)] == [one["title"] for one in FRENCH]
    assert port.author == "Amina Sefrioui"
    assert port.media_content[0]["url"] == "https://img.example/quai.jpg"
    assert [(one.href, one.type, one.length) for one in sound.enclosures] == [
        ("https://son.example/voix.mp3", "audio/mpeg", "4711000")
    ]
    assert taken_over.link == "https://ailleurs.example/repris"
    assert taken_over.source.title == "Ailleurs"
    assert [one.published_parsed[:4] for one in (port, sound)] == [(2025, 3, 3, 8), (2025, 3, 3, 9)]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_it_walks_back_to_the_first_article_and_meets_each_once(paper: Paper, suffix: str):
    met: list[str] = []
    url = httpx.get(paper.url(f"serie/archive/2.{suffix}")).url
    while url:
        page = feedparser.parse(str(url))
        met += [one.title for one in page.entries]
        url = next((one.href for one in page.feed.links if one.rel == "prev-archive"), "")
    assert met == [one["title"] for one in reversed(SERIES)]
