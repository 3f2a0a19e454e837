from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from paper import ARABIC, FRENCH, Paper
from reader import Reader, make_reader

pytestmark = pytest.mark.client
FORMATS = ("rss", "atom", "json")


@pytest.fixture
def reader() -> Iterator[Reader]:
    with make_reader(":memory:") as made:
        yield made


def poll(reader: Reader) -> dict[str, tuple[int, int] | None]:
    """What is new and what is modified in each feed, None for one that is unchanged."""
    return {
        one.url: one.updated_feed and (one.updated_feed.new, one.updated_feed.modified)
        for one in reader.update_feeds_iter(scheduled=False)
        if not isinstance(one.value, Exception) or pytest.fail(str(one.value))
    }


def test_it_sees_each_article_once_and_then_that_nothing_changed(paper: Paper, reader: Reader):
    feeds = [f"{slug}.{one}" for slug in ("actualites/law", "nashra/health") for one in FORMATS]
    for one in feeds:
        reader.add_feed(paper.url(one))
    assert poll(reader) == {paper.url(one): (2, 0) for one in feeds}
    assert poll(reader) == {paper.url(one): None for one in feeds}
    assert [paper.answered(one, 2) for one in feeds] == [{200: 1, 304: 1}] * len(feeds)


@pytest.mark.parametrize("suffix", FORMATS)
def test_it_reads_everything_as_it_was_given(paper: Paper, reader: Reader, suffix: str):
    url = paper.url(f"actualites.{suffix}")
    reader.add_feed(url)
    poll(reader)
    assert reader.get_feed(url).title == "Le Relais · Actualites"
    repris, sound, port = reader.get_entries(feed=url)
    assert [one.title for one in (port, sound, repris)] == [one["title"] for one in FRENCH]
    assert [one.id for one in (repris, sound, port)] == ids(paper, "actualites")
    assert port.summary == FRENCH[0]["teaser"]
    assert [one.name for one in port.authors] == ["Amina Sefrioui"]
    assert port.published == datetime(2025, 3, 3, 8, tzinfo=UTC)
    assert port.link == f"{paper.installation.url}/articles/le-port-mesure-compare-1-2"
    assert [(one.href, one.type, one.length) for one in sound.enclosures] == [
        ("https://son.example/voix.mp3", "audio/mpeg", 4_711_000)
    ]
    assert repris.link == FRENCH[2]["url"]
    if suffix != "json":  # which has no word for it
        assert repris.source is not None
        assert (repris.source.title, repris.source.url) == ("Ailleurs", FRENCH[2]["source"]["url"])


@pytest.mark.parametrize("suffix", ["atom", "json"])
def test_it_knows_arabic_for_arabic(paper: Paper, reader: Reader, suffix: str):
    reader.add_feed(paper.url(f"nashra.{suffix}"))
    poll(reader)
    found = list(reader.get_entries())
    # Isolates keep a title in its own direction among those of other languages.
    assert [one.title for one in found] == [f"\u2068{one['title']}\u2069" for one in ARABIC[::-1]]
    contents = [one.get_content() for one in found]
    assert [one.language for one in contents if one] == ["ar", "ar"]


def test_it_follows_a_renamed_channel_and_sees_nothing_new(paper: Paper, reader: Reader):
    reader.add_feed(paper.url("nashra.rss"))
    assert list(poll(reader).values()) == [(2, 0)]
    paper.rename("nashra", "akhbar")
    assert list(poll(reader).values()) == [(0, 0)]
    paper.rename("akhbar", "nashra")


def ids(paper: Paper, channel: str) -> list[str]:
    return [one["id"] for one in httpx.get(paper.url(f"{channel}.json")).json()["items"]]
