import gzip
import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from elsewhere import Handler
from newsstand import FETCHER, Newsstand
from sqlalchemy import update

from colporteur.articles.sources import store
from colporteur.articles.sources.fetching import poll
from colporteur.articles.submission import Image
from colporteur.clock import utcnow
from colporteur.db import writing
from colporteur.db.tables.sources import sources

TEXT = "Trois cents capteurs veillent sur les quais depuis le printemps. " * 8


def page(title: str, text: str = TEXT, head: str = "") -> bytes:
    return (
        f'<!doctype html><html lang="fr"><head><title>{title}</title>{head}</head><body><article>'
        f"<h1>{title}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    ).encode()


def urlset(*locs: str) -> bytes:
    inside = "".join(f"<url>{loc}</url>" for loc in locs)
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{inside}</urlset>'
    ).encode()


def loc(path: str, lastmod: str = "") -> str:
    return f"<loc>{path}</loc>" + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")


def asked_for(stand: Newsstand) -> list[str]:
    return [one[1] for one in stand.elsewhere.asked]


def test_a_sitemaps_pages_are_read_the_newest_first_and_once(stand: Newsstand):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says(
        "/sitemap.xml",
        urlset(loc("/a", "2026-11-01"), loc("/b", "2026-11-19T10:00:00+01:00"), loc("/c")),
    )
    for name in "abc":
        stand.elsewhere.says(f"/{name}", page(f"Page {name}"))
    assert stand.poll().counts.added == 3
    assert asked_for(stand) == ["/sitemap.xml", "/b", "/a", "/c"]
    assert stand.titles() == ["Page b", "Page a", "Page c"]
    assert stand.articles()[0].url == stand.elsewhere.url("/b")
    assert stand.poll().counts.added == 0
    assert asked_for(stand)[4:] == ["/sitemap.xml"]


def test_a_big_site_is_taken_in_over_several_polls_none_of_it_for_digests(stand: Newsstand):
    stand.has("/sitemap.xml", kind="sitemap")
    names = [f"p{number}" for number in range(45)]
    stand.elsewhere.says("/sitemap.xml", urlset(*(loc(f"/{name}") for name in names)), ETag='"1"')
    for name in names:
        stand.elsewhere.says(f"/{name}", page(f"Page {name}"))
    assert [stand.poll().counts.added for _ in range(4)] == [20, 20, 5, 0]
    assert {row.in_digests for row in stand.articles()} == {False}
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/p1"), loc("/new")))
    stand.elsewhere.says("/new", page("Page neuve"))
    stand.poll()
    assert [row.title for row in stand.articles() if row.in_digests] == ["Page neuve"]


def test_an_index_leads_to_its_sitemaps_also_packed_ones(stand: Newsstand):
    stand.has("/index.xml", kind="sitemap")
    stand.elsewhere.says(
        "/index.xml",
        b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/one.xml'
        b"</loc></sitemap><sitemap><loc>/two.xml.gz</loc><lastmod>2026-11-20</lastmod></sitemap>"
        b"<sitemap><loc>/lost.xml</loc></sitemap></sitemapindex>",
        ETag='"1"',
    )
    stand.elsewhere.says("/one.xml", urlset(loc("/a")))
    stand.elsewhere.says("/two.xml.gz", gzip.compress(urlset(loc("/b"))))
    stand.elsewhere.says("/lost.xml", status=404)
    for name in "ab":
        stand.elsewhere.says(f"/{name}", page(f"Page {name}"))
    assert stand.poll().counts.added == 2
    stand.elsewhere.says("/one.xml", urlset(loc("/a"), loc("/c")))
    stand.elsewhere.says("/c", page("Page c"))
    assert stand.poll().counts.added == 1


def test_a_news_sitemap_says_title_and_date(stand: Newsstand):
    stand.has("/news.xml", kind="sitemap")
    news = (
        "<loc>/a</loc><news:news><news:publication><news:name>N</news:name><news:language>fr"
        "</news:language></news:publication><news:publication_date>2026-11-19T08:00:00Z"
        "</news:publication_date><news:title>Le titre du plan</news:title></news:news>"
    )
    stand.elsewhere.says("/news.xml", urlset(news))
    stand.elsewhere.says("/a", page("Un autre titre"))
    stand.poll()
    (row,) = stand.articles()
    assert (row.title, row.dated_at.isoformat()) == (
        "Le titre du plan",
        "2026-11-19T08:00:00+00:00",
    )


def test_a_page_that_changed_since_is_read_again_and_one_that_cannot_be_is_refused_once(
    stand: Newsstand,
):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/a"), loc("/vide"), loc("/perdu")))
    stand.elsewhere.says("/a", page("Page a"))
    stand.elsewhere.says("/vide", b"<html><head><title>Vide</title></head></html>")
    stand.elsewhere.says("/perdu", status=404)
    report = stand.poll()
    assert (report.counts.added, report.counts.refused) == (1, 2)
    assert any("404" in reason for _, reason in stand.refused())
    stand.change(succeeded_at=utcnow() - timedelta(hours=2))
    changed = (utcnow() - timedelta(hours=1)).isoformat()
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/a", changed), loc("/vide"), loc("/perdu")))
    stand.elsewhere.says("/a", page("Page a", text="Un tout autre texte sur le port. " * 12))
    before = len(asked_for(stand))
    assert stand.poll().counts.updated == 1
    assert asked_for(stand)[before:] == ["/sitemap.xml", "/a"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<rss/>", "no sitemap"),
        (b"<html></html>", "web page"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset/>', "entities"),
        (gzip.compress(bytes(60_000_000)), "more than 50 MB"),
        (b"\x1f\x8bnot", "damaged"),
    ],
)
def test_what_is_no_sitemap_is_refused_with_the_reason(stand: Newsstand, body: bytes, words: str):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says("/sitemap.xml", body)
    assert words in stand.poll().problem


POST: dict[str, Any] = {
    "id": 7,
    "date_gmt": "2026-11-19T08:00:00",
    "modified_gmt": "2026-11-20T09:00:00",
    "guid": {"rendered": "https://site.example/?p=7&#038;x=1"},
    "link": "https://site.example/le-port",
    "title": {"rendered": "Le port &#8211; et ses <em>capteurs</em>"},
    "excerpt": {"rendered": "<p>Trois cents capteurs [&hellip;]</p>\n", "protected": False},
    "content": {"rendered": f"<p>{TEXT}<script>x()</script></p>", "protected": False},
    "_embedded": {
        "author": [{"name": "Amina"}, {"code": "rest_user_invalid_id"}],
        "wp:featuredmedia": [
            {
                "source_url": "https://site.example/i.jpg",
                "alt_text": "Un quai",
                "mime_type": "image/jpeg",
                "media_details": {"width": 800, "height": 400, "filesize": 4711},
            }
        ],
        "wp:term": [[{"name": "Health", "slug": "sante"}], [{"name": "Rien", "slug": "rien"}]],
    },
}
API = "/blog/wp-json/wp/v2/posts?_embed=1&per_page=50&orderby=modified"


def test_a_wordpress_sites_posts_are_taken_with_all_that_they_say(stand: Newsstand):
    stand.has("/blog/", kind="wordpress", keep_ids=True)
    stand.elsewhere.says(API, json.dumps([POST, "x"]).encode(), ETag='"1"')
    report = stand.poll()
    assert (report.problem, report.counts.added, report.counts.refused) == ("", 1, 1)
    (row,) = stand.articles()
    assert (row.title, row.teaser) == ("Le port – et ses capteurs", "Trois cents capteurs…")
    assert (row.external_id, row.feed_id) == (("https://site.example/?p=7&x=1",) * 2)
    assert row.dated_at.isoformat() == "2026-11-19T08:00:00+00:00"
    assert (row.authors, "script" in row.body_html) == (["Amina"], False)
    picture = Image("https://site.example/i.jpg", "Un quai", 800, 400, "image/jpeg", 4711)
    assert Image(**row.image) == picture
    assert len(row.topics) == 1
    stand.elsewhere.says(API, status=304)
    assert stand.poll().problem == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code":"rest_no_route","message":"No route was found"}', "No route was found"),
        (b"<html></html>", "web page"),
        (b"[{", "not valid JSON"),
    ],
)
def test_a_site_without_that_api_is_told(stand: Newsstand, body: bytes, words: str):
    stand.has("/blog", kind="wordpress")
    stand.elsewhere.says(API, body)
    assert words in stand.poll().problem


def test_a_post_behind_a_password_is_refused(stand: Newsstand):
    stand.has("/blog", kind="wordpress")
    hidden = POST | {"content": {"rendered": "", "protected": True}}
    stand.elsewhere.says(API, json.dumps([hidden]).encode())
    assert stand.poll().counts.refused == 1
    assert "password" in stand.refused()[0][1]


def index(*paths: str) -> bytes:
    inside = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)
    start = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f"{start}{inside}</sitemapindex>".encode()


def hang(handler: Handler) -> None:
    handler.connection.settimeout(10)
    handler.rfile.read(1)  # until the other side gives up


@pytest.mark.parametrize("status", [503, 429, 408])
def test_a_page_that_cannot_be_had_just_now_is_asked_for_again_and_the_walk_is_not_over(
    stand: Newsstand, status: int
):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/a"), loc("/b")), ETag='"1"')
    stand.elsewhere.says("/a", page("Page a"))
    stand.elsewhere.says("/b", status=status)
    assert stand.poll().counts.added == 1
    row = stand.row()
    assert (row.first_taken_at, row.body_hash, row.etag) == (None, None, None)
    stand.elsewhere.says("/b", page("Page b"))
    assert stand.poll().counts.added == 1
    assert stand.row().first_taken_at is not None
    assert stand.refused() == []
    assert [row.in_digests for row in stand.articles()] == [False, False]


def test_a_page_that_never_can_be_had_is_given_up_after_some_tries(stand: Newsstand):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/b")))
    stand.elsewhere.says("/b", status=503)
    for _ in range(store.TRIES + 2):
        stand.poll()
    assert asked_for(stand).count("/b") == store.TRIES
    assert stand.row().first_taken_at is not None


def test_what_just_failed_is_left_alone_for_a_while(stand: Newsstand):
    stand.has("/sitemap.xml", kind="sitemap")
    stand.elsewhere.says("/sitemap.xml", urlset(loc("/b")))
    stand.elsewhere.says("/b", status=503)
    for _ in range(2):
        stand.change(next_at=utcnow() - timedelta(seconds=1))
        stand.poll(forced=False)
    assert asked_for(stand).count("/b") == 1


def test_a_poll_ends_in_its_time_however_slow_the_sitemaps_and_the_next_one_gets_on(
    stand: Newsstand,
):
    stand.has("/index.xml", kind="sitemap", every="12h")
    names = [f"/slow{number}.xml" for number in range(20)]
    stand.elsewhere.says("/index.xml", index(*names, "/good.xml"))
    for name in names[:3]:
        stand.elsewhere.answers[name] = hang
    for name in names[3:]:
        stand.elsewhere.says(name, urlset())
    stand.elsewhere.says("/good.xml", urlset(loc("/a")))
    stand.elsewhere.says("/a", page("Page a"))
    started = time.monotonic()
    stand.poll(seconds=1.5)
    assert time.monotonic() - started < 5
    assert stand.row().first_taken_at is None
    assert stand.row().next_at < utcnow() + timedelta(minutes=6)
    for _ in range(4):
        stand.change(next_at=utcnow() - timedelta(seconds=1))
        stand.poll(forced=False, seconds=1.5)
    assert stand.titles() == ["Page a"]


def test_every_sitemap_of_a_long_index_gets_its_turn(stand: Newsstand):
    stand.has("/index.xml", kind="sitemap")
    names = [f"/{number}.xml" for number in range(70)]
    stand.elsewhere.says("/index.xml", index(*names))
    for name in names:
        stand.elsewhere.says(name, urlset())
    stand.elsewhere.says(names[-1], urlset(loc("/a")))
    stand.elsewhere.says("/a", page("Page a"))
    stand.poll()
    assert stand.row().first_taken_at is None
    stand.poll()
    assert (stand.titles(), stand.row().first_taken_at is None) == (["Page a"], False)


def test_a_sitemap_that_breaks_off_is_not_the_whole_of_it(stand: Newsstand):
    stand.has("/sitemap.xml", kind="sitemap")
    whole = urlset(loc("/a"), loc("/b"))
    for name in "ab":
        stand.elsewhere.says(f"/{name}", page(f"Page {name}"))
    stand.elsewhere.says("/sitemap.xml", whole[: whole.index(b"<loc>/b")])
    stand.poll()
    assert (stand.titles(), stand.row().first_taken_at) == (["Page a"], None)
    stand.elsewhere.says("/sitemap.xml", whole)
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [False, False]


@pytest.mark.parametrize("loses", ["lease", "process"])
def test_a_walk_ends_between_two_requests_when_it_must(stand: Newsstand, loses: str):
    stand.has("/index.xml", kind="sitemap")
    stand.elsewhere.says("/index.xml", index("/1.xml", "/2.xml"))
    stopping = threading.Event()

    def first(handler: Handler) -> None:
        if loses == "lease":
            stand.change(leased_until=utcnow() + timedelta(days=1))
        else:
            stopping.set()
        stand.elsewhere.says("/1.xml", urlset())
        stand.elsewhere.answers["/1.xml"](handler)

    stand.elsewhere.answers["/1.xml"] = first
    report = poll(stand.house.engine, FETCHER, 1, forced=True, stopping=stopping.is_set)
    assert report is not None
    assert report.problem == "It was interrupted."
    assert asked_for(stand) == ["/index.xml", "/1.xml"]


def test_slow_sources_do_not_keep_the_others_waiting(stand: Newsstand):
    for path in "abcd":
        stand.has(f"/{path}")
    now = utcnow()
    stand.change(next_at=now - timedelta(minutes=10))
    with writing(stand.house.engine) as connection:
        for number in (1, 2):  # due for long, and asked a moment ago
            lately = {"next_at": now - timedelta(days=1), "tried_at": now - timedelta(seconds=30)}
            connection.execute(update(sources).where(sources.c.id == number).values(lately))
        assert store.ring_due(connection, now + timedelta(seconds=1)) == [3, 4]
