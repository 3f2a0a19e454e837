import contextlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from house import NOW, channel, publication
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.preparing import prepare
from colporteur.articles.sources.feeds import read_feed
from colporteur.articles.sources.mending import mended
from colporteur.articles.sources.reading import (
    ENTRIES_AT_MOST,
    Asked,
    Harvest,
    Raw,
    topics_by_name,
)
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.exceptions import ArticleRefused, SourceRefused

FEED = "https://site.example/fr/feed"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def asked(**changes: Any) -> Asked:
    ours = publication()
    values: dict[str, Any] = {
        "url": FEED,
        "feed": FEED,
        "channel": "actualites",
        "language": "fr",
        "now": NOW,
        "languages": ours.languages,
        "topics": topics_by_name(ours),
    }
    return Asked(**values | changes)


def rss(*items: str, head: str = "") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel>'
        f"<title>Le site</title><link>https://site.example/</link>{head}{inside}</channel></rss>"
    )


def atom(*entries: str) -> str:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le site</title>'
        f'<link href="https://site.example/"/>{inside}</feed>'
    )


def read(document: str | bytes, headers: dict[str, str] | None = None, **changes: Any) -> Harvest:
    body = document.encode() if isinstance(document, str) else document
    return read_feed(body, headers or {}, asked(**changes))


def one(document: str | bytes, headers: dict[str, str] | None = None, **changes: Any) -> Submission:
    found = read(document, headers, **changes)
    assert found.refused == ()
    (entry,) = found.entries
    return entry.said


def test_an_rss_item_becomes_an_article_with_all_that_it_says():
    said = one(
        rss(
            """<title>Le port mesure ses capteurs</title><link>/fr/port</link>
            <guid isPermaLink="false">https://site.example/?p=7</guid>
            <description>Trois cents capteurs veillent.</description>
            <content:encoded><![CDATA[<p>Trois cents <a href="bilan">capteurs</a>.</p>]]></content:encoded>
            <pubDate>Fri, 20 Nov 2026 08:00:00 +0100</pubDate><dc:creator>Amina</dc:creator>
            <category>Health</category><category>Inconnue</category>
            <media:content url="https://i.example/1.jpg" medium="image" width="800" height="400">
            <media:title>non</media:title><media:description>Une foule &amp; un quai</media:description></media:content>
            <enclosure url="/son.mp3" type="audio/mpeg" length="4711"/>"""
        )
    )
    assert said == Submission(
        title="Le port mesure ses capteurs",
        teaser="Trois cents capteurs veillent.",
        body_html='<p>Trois cents <a href="https://site.example/fr/bilan">capteurs</a>.</p>',
        language="fr",
        url="https://site.example/fr/port",
        external_id="https://site.example/?p=7",
        dated_at=datetime(2026, 11, 20, 7, tzinfo=UTC),
        topics=("health",),
        authors=("Amina",),
        image=Image("https://i.example/1.jpg", "Une foule & un quai", 800, 400),
        enclosure=Enclosure("https://site.example/son.mp3", "audio/mpeg", 4711),
        source=Origin("Le site", FEED, "https://site.example/"),
        channels=("actualites",),
    )


def test_atom_keeps_its_dates_languages_and_bases_apart():
    found = read(
        atom(
            '<id>urn:a</id><title>Un</title><link href="un"/><published>2026-11-19T10:00:00Z'
            "</published><updated>2026-11-20T10:00:00Z</updated>",
            '<id>urn:b</id><title type="html">&lt;b&gt;Deux&lt;/b&gt;</title>'
            '<content type="xhtml" xml:base="https://b.example/x/"><div '
            'xmlns="http://www.w3.org/1999/xhtml"><p>Vu <img src="i.png" alt="ici"/></p></div></content>',
            '<id>urn:c</id><title xml:lang="ar">ثلاثة</title><updated>2026-11-20T10:00:00Z</updated>'
            '<summary type="text">1 &lt; 2</summary><link rel="enclosure" href="/a.mp3" type="audio/mpeg"/>',
        )
    )
    first, second, third = (entry.said for entry in found.entries)
    assert first.dated_at == datetime(2026, 11, 19, 10, tzinfo=UTC)
    assert found.entries[0].updated == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (first.url, second.title) == ("https://site.example/fr/un", "Deux")
    assert second.image == Image("https://b.example/x/i.png", "ici")
    assert (third.language, third.teaser, first.language) == ("ar", "1 < 2", "fr")
    assert third.enclosure == Enclosure("https://site.example/a.mp3", "audio/mpeg", 0)


def test_a_json_feed_is_read_too():
    said = one(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Le site",
                "home_page_url": "https://site.example/",
                "language": "ar-MA",
                "items": [
                    {
                        "id": 12,
                        "url": "/fr/a",
                        "title": "L&#8217;eau",
                        "content_text": "Un.\n\nDeux < trois.",
                        "date_published": "2026-11-20T08:00:00+01:00",
                        "tags": ["LAW"],
                        "authors": [{"name": "Bruno"}],
                        "image": "/i.png",
                        "attachments": [{"url": "/s.mp3", "mime_type": "audio/mpeg"}],
                    }
                ],
            }
        )
    )
    assert (said.title, said.body_html) == ("L’eau", "<p>Un.</p><p>Deux &lt; trois.</p>")
    assert (said.external_id, said.url) == ("site.example 12", "https://site.example/fr/a")
    assert (said.language, said.topics, said.authors) == ("ar-ma", ("law",), ("Bruno",))
    assert said.image == Image("https://site.example/i.png", "")
    assert said.dated_at == datetime(2026, 11, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("", None),
        ("<pubDate>hier soir</pubDate>", None),
        ("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>", None),
        ("<pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate>", None),
        ("<pubDate>sam., 21 nov. 2026 10:00:00</pubDate>", None),
        ("<dc:date>2026-11-20T08:00:00+01:00</dc:date>", datetime(2026, 11, 20, 7, tzinfo=UTC)),
        ("<pubDate>Fri, 20 Nov 2026 24:61:61 GMT</pubDate>", None),
    ],
)
def test_dates_that_no_publication_can_have_are_none(date: str, expected: datetime | None):
    said = one(rss(f"<title>Un</title>{date}"))
    assert (said.dated_at, said.publish_at) == (expected, None)


def test_an_entry_of_the_future_waits_for_its_date():
    said = one(rss("<title>Un</title><pubDate>Fri, 20 Nov 2026 13:00:00 GMT</pubDate>"))
    assert said.publish_at == said.dated_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Q&amp;amp;A", "Q&A"),
        ("L&amp;#8217;eau", "L’eau"),
        ("L&amp;amp;#8217;eau", "L’eau"),
        ("<![CDATA[L&eacute;gal &amp; juste]]>", "Légal & juste"),
        ("<![CDATA[Un <b>mot</b><br>suit]]>", "Un mot suit"),
        ("1 &lt; 2", "1 < 2"),
        ("AT&T", "AT&T"),
        ("  Deux\n\t lignes ", "Deux lignes"),
        ("<![CDATA[قانون &quot;الذكاء&quot; الجديد]]>", 'قانون "الذكاء" الجديد'),
        ("\u2068قانون\u2069", "قانون"),
        ("Balise &amp;amp;lt;p&amp;amp;gt; en HTML", "Balise &lt;p&gt; en HTML"),
    ],
)
def test_titles_are_plain_text_whatever_they_were_escaped_like(written: str, shown: str):
    assert one(rss(f"<title>{written}</title><guid>urn:1</guid>")).title == shown


def test_control_characters_vanish_as_such_and_as_references():
    said = one(
        rss("<title>Un \x0bmot&#11; et&#x1F; un&#xFFFE; \x00autre\x92</title><guid>a:1</guid>")
    )
    assert said.title == "Un mot et un autre’"


@pytest.mark.parametrize(
    ("coding", "declared"),
    [
        ("utf-8", "iso-8859-1"),
        ("utf-8", "nonsense"),
        ("iso-8859-1", "utf-8"),
        ("windows-1252", "iso-8859-1"),
        ("windows-1252", "us-ascii"),
        ("utf-16", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("iso-8859-15", "iso-8859-15"),
    ],
)
def test_a_wrong_charset_is_seen_through(coding: str, declared: str):
    title = "L’été à Œuf" if coding.startswith(("utf", "windows")) else "Été à l'école"
    text = rss(f"<title>{title}</title><guid>a:1</guid>").replace("utf-8", declared)
    said = one(text.encode(coding), {"content-type": f"text/xml; charset={declared}"})
    assert said.title == title


def test_arabic_in_its_own_old_charset_is_read_in_an_arabic_channel():
    text = rss("<title>قانون جديد</title><guid>a:1</guid>")
    assert one(text.encode("windows-1256"), language="ar").title == "قانون جديد"


def test_one_bad_byte_does_not_turn_the_rest_into_signs():
    body = rss("<title>Été indien é@</title><guid>a:1</guid>").encode().replace(b"@", b"\xff")
    assert one(body).title == "Été indien é"


@pytest.mark.parametrize(
    ("document", "reason", "cure"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss/>', "declares XML entities", "<!ENTITY>"),
        (
            '<?xml version="1.0"?><!-- x --><!DOCTYPE r [\n<!ENTITY % a SYSTEM "file:///etc/passwd">\n]><rss/>',
            "declares XML entities",
            "",
        ),
        ("<!doctype html><html><head></head></html>", "web page (HTML)", "in a browser"),
        (
            '<html><link type="application/rss+xml" rel=alternate href=/rss?a=1&amp;b=2></html>',
            "web page (HTML)",
            "https://site.example/rss?a=1&b=2",
        ),
        ("<html><title>Just a moment...</title></html>", "tests browsers", "let programs"),
        ("", "is empty", ""),
        ("\x00\x01", "is empty", ""),
        ("Bonjour", "no feed", ""),
        ("<opml/>", "no feed", ""),
        ('{"items": 3}', "no JSON Feed", "wordpress"),
        ('{"items": [', "not valid JSON", ""),
        ("[" * 100_000, "not valid JSON", ""),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(document: str, reason: str, cure: str):
    with pytest.raises(SourceRefused) as refusal:
        read(document)
    assert reason in refusal.value.message
    assert cure in refusal.value.cure


def test_an_entity_in_utf_16_is_seen_too():
    text = '<!DOCTYPE rss [<!ENTITY a "b">]><rss/>'
    with pytest.raises(SourceRefused, match="entities"):
        read(text.encode("utf-16"))


def test_a_doctype_alone_and_an_article_about_entities_are_no_reason():
    text = rss(
        "<title>Un</title><description>&lt;!DOCTYPE a [&lt;!ENTITY b 'c'&gt;]&gt;</description>"
    )
    doctype = (
        '?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd"><rss'
    )
    assert one(text.replace("?><rss", doctype)).title == "Un"


def test_html_entities_in_xml_and_unescaped_ampersands_are_mended():
    said = one(rss("<title>D&eacute;bat & suite&nbsp;!</title><guid>a:1</guid>"))
    assert said.title.replace("\xa0", " ") == "Débat & suite !"


def test_a_document_that_breaks_off_gives_its_whole_entries():
    whole = rss("<title>Un</title><guid>a:1</guid>", "<title>Deux</title><guid>a:2</guid>")
    found = read(whole[: whole.index("</item></channel>")])
    assert [entry.said.title for entry in found.entries] == ["Un"]
    assert found.refused[0].reason == "The document breaks off in this entry."


def test_an_entry_that_nothing_names_is_refused_and_the_others_are_taken():
    found = read(rss("<title>Un</title>", "<author>x</author>", "<title>Deux</title>"))
    assert [entry.said.title for entry in found.entries] == ["Un", "Deux"]
    assert found.refused[0].reason == "The entry has no id, no link and no title."


def test_an_entry_without_an_id_is_known_by_its_link_else_by_title_and_date():
    linked = one(rss("<title>Un</title><link>https://site.example/un</link>"))
    assert linked.external_id == "https://site.example/un"
    bare = [one(rss(f"<title>{title}</title>")).external_id for title in ("Un", "Un", "Deux")]
    assert bare[0] == bare[1] != bare[2]


def test_an_entry_without_a_title_gets_its_first_words():
    said = one(rss("<guid>a:1</guid><description>Un mot. Puis un autre.</description>"))
    assert said.title == "Un mot."


def test_an_id_or_link_that_all_entries_share_names_none_of_them():
    same_id = read(
        rss(
            *(f"<title>{n}</title><guid>https://s.example/x</guid><link>/{n}</link>" for n in "abc")
        )
    )
    assert len({entry.said.external_id for entry in same_id.entries}) == 3
    same_link = read(
        rss(
            *(
                f"<title>{n}</title><guid>urn:{n}</guid><link>https://x.example/</link>"
                for n in "abc"
            )
        )
    )
    assert {entry.said.url for entry in same_link.entries} == {None}


def test_a_link_to_the_home_page_is_no_articles():
    assert (
        one(rss("<title>Un</title><guid>urn:1</guid><link>https://site.example</link>")).url is None
    )


def test_an_id_that_is_no_address_is_the_sites_alone_and_published_as_it_is():
    said = one(rss("<title>Un</title><guid>42</guid>"), keep_ids=True)
    assert (said.external_id, said.feed_id, said.url) == ("site.example 42", "42", None)


@pytest.mark.parametrize("own", ["  ", "x" * 501])
def test_an_id_that_cannot_be_kept_is_not(own: str):
    said = one(rss(f"<title>Un</title><guid>{own}</guid>"), keep_ids=True)
    assert said.feed_id is None


def test_ids_are_published_only_where_the_channel_says_so():
    assert one(rss("<title>Un</title><guid>urn:1</guid>")).feed_id is None


def test_topics_are_found_by_name_in_any_language_and_the_sources_own_come_first():
    topics = {"law": {"name": {"fr": "Le droit", "ar": "قانون"}, "formerly": ["justice"]}}
    ours = publication(topics=topics, channels=[channel("actualites", "fr", topics=["law"])])
    known = topics_by_name(ours)
    for name in ("LE DROIT", "قانون", "Justice", "law"):
        items = rss(f"<title>Un</title><category>{name}</category><category>Rien</category>")
        assert one(items, topics=known, always=("health",)).topics == ("health", "law")
    assert one(rss("<title>Un</title>"), topics=known).topics is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", "fr"),
        ("<language>ar-EG</language>", "ar-eg"),
        ("<language>de</language>", "fr"),
        ("<language>nonsense!</language>", "fr"),
    ],
)
def test_the_language_is_the_feeds_if_the_publication_has_it_else_the_channels(
    head: str, expected: str
):
    assert one(rss("<title>Un</title><guid>a:1</guid>", head=head)).language == expected


def test_a_picture_is_found_wherever_it_stands():
    pixel = '<img src="https://t.example/p.gif" width="1" height="1">'
    content = f'<![CDATA[<p>{pixel}<img src="/i.jpg" alt="Un quai">Texte</p>]]>'
    said = one(rss(f"<title>Un</title><content:encoded>{content}</content:encoded>"))
    assert said.image == Image("https://site.example/i.jpg", "Un quai")
    thumb = '<title>Un</title><media:thumbnail url="/t.jpg" width="75" height="50"/>'
    assert one(rss(thumb)).image == Image("https://site.example/t.jpg", "", 75, 50)
    enclosed = '<title>Un</title><enclosure url="/e.png" type="image/png" length="1"/>'
    assert one(rss(enclosed)).image == Image("https://site.example/e.png", "", type="image/png")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:image/png;base64,AAAA", "http://[", " "]
)
def test_an_address_that_is_none_is_left_out_and_the_entry_taken(url: str):
    said = one(
        rss(
            f'<title>Un</title><guid>a:1</guid><link>{url}</link><media:thumbnail url="{url}"/>'
            f'<enclosure url="{url}" type="audio/mpeg" length="many"/>'
        )
    )
    assert (said.url, said.image, said.enclosure) == (None, None, None)


def test_text_without_paragraphs_gets_some_so_that_a_teaser_can_be_cut():
    text = "Une première phrase assez longue pour un teaser. " * 15
    said = one(rss(f"<title>Un</title><description>{text}&lt;br&gt;&lt;br&gt;Deux</description>"))
    assert (said.body_html or "").startswith("<p>Une première")
    assert (said.body_html or "").endswith("<p>Deux</p>")
    topics = {"health": 1, "law": 2, "schools": 3}
    assert prepare(said, publication(), topics, NOW).content.teaser.startswith("Une première")


def test_what_blogs_add_to_summaries_is_left_out():
    said = one(rss("<title>Un</title><description>Un mot [&amp;#8230;]</description>"))
    assert said.teaser == "Un mot…"
    appeared = "&lt;p&gt;Court.&lt;/p&gt;&lt;p&gt;The post Un appeared first on Le site.&lt;/p&gt;"
    assert one(rss(f"<title>Un</title><description>{appeared}</description>")).teaser == "Court."


@pytest.mark.parametrize(
    "inside",
    [
        "<item><title>x</title><author>" + "a." * 100_000 + "</author></item>",
        "<item><title>x</title><description>" + "&lt;div&gt;" * 50_000 + "t</description></item>",
        "<a>" * 200_000,
        "<item><title>x</title></item>" * 50_000,
        "<![CDATA[" * 100_000,
    ],
    ids=["an endless name", "HTML nested deep", "XML nested deep", "many entries", "open ends"],
)
def test_what_is_made_to_take_long_does_not(inside: str):
    began = time.process_time()
    with contextlib.suppress(SourceRefused):
        assert len(read(rss(head=inside)).entries) <= ENTRIES_AT_MOST
    assert time.process_time() - began < 20


def test_a_feed_of_thousands_gives_the_first_thousand():
    found = read(rss(*(f"<title>{number}</title>" for number in range(3000))))
    assert [len(found.entries), found.entries[-1].said.title] == [ENTRIES_AT_MOST, "999"]
    assert found.refused == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes):
    with contextlib.suppress(SourceRefused):
        read(body)


@given(st.data())
def test_a_feed_with_any_damage_is_read_or_refused(data: st.DataObject):
    body = bytearray(
        rss("<title>Été</title><guid>a:1</guid><pubDate>Fri, 20 Nov 2026</pubDate>").encode()
    )
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(SourceRefused):
        read(bytes(body))


@pytest.mark.parametrize(
    ("own", "known_by"),
    [
        ("post:1", "site.example post:1"),
        ("node:12", "site.example node:12"),
        ("42", "site.example 42"),
        ("tag:site.example,2026:un", "tag:site.example,2026:un"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("https://other.example/1", "https://other.example/1"),
    ],
)
def test_only_an_id_that_is_the_whole_worlds_is_taken_for_one(own: str, known_by: str):
    assert mended(Raw(title="Un", id=own), asked()).key == known_by


def test_ids_that_are_too_long_stay_apart():
    ids = ["x" * 600 + end for end in "ab"]
    first, second = (mended(Raw(title="Un", id=own), asked()) for own in ids)
    assert first.key != second.key
    assert len(first.key) <= 500


_LAUGHS = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">'


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE rss [<!-- ] --><!ENTITY x SYSTEM "file:///etc/passwd">]>',
        f'<!DOCTYPE rss [<!ATTLIST rss a CDATA "]">{_LAUGHS}]>',
        f"<!DOCTYPE rss [<!ATTLIST rss a CDATA ']>'>{_LAUGHS}]>",
        f"<!DOCTYPE rss [<?x ]> ?>{_LAUGHS}]>",
        f'<!DOCTYPE rss SYSTEM "a[b>" [{_LAUGHS}]>',
        f"<!doctype rss [<!-- ' --> {_LAUGHS} <!-- ' -->]>",
        f"<!DOCTYPE rss []><!DOCTYPE rss [{_LAUGHS}]>",
        f"<!DOCTYPE rss [{_LAUGHS}",
    ],
)
def test_entities_are_refused_whatever_stands_around_them(before: str):
    with pytest.raises(SourceRefused, match=r"entities|DOCTYPE"):
        read(before + rss("<title>Un &c;&x;</title><guid>a:1</guid>").partition("?>")[2])


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss.dtd">',
        '<!DOCTYPE rss [<!-- ] -> it\'s --><!ATTLIST rss a CDATA "]>"> <?x ]> ?>] ><!-- x -->',
    ],
)
def test_a_doctype_without_entities_is_read_over(before: str):
    found = read(before + rss("<title>Un</title><guid>a:1</guid>").partition("?>")[2])
    assert [entry.said.title for entry in found.entries] == ["Un"]


def test_a_doctype_of_any_length_is_read_in_no_time():
    started = time.monotonic()
    for inside in ("<!--" * 200_000, '"' * 400_001, "<?" * 400_000, "'<!--" * 100_000):
        with contextlib.suppress(SourceRefused):
            read(f"<!DOCTYPE rss [{inside}" + rss("<title>Un</title>"))
    assert time.monotonic() - started < 10


def test_a_base_that_is_no_address_spoils_no_entry():
    markup = '<base href="http://[">&lt;p&gt;Un texte'.replace("<", "&lt;").replace(">", "&gt;")
    text = f'{markup} &lt;img src="/i.jpg" width="300"&gt;&lt;a href="/a"&gt;a&lt;/a&gt;'
    said = one(rss(f"<title>Un</title><guid>a:1</guid><description>{text}</description>"))
    assert "https://site.example/" in f"{said.body_html} {said.image}"


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"])
def test_a_date_at_the_end_of_the_calendar_is_refused_in_any_zone(date: str):
    feeds = (
        atom(f"<id>urn:a</id><title>Un</title><published>{date}</published>"),
        json.dumps({"items": [{"id": "urn:a", "title": "Un", "date_published": date}]}),
    )
    for document in feeds:
        with pytest.raises(ArticleRefused, match="year 9999"):
            prepare(one(document), publication(), {}, NOW)
