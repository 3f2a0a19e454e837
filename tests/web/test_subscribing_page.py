"""A feed's address opened in a browser tells how to subscribe; programs get the feed."""

import pytest
from asking import Ask
from house import SITE
from lxml import html as lxml_html

NAVIGATE = {"Sec-Fetch-Mode": "navigate"}
pytestmark = pytest.mark.usefixtures("published")


@pytest.mark.parametrize(
    "path", ["feeds/actualites.rss", "feeds/nashra/law.atom", "feeds/all.json"]
)
def test_a_browser_is_shown_how_to_subscribe(ask: Ask, path: str):
    found = ask("GET", f"/{path}", headers=NAVIGATE)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    root = lxml_html.document_fromstring(found.text)
    stem = path.rpartition(".")[0]
    assert root.xpath("//main//code/text()") == [f"{SITE}/{path}"]
    links = root.xpath("//main//ul//a/@href")
    every = {f"{SITE}/{stem}.{suffix}" for suffix in ("rss", "atom", "json")}
    assert set(links) == every - {f"{SITE}/{path}"}
    assert root.xpath('//meta[@name="robots"]/@content') == ["noindex"]


def test_the_page_speaks_the_feeds_language(ask: Ask):
    french, arabic = (
        lxml_html.document_fromstring(ask("GET", f"/feeds/{one}.rss", headers=NAVIGATE).text)
        for one in ("actualites", "nashra")
    )
    assert "S’abonner à ce flux" in french.text_content()
    assert arabic.get("dir") == "rtl"
    assert "Le Relais · Nashra" in arabic.text_content()


def test_the_page_is_never_kept_in_the_feeds_place(ask: Ask):
    etag = ask("GET", "/feeds/actualites.rss").headers["etag"]
    found = ask("GET", "/feeds/actualites.rss", headers=NAVIGATE | {"If-None-Match": etag})
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["vary"] == "Accept-Encoding, Sec-Fetch-Mode"


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Mode": "cors"}])
def test_a_program_gets_the_feed_and_learns_that_browsers_do_not(ask: Ask, headers: dict[str, str]):
    found = ask("GET", "/feeds/actualites.rss", headers=headers)
    assert found.headers["content-type"].startswith("application/rss+xml")
    assert found.headers["vary"] == "Accept-Encoding, Sec-Fetch-Mode"


def test_a_browser_gets_the_opml_itself_and_no_page_for_a_feed_that_is_not(ask: Ask):
    opml = ask("GET", "/feeds.opml", headers=NAVIGATE)
    assert opml.headers["content-type"].startswith("text/x-opml")
    assert ask("GET", "/feeds/nothing.rss", headers=NAVIGATE).status_code == 404


def test_a_front_page_visited_is_still_the_front_page(ask: Ask):
    assert "Tri aux urgences" in ask("GET", "/", headers=NAVIGATE).text
