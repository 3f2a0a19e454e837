import json
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from house import NOW, SITE, House, channel, publication
from lxml import etree

from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.db import reading
from colporteur.syndication.documents import document

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RETOLD = Origin("L’Écho du port", "https://echo.example/feed", "https://echo.example/")


@pytest.fixture
def rich(house: House) -> House:
    pictures = {"icon": "/static/icon.png", "logo": "https://cdn.example/logo.png"}
    house.apply(publication(**pictures))
    house.take(
        "Écoutez le port",
        teaser="R&D < 3 % du budget.",
        body_html="<p>Son.</p>",
        authors=("Soraya Vannier",),
        topics=("health",),
        image=Image("https://cdn.example/i.jpg", "Une grue à l’aube", 800, 600, "image/jpeg"),
        enclosure=Enclosure("https://cdn.example/port.mp3", "audio/mpeg", 4711),
        source=RETOLD,
        dated_at=NOW - timedelta(hours=1),
    )
    house.take("خبر (2026)", language="ar", body_html="<p>نص.</p>", channels=("actualites",))
    house.build(anew=True)
    return house


def body(house: House, path: str) -> bytes:
    with reading(house.engine) as connection:
        found = document(connection, f"feeds/{path}")
    assert found is not None
    return found.body


def test_rss_has_picture_hub_enclosure_source_and_thumbnail(rich: House):
    root = etree.fromstring(body(rich, "actualites.rss"))
    assert root.findtext("channel/image/url") == "https://cdn.example/logo.png"
    assert root.findtext("channel/image/title") == root.findtext("channel/title")
    assert root.findtext("channel/image/link") == root.findtext("channel/link")
    item = root.findall("channel/item")[1]
    file = item.find("enclosure")
    assert dict(file.attrib) == {
        "url": "https://cdn.example/port.mp3",
        "length": "4711",
        "type": "audio/mpeg",
    }
    assert (item.find("source").text, item.find("source").get("url")) == (RETOLD.title, RETOLD.url)
    assert item.find(f"{MEDIA}thumbnail").get("width") == "800"
    assert item.findtext(f"{MEDIA}content/{MEDIA}description") == "Une grue à l’aube"
    assert item.findtext("{http://purl.org/dc/elements/1.1/}language") == "fr"
    names = [child.tag for child in item]
    assert names.index("description") < names.index(
        "{http://purl.org/rss/1.0/modules/content/}encoded"
    )


def test_an_rss_teaser_is_html_for_programs_and_reads_as_it_was_written(rich: House):
    item = etree.fromstring(body(rich, "actualites.rss")).findall("channel/item")[1]
    shown = etree.HTML(item.findtext("description")).xpath("string()")
    assert shown == "R&D < 3 % du budget."


def test_atom_has_icon_logo_hub_enclosure_and_source(rich: House):
    root = etree.fromstring(body(rich, "actualites.atom"))
    assert root.findtext(f"{ATOM}icon") == f"{SITE}/static/icon.png"
    assert root.findtext(f"{ATOM}logo") == "https://cdn.example/logo.png"
    assert [one.get("href") for one in root.findall(f"{ATOM}link[@rel='hub']")] == [f"{SITE}/hub"]
    assert len(root.findall(f"{ATOM}link[@rel='self']")) == 1
    entry = root.findall(f"{ATOM}entry")[1]
    assert entry.find(f"{ATOM}link[@rel='enclosure']").get("length") == "4711"
    assert entry.findtext(f"{ATOM}source/{ATOM}title") == RETOLD.title
    assert entry.find(f"{ATOM}source/{ATOM}link[@rel='self']").get("href") == RETOLD.url
    assert entry.find(f"{ATOM}category").attrib == {
        "term": "health",
        "scheme": f"{SITE}/topics",
        "label": "Health",
    }
    assert entry.find(f"{ATOM}content").get("type") == "html"


def test_json_has_authors_hubs_icon_and_attachments(rich: House):
    feed = json.loads(body(rich, "actualites.json"))
    assert feed["authors"] == [{"name": "Le Relais", "url": f"{SITE}/actualites"}]
    assert feed["hubs"] == [{"type": "WebSub", "url": f"{SITE}/hub"}]
    assert feed["icon"] == f"{SITE}/static/icon.png"
    item = feed["items"][1]
    assert item["attachments"] == [
        {"url": "https://cdn.example/port.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 4711}
    ]
    assert item["_source"]["url"] == RETOLD.url
    assert item["summary"] == "R&D < 3 % du budget."


def test_an_arabic_entry_among_others_keeps_its_direction(rich: House):
    entry = etree.fromstring(body(rich, "actualites.atom")).findall(f"{ATOM}entry")[0]
    assert entry.get(XML_LANG) == "ar"
    assert entry.findtext(f"{ATOM}title") == "\u2068خبر (2026)\u2069"
    assert entry.findtext(f"{ATOM}content").startswith('<div dir="rtl" lang="ar"><p>نص.')


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_reader_program_accepts_all_of_it(rich: House, suffix: str):
    found = feedparser.parse(body(rich, f"actualites.{suffix}"))
    assert not found.bozo
    assert found.entries[1].enclosures[0].href == "https://cdn.example/port.mp3"
    assert found.entries[1].source.title == RETOLD.title


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Le Relais du soir"},
        {"icon": "/static/new.png"},
        {"tagline": {"fr": "Chaque jour"}},
    ],
)
def test_what_the_publication_says_of_itself_moves_the_feeds_date(
    rich: House, changes: dict[str, Any]
):
    rich.now += timedelta(hours=2)
    rich.apply(publication(**changes))
    rich.build(anew=True)
    for one in ("actualites.atom", "actualites/law.atom", "all.atom"):
        said = etree.fromstring(body(rich, one)).findtext(f"{ATOM}updated")
        assert said == rich.now.isoformat()


def test_what_a_channel_says_of_itself_moves_its_own_date_alone(rich: House):
    before = etree.fromstring(body(rich, "nashra.atom")).findtext(f"{ATOM}updated")
    rich.now += timedelta(hours=2)
    rich.apply(
        publication(
            icon="/static/icon.png",
            logo="https://cdn.example/logo.png",
            channels=[channel("actualites", "fr", title="Les nouvelles"), channel("nashra", "ar")],
        )
    )
    rich.build(anew=True)
    assert etree.fromstring(body(rich, "nashra.atom")).findtext(f"{ATOM}updated") == before
    moved = etree.fromstring(body(rich, "actualites.rss")).findtext("channel/lastBuildDate")
    assert moved == "Fri, 20 Nov 2026 14:00:00 +0000"
