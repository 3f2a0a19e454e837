import json
from datetime import timedelta

import feedparser
import pytest
from house import NOW, House
from lxml import etree

from colporteur.articles.withdrawing import withdraw
from colporteur.db import reading
from colporteur.editions import scheduling
from colporteur.exceptions import UnknownName
from colporteur.syndication.documents import document

AT = "{http://purl.org/atompub/tombstones/1.0}"


@pytest.fixture
def withdrawn(house: House) -> House:
    house.take("Reste", body_html="<p>Reste.</p>")
    house.take("Retiré", body_html="<p>Secret désormais.</p>", authors=("Amina",))
    house.build()
    house.now += timedelta(hours=1)
    with house.open() as (connection, _, _names):
        assert withdraw(connection, "retire", house.now)
    house.build()
    return house


def body(house: House, suffix: str) -> bytes:
    with reading(house.engine) as connection:
        found = document(connection, f"feeds/actualites.{suffix}")
    assert found is not None
    return found.body


def test_atom_has_a_tombstone_in_its_place(withdrawn: House):
    root = etree.fromstring(body(withdrawn, "atom"))
    (stone,) = root.findall(f"{AT}deleted-entry")
    assert stone.get("ref").startswith("tag:relais.example,")
    assert stone.get("when") == withdrawn.now.isoformat()
    assert stone.findtext(f"{AT}comment") == "Cet article a été retiré."
    found = feedparser.parse(body(withdrawn, "atom"))
    assert not found.bozo
    assert [entry.title for entry in found.entries] == ["Reste"]
    assert found.feed.updated.startswith(withdrawn.now.isoformat()[:19])


def test_rss_and_json_say_so_under_the_same_id(withdrawn: House):
    entries = feedparser.parse(body(withdrawn, "rss")).entries
    items = json.loads(body(withdrawn, "json"))["items"]
    for told in (entries[0].summary, items[0]["content_text"]):
        assert told == "Cet article a été retiré."
    stone = etree.fromstring(body(withdrawn, "atom")).find(f"{AT}deleted-entry")
    assert entries[0].id == items[0]["id"] == stone.get("ref")


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_nothing_of_its_text_is_left(withdrawn: House, suffix: str):
    assert "Secret" not in body(withdrawn, suffix).decode()
    assert "Amina" not in body(withdrawn, suffix).decode()


def test_no_digest_brings_it(withdrawn: House):
    withdrawn.subscribe("a@example.org", back=timedelta(days=2))
    with withdrawn.open() as (connection, revision, names):
        with_it = revision.publication.channel("actualites")
        edition, _ = scheduling.send_now(
            connection, revision, names, with_it, "matin", by="t", now=NOW + timedelta(hours=2)
        )
        rows = connection.exec_driver_sql(
            f"SELECT article_id FROM edition_articles WHERE edition_id = {edition.id}"
        )
        assert [row[0] for row in rows] == [1]


def test_withdrawing_twice_is_withdrawing_once(withdrawn: House):
    with withdrawn.open() as (connection, _, _names):
        assert not withdraw(connection, "retire", withdrawn.now)
        with pytest.raises(UnknownName):
            withdraw(connection, "jamais-paru", withdrawn.now)
