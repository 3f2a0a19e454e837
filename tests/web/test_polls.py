from datetime import timedelta

import pytest
from asking import Ask
from house import NOW, House
from hypothesis import given
from hypothesis import strategies as st

from colporteur.db import reading, writing
from colporteur.syndication.polls import (
    READERS_AT_MOST,
    Tally,
    polls_by_format,
    subscribers_by_feed,
    told_subscribers,
    write_down,
)
from colporteur.web.feeds import FeedsInFront

FEEDLY = (
    b"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; like FeedFetcher-Google)"
)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FEEDLY, ("Feedly", 12)),
        (
            b"NewsBlur Feed Fetcher - 3 subscribers - http://www.newsblur.com/",
            ("NewsBlur Feed Fetcher", 3),
        ),
        (b"Feedbin feed-id:1373711 - 7 subscribers", ("Feedbin", 7)),
        (
            b"Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 1 subscriber; )",
            ("Inoreader", 1),
        ),
        (b"Mozilla/5.0 (X11; Linux) Firefox/140.0", None),
        (b"12 subscribers", None),
        (b"Feedly/1.0 (1,234 subscribers)", ("Feedly", 1234)),
        (b"Mozilla/5.0 (compatible; theoldreader.com; 7 subscribers; x)", ("theoldreader.com", 7)),
        (b"", None),
    ],
)
def test_aggregators_tell_how_many_they_read_for(agent: bytes, told):
    assert told_subscribers(agent) == told


@given(st.binary(max_size=200))
def test_no_user_agent_breaks_the_count(agent: bytes):
    told = told_subscribers(agent)
    assert told is None or (told[0] and told[1] >= 0)


def test_counts_of_several_processes_add_up(house: House):
    for agent in (FEEDLY, FEEDLY.replace(b"12", b"14")):
        tally = Tally()
        tally.note("feeds/a.rss", 304, told_subscribers(agent))
        tally.note("feeds/a.rss", 200, None)
        tally.note("feeds/a.atom", 200, None)
        with writing(house.engine) as connection:
            write_down(connection, tally, NOW)
    with reading(house.engine) as connection:
        assert polls_by_format(connection, NOW - timedelta(days=1)) == [
            {"format": "atom", "status": 200, "polls": 2},
            {"format": "rss", "status": 200, "polls": 2},
            {"format": "rss", "status": 304, "polls": 2},
        ]
        (feedly,) = subscribers_by_feed(connection, NOW)
        assert (feedly["agent"], feedly["subscribers"]) == ("Feedly", 14)
        assert subscribers_by_feed(connection, NOW + timedelta(days=8)) == []


@pytest.mark.usefixtures("published")
def test_polls_are_counted_in_the_background_and_none_is_lost(
    app: FeedsInFront, ask: Ask, house: House
):
    with app.documents.following():
        first = ask("GET", "/feeds/actualites.json", headers={"User-Agent": FEEDLY.decode()})
        ask("GET", "/feeds/actualites.json", headers={"If-None-Match": first.headers["etag"]})
    with reading(house.engine) as connection:
        counted = polls_by_format(connection, NOW - timedelta(days=3650))
    assert counted == [
        {"format": "json", "status": 200, "polls": 1},
        {"format": "json", "status": 304, "polls": 1},
    ]


@pytest.mark.usefixtures("published")
def test_polls_that_lead_elsewhere_or_nowhere_are_counted_too(app: FeedsInFront, ask: Ask):
    for path in ("/feeds/a-made-up-name.rss", "/feeds/another.rss", "/feeds/x.php"):
        ask("GET", path)
    assert app.documents.tally.polls == {("unknown.rss", 404): 2, ("unknown", 404): 1}


def test_made_up_aggregators_are_bounded(house: House):
    tally = Tally()
    for number in range(READERS_AT_MOST + 50):
        tally.readers["feeds/a.rss", f"Name{number}"] = number
    with writing(house.engine) as connection:
        write_down(connection, tally, NOW)
        later = Tally(readers={("feeds/a.rss", "Feedly"): 12})
        write_down(connection, later, NOW + timedelta(minutes=1))
    with reading(house.engine) as connection:
        kept = subscribers_by_feed(connection, NOW + timedelta(minutes=1))
    assert 0 < len(kept) <= READERS_AT_MOST
    assert "Feedly" in {one["agent"] for one in kept}
