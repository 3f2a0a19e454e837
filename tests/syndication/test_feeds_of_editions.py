import json
from pathlib import Path
from typing import Any

import feedparser
import pytest
from house import NOW, SITE, House, channel, publication
from posting import frozen, page_of, posted
from sqlalchemy import insert, select

from colporteur.articles.withdrawing import withdraw
from colporteur.db import reading, writing
from colporteur.db.tables.editions import editions
from colporteur.syndication.checking import lint_stored
from colporteur.syndication.documents import document, paths

FEEDS = [f"feeds/editions/actualites.{one}" for one in ("atom", "json", "rss")]


def items(house: House, slug: str = "actualites") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(house.document(f"feeds/editions/{slug}.json").body)[
        "items"
    ]
    return found


def of_editions(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return [one for one in paths(connection) if one.startswith("feeds/editions/")]


@pytest.fixture
def sent(house: House, tmp_path: Path) -> int:
    """An edition of two articles that has left, its feeds built."""
    house.take("Un port <mesure>", teaser="Trois cents capteurs.")
    house.take("Deux écoles & un lycée", url="https://elsewhere.example/?a=1&b=2")
    house.subscribe("ada@example.org")
    edition = frozen(house)
    house.build()
    assert of_editions(house) == []
    posted(house, edition, tmp_path)
    assert sorted(one for one in house.build() if "/editions/" in one) == FEEDS
    return edition


def test_an_entry_is_an_edition_and_lists_its_articles(house: House, sent: int):
    (item,) = items(house)
    assert item["url"] == SITE + page_of(house, sent)
    assert item["title"] in {"Un port <mesure>", "Deux écoles & un lycée"}
    assert "Un port &lt;mesure&gt;</a>" in item["content_html"]
    assert 'href="https://elsewhere.example/?a=1&amp;b=2"' in item["content_html"]
    for path in FEEDS:
        (entry,) = feedparser.parse(house.document(path).body).entries or [None]
        if entry is not None:
            assert (entry.link, entry.id) == (item["url"], item["id"])
            assert entry.title in {item["title"], item["title"].replace("<", "&lt;")}


@pytest.mark.usefixtures("sent")
def test_our_own_lint_finds_nothing_in_them(house: House, tmp_path: Path):
    house.take("الحكامة 2026", language="ar")
    house.subscribe("nadia@example.org", channel="nashra")
    posted(house, frozen(house, "nashra"), tmp_path)
    house.build()
    with reading(house.engine) as connection:
        found = {
            path: [one.rule for one in faults]
            for path, faults in lint_stored(connection, SITE, NOW.replace(year=2100))
            if "/editions/" in path
        }
    assert len(found) == 6
    assert set(map(tuple, found.values())) == {()}


@pytest.mark.usefixtures("sent")
def test_the_same_editions_give_the_same_bytes_and_no_work(house: House):
    before = house.document(FEEDS[0])
    assert not [one for one in house.build(anew=True) if "/editions/" in one]
    assert house.document(FEEDS[0]) == before


@pytest.mark.usefixtures("sent")
def test_a_withdrawn_article_leaves_its_editions_entry_which_keeps_its_id(house: House):
    (before,) = items(house)
    house.now = NOW.replace(year=2100)  # the mail left by the database's clock
    with house.open() as (connection, _, _names):
        withdraw(connection, "un-port-mesure", house.now)
    house.build()
    (after,) = items(house)
    assert after["id"] == before["id"]
    assert "mesure" not in after["content_html"] + after["title"]
    assert after["date_modified"] > before["date_modified"]
    assert after["date_published"] == before["date_published"]


@pytest.mark.usefixtures("sent")
def test_a_note_alone_is_an_entry_with_its_words(house: House):
    with writing(house.engine) as connection:
        row = dict(connection.execute(select(editions)).mappings().one())
        row |= {"id": 9, "public_id": "note", "key": "note", "kind": "special", "slot": None}
        row |= {"cadence": None, "arrangement": {"intro": "Le port est **fermé**. <b>x</b>"}}
        connection.execute(insert(editions).values(row))
    house.build(anew=True)
    said = next(one for one in items(house) if one["url"].endswith("/note"))
    assert said["title"] == "Actualites"
    assert "<strong>fermé</strong>. &lt;b&gt;" in said["content_html"]


@pytest.mark.usefixtures("sent")
def test_they_follow_their_channel_when_it_is_renamed_and_end_with_it(house: House):
    (before,) = items(house)
    renamed = channel("nouvelles", "fr", formerly=["actualites"])
    house.apply(publication(channels=[renamed, channel("nashra", "ar")]))
    house.build(anew=True)
    (after,) = items(house, "nouvelles")
    assert after["id"] == before["id"]
    with reading(house.engine) as connection:
        assert document(connection, FEEDS[0]) is None
