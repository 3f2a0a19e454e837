import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import brotli
import feedparser
import pytest
from house import NOW, SITE, TEMPLATES, House, channel, publication
from lxml import etree
from sqlalchemy import delete, insert, select

from colporteur.articles.submission import Image
from colporteur.config import Settings
from colporteur.db import make_engine, reading, writing
from colporteur.db.tables.articles import article_channels
from colporteur.db.tables.syndication import entry_fragments
from colporteur.publication.revisions import apply
from colporteur.syndication.documents import (
    paths,
    stale,
    touch_all,
)
from colporteur.tasks import Runtime, build_and_announce, feeds

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "Q&A « l’art » & \x07 l’IA ]]> 👩‍⚕️"


@pytest.fixture
def published(house: House) -> House:
    house.take(
        "Tri aux urgences : six mois",
        body_html='<p>Le texte.</p><p><a href="https://example.org/a?b=1&amp;c=2">Lien</a></p>',
        teaser="Ce que six mois d’essai ont appris.",
        topics=("health",),
        authors=("Soraya Vannier", "Idriss Benhalim"),
        dated_at=NOW - timedelta(hours=3),
        image=Image("https://example.org/i.jpg", "Un couloir", 800, 600, "image/jpeg"),
    )
    house.take(HOSTILE, body_html="<p>Deux</p>", dated_at=NOW - timedelta(hours=1))
    house.take("Fermé", body_html="<p>Secret</p>", body_public=False, teaser="Extrait.")
    house.take("مقال عن الحكامة", body_html="<p>نص</p>", language="ar")
    house.build()
    return house


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_reader_program_finds_nothing_to_complain_about(published: House, suffix: str):
    found = feedparser.parse(published.document(f"feeds/actualites.{suffix}").body)
    assert not found.bozo
    assert [entry.title for entry in found.entries] == [
        "Fermé",
        "Q&A « l’art » & l’IA ]]> 👩‍⚕️",
        "Tri aux urgences : six mois",
    ]
    entry = found.entries[2]
    assert entry.id.startswith("tag:relais.example,2026-11-20:")
    assert [author.name for author in entry.authors] == ["Soraya Vannier", "Idriss Benhalim"]
    assert entry.content[0].value.startswith("<p>Le texte.</p>")
    assert entry.summary == "Ce que six mois d’essai ont appris."
    assert entry.media_content[0]["url"] == "https://example.org/i.jpg"
    assert entry.tags[0].term == "health"
    assert urlsplit(entry.link).path.startswith("/articles/")


def test_the_three_formats_agree_on_ids_titles_and_links(published: House):
    rss, atom = (
        feedparser.parse(published.document(f"feeds/actualites.{one}").body)
        for one in ("rss", "atom")
    )
    items = json.loads(published.document("feeds/actualites.json").body)["items"]
    for entries in (rss.entries, atom.entries):
        assert [(one.id, one.title, one.link) for one in entries] == [
            (one["id"], one["title"], one["url"]) for one in items
        ]


def test_json_feed_has_what_its_version_asks_for(published: House):
    feed = json.loads(published.document("feeds/actualites.json").body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/feeds/actualites.json"
    for item in feed["items"]:
        assert item["id"]
        assert ("content_html" in item) != ("content_text" in item)


def test_a_closed_article_shows_its_teaser_alone(published: House):
    for suffix in ("rss", "atom", "json"):
        body = published.document(f"feeds/actualites.{suffix}").body.decode()
        assert "Secret" not in body
        assert "Extrait." in body


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_title_is_plain_text_encoded_once(house: House, suffix: str):
    house.take("Peut-on dire <b>&amp;</b> ?")
    house.build()
    root = etree.fromstring(house.document(f"feeds/actualites.{suffix}").body)
    titles = [one.text for one in root.iter("title", f"{ATOM}title")]
    assert titles[-1] == "Peut-on dire <b>&amp;</b> ?"


def test_rss_says_what_the_rss_board_asks_for(published: House):
    root = etree.fromstring(published.document("feeds/actualites.rss").body)
    head = root.find("channel")
    for name in ("title", "link", "description", "language", "generator", "ttl", "lastBuildDate"):
        assert head.findtext(name), name
    assert head.findtext("link") == f"{SITE}/actualites"
    links = [(one.get("rel"), one.get("href")) for one in head.findall(f"{ATOM}link")]
    assert links == [("self", f"{SITE}/feeds/actualites.rss"), ("hub", f"{SITE}/hub")]
    for guid in root.iter("guid"):
        assert guid.get("isPermaLink") == "false"
    assert head.findtext("{http://purl.org/rss/1.0/modules/syndication/}updatePeriod") == "hourly"


def test_atom_links_keep_their_rel_and_type(published: House):
    root = etree.fromstring(published.document("feeds/actualites.atom").body)
    assert {one.get("rel") for one in root.findall(f"{ATOM}link")} == {"self", "hub", "alternate"}
    for link in root.findall(f"{ATOM}entry/{ATOM}link"):
        assert (link.get("rel"), link.get("type")) == ("alternate", "text/html")


def test_each_coding_is_the_same_document(published: House):
    found = published.document("feeds/actualites.atom")
    assert gzip.decompress(found.body_gzip) == brotli.decompress(found.body_br) == found.body


def test_building_again_gives_the_same_bytes_and_validators(published: House):
    before = published.document("feeds/actualites.rss")
    published.now += timedelta(hours=5)
    assert published.build(anew=True) == []
    assert published.document("feeds/actualites.rss") == before


def test_a_new_article_changes_the_feeds_of_its_channel_alone(published: House):
    french, arabic = (published.document(f"feeds/{one}.atom") for one in ("actualites", "nashra"))
    published.now += timedelta(
        seconds=0.1
    )  # within the second: Last-Modified must move all the same
    published.take("Nouveau")
    assert sorted(published.build()) == [
        f"feeds/{feed}.{one}" for feed in ("actualites", "all") for one in ("atom", "json", "rss")
    ]
    after = published.document("feeds/actualites.atom")
    assert after.etag != french.etag
    assert after.last_modified > french.last_modified
    assert published.document("feeds/nashra.atom") == arabic


def test_what_was_built_is_not_stale_until_something_changes(published: House):
    with reading(published.engine) as connection:
        assert not stale(connection)
    published.take("Nouveau")
    with reading(published.engine) as connection:
        assert stale(connection)


def test_the_opml_names_a_feed_for_each_channel(published: House):
    root = etree.fromstring(published.document("feeds.opml").body)
    urls = [one.get("xmlUrl") for one in root.iter("outline")]
    assert urls == [f"{SITE}/feeds/{one}.rss" for one in ("actualites", "nashra")]


def test_ids_outlive_a_change_of_title_slug_and_site(published: House):
    before = feedparser.parse(published.document("feeds/actualites.atom").body)
    moved = channel("nouvelles", "fr", title="Nouvelles", formerly=["actualites"])
    published.apply(
        publication(channels=[moved, channel("nashra", "ar")], base_url="https://new.example")
    )
    published.build(anew=True, site="https://new.example")
    after = feedparser.parse(published.document("feeds/nouvelles.atom").body)
    assert after.feed.id == before.feed.id
    assert [one.id for one in after.entries] == [one.id for one in before.entries]
    assert after.feed.link == "https://new.example/nouvelles"


def titles(house: House, path: str) -> list[str]:
    return [item["title"] for item in json.loads(house.document(path).body)["items"]]


def test_a_topics_feed_holds_what_has_the_topic_and_follows_its_changes(published: House):
    assert titles(published, "feeds/actualites/health.json") == ["Tri aux urgences : six mois"]
    assert titles(published, "feeds/actualites/law.json") == []
    published.take(
        "Tri aux urgences : six mois",
        topics=("law",),
        dated_at=NOW - timedelta(hours=3),
        teaser="Ce que six mois d’essai ont appris.",
        external_id="tri",
    )
    published.take("Tri aux urgences : six mois", topics=("health", "law"), external_id="tri")
    published.build()
    assert titles(published, "feeds/actualites/law.json") == ["Tri aux urgences : six mois"]


def test_the_feed_of_everything_holds_every_channel(published: House):
    found = titles(published, "feeds/all.json")
    assert "\u2068مقال عن الحكامة\u2069" in found
    assert "Tri aux urgences : six mois" in found


def test_every_feed_has_an_id_of_its_own(published: House):
    with reading(published.engine) as connection:
        atoms = [path for path in paths(connection) if path.endswith(".atom")]
    ids = [feedparser.parse(published.document(path).body).feed.id for path in atoms]
    assert len(atoms) == 7  # two channels, their two topics each, everything
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("tag:relais.example,") for one in ids)


def test_an_article_is_written_once_for_all_the_feeds_it_is_in(published: House):
    with reading(published.engine) as connection:
        kept = connection.execute(select(entry_fragments.c.article_id, entry_fragments.c.format))
        assert len(kept.all()) == 4 * 3


def test_a_correction_is_shown_at_once_and_moves_no_date(published: House):
    before = feedparser.parse(published.document("feeds/actualites.atom").body)
    published.now += timedelta(hours=1)
    closed = {"body_html": "<p>Secret</p>", "body_public": False}
    published.take("Fermé", teaser="Extrait corrigé.", significant=False, **closed)
    published.build()
    after = feedparser.parse(published.document("feeds/actualites.atom").body)
    assert after.entries[0].summary == "Extrait corrigé."
    assert after.entries[0].updated == before.entries[0].updated
    published.take("Fermé", teaser="Tout autre chose.", **closed)
    published.build()
    last = feedparser.parse(published.document("feeds/actualites.atom").body)
    assert last.entries[0].updated > before.entries[0].updated


def test_a_feed_whose_newest_change_has_left_keeps_its_date(published: House):
    published.now += timedelta(hours=1)
    published.take("Passager", body_html="<p>Un.</p>", topics=("law",), external_id="p")
    published.build()
    before = feedparser.parse(published.document("feeds/actualites/law.atom").body)
    published.now += timedelta(hours=1)
    published.take("Passager", topics=("health",), external_id="p", significant=False)
    published.build()
    after = feedparser.parse(published.document("feeds/actualites/law.atom").body)
    assert len(after.entries) == len(before.entries) - 1
    assert after.feed.updated > before.feed.updated


def test_a_language_that_is_given_up_stops_no_feed_of_the_others(published: House):
    with published.open() as (connection, _, names):
        connection.execute(delete(article_channels))
        rows = [{"article_id": one, "channel_id": names.channels["actualites"]} for one in (1, 4)]
        connection.execute(insert(article_channels), rows)
    published.apply(publication(languages=["fr"], channels=[channel("actualites", "fr")]))
    published.take("Encore du français", body_html="<p>Oui.</p>")
    published.build(anew=True)
    assert "Encore du français" in titles(published, "feeds/actualites.json")


def test_what_a_removed_channel_alone_showed_leaves_the_feed_of_everything(published: House):
    published.apply(publication(channels=[channel("actualites", "fr")]))
    published.build(anew=True)
    assert "\u2068مقال عن الحكامة\u2069" not in titles(published, "feeds/all.json")


def test_fragments_that_nothing_is_joined_from_are_dropped(published: House):
    published.apply(
        publication(
            topics={
                "health": {"name": {"fr": "Soins", "ar": "ص"}},
                "law": {"name": {"fr": "Droit", "ar": "ق"}},
                "schools": {"name": {"fr": "É", "ar": "م"}},
            }
        )
    )
    published.build(anew=True)
    with reading(published.engine) as connection:
        kept = connection.execute(select(entry_fragments.c.shape).distinct()).all()
    assert len(kept) == 1


def test_an_id_brought_along_that_is_no_iri_is_one_in_atom_alone(house: House):
    house.take("Venu d’ailleurs", body_html="<p>Un.</p>", feed_id="post 42 é")
    house.build()
    atom, rss = (
        feedparser.parse(house.document(f"feeds/actualites.{one}").body) for one in ("atom", "rss")
    )
    assert atom.entries[0].id == "urn:x-colporteur:post%2042%20%C3%A9"
    assert rss.entries[0].id == "post 42 é"


def test_a_change_of_the_publication_beside_a_build_is_shown(
    postgresql_url: str,
):
    """The build waits for the change, and must then not build what it read before."""
    house = House(make_engine(postgresql_url))
    house.apply(publication())
    run = Runtime(Settings(base_url=SITE), house.engine, TEMPLATES)
    with ThreadPoolExecutor(1) as pool:
        with writing(house.engine) as connection:
            touch_all(connection)
            renamed = publication(title="Le Relais du soir")
            apply(connection, renamed, by="test", why="test", now=NOW)
            touch_all(connection)
            building = pool.submit(build_and_announce, run)
            time.sleep(0.5)  # long enough for it to have begun, and to wait
            assert not building.done()
        building.result(10)
    assert b"Le Relais du soir" in house.document("feeds/actualites.rss").body
    house.engine.dispose()


def test_channels_are_built_group_by_group_and_everything_with_the_last(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feeds, "BUILT_AT_ONCE", 1)
    house.take("Un", body_html="<p>Un.</p>")
    house.take("واحد", body_html="<p>نص</p>", language="ar")
    run = Runtime(Settings(base_url=SITE), house.engine, TEMPLATES)
    written = build_and_announce(run)
    assert len(written) == len(set(written)) == 7 * 3 + 1
    assert written[-1] == "feeds.opml"
    assert titles(house, "feeds/all.json")
    assert build_and_announce(run) == []
