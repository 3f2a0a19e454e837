import time

import pytest
from asking import Ask
from house import House, channel, publication

from colporteur.web.feeds import FeedsInFront

TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
pytestmark = pytest.mark.usefixtures("published")


@pytest.mark.parametrize("suffix", list(TYPES))
def test_a_feed_has_its_type_and_validators(ask: Ask, suffix: str):
    found = ask("GET", f"/feeds/actualites.{suffix}")
    assert found.status_code == 200
    assert found.headers["content-type"] == TYPES[suffix]
    assert found.headers["etag"].startswith('W/"')
    assert found.headers["last-modified"].endswith(" GMT")
    assert found.headers["cache-control"].startswith("public, max-age=")
    assert found.headers["access-control-allow-origin"] == "*"
    assert 'rel="self"' in found.headers["link"]
    assert "set-cookie" not in found.headers
    assert "expires" not in found.headers


def test_a_304_repeats_the_validators_and_has_no_body_or_type(ask: Ask):
    first = ask("GET", "/feeds/actualites.atom")
    again = ask("GET", "/feeds/actualites.atom", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert "content-type" not in again.headers


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_each_coding_gives_the_same_feed(ask: Ask, coding: str):
    plain = ask("GET", "/feeds/nashra.json", headers={"Accept-Encoding": "identity"})
    coded = ask("GET", "/feeds/nashra.json", headers={"Accept-Encoding": coding})
    assert coded.json() == plain.json()
    assert coded.headers.get("content-encoding", "identity") == coding
    assert coded.headers["etag"] == plain.headers["etag"]


def test_head_has_the_headers_of_get_and_no_body(ask: Ask):
    got, head = (ask(method, "/feeds/actualites.rss") for method in ("GET", "HEAD"))
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


def test_what_is_not_there_or_not_asked_for_properly_is_said(ask: Ask):
    assert ask("GET", "/feeds/nothing.rss").status_code == 404
    assert ask("POST", "/feeds/actualites.rss").headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_web_page_elsewhere_may_poll_with_validators(ask: Ask):
    asked = {"Origin": "https://reader.example", "Access-Control-Request-Headers": "if-none-match"}
    found = ask("OPTIONS", "/feeds/actualites.json", headers=asked)
    assert found.status_code == 204
    assert found.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in found.headers["access-control-allow-headers"]


def test_the_list_of_all_feeds_is_opml(ask: Ask):
    found = ask("GET", "/feeds.opml")
    assert (found.status_code, found.headers["content-type"]) == (200, "text/x-opml; charset=utf-8")


def test_a_database_that_is_away_costs_the_poller_nothing(
    app: FeedsInFront, ask: Ask, house: House
):
    before = ask("GET", "/feeds/actualites.rss")
    with house.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE documents RENAME TO gone")
    with app.documents.following():
        found = ask("GET", "/feeds/actualites.rss")
    assert (found.status_code, found.content) == (200, before.content)


def test_what_is_published_is_served_within_a_second(app: FeedsInFront, ask: Ask, house: House):
    before = ask("GET", "/feeds/actualites.json")
    with app.documents.following():
        house.take("Tout neuf")
        house.build()
        deadline = time.monotonic() + 5
        while ask("GET", "/feeds/actualites.json").headers["etag"] == before.headers["etag"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert ask("GET", "/feeds/actualites.json").json()["items"][0]["title"] == "Tout neuf"


def test_a_renamed_channel_redirects_for_ever_and_a_removed_one_is_gone(
    app: FeedsInFront, ask: Ask, house: House
):
    renamed = channel("nouvelles", "fr", formerly=["actualites"], topics=["health"])
    house.apply(publication(channels=[renamed]))
    house.build(anew=True)
    app.documents.refresh()
    moved = ask("GET", "/feeds/actualites/health.atom")
    assert (moved.status_code, moved.headers["location"]) == (301, "/feeds/nouvelles/health.atom")
    assert ask("GET", moved.headers["location"]).status_code == 200
    assert ask("GET", "/feeds/nouvelles/law.rss").status_code == 410
    assert ask("GET", "/feeds/nashra.rss").status_code == 410
    assert ask("GET", "/feeds/never.rss").status_code == 404


def test_no_surprise_stops_the_refreshing(
    app: FeedsInFront, house: House, monkeypatch: pytest.MonkeyPatch
):
    surprises = iter([RuntimeError("unexpected"), KeyError("more")])
    refresh, done = app.documents.refresh, []

    def surprising() -> None:
        if (surprise := next(surprises, None)) is not None:
            raise surprise
        refresh()
        done.append(True)

    monkeypatch.setattr(app.documents, "refresh", surprising)
    with app.documents.following():
        deadline = time.monotonic() + 10
        while not done:
            assert time.monotonic() < deadline
            time.sleep(0.05)
