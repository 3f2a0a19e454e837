"""Each rule is broken by one change of a document that keeps them all."""

import gzip

import pytest
from good_feeds import GOOD, NOW, OPML, RSS, URLS

from colporteur.syndication.lint import lint_document
from colporteur.syndication.lint.cures import CURES, WARNINGS

HTML = "&lt;p&gt;{}&lt;/p&gt;"
CONTENT = '&lt;a href="https://x.example/"&gt;Ici&lt;/a&gt;'
ITEM = "<item>\n<title>Un"
END = "</item>\n</channel>"
SELF = (
    '<atom:link href="https://relais.example/feeds/a.rss" rel="self" type="application/rss+xml"/>'
)
ENCLOSURE = '<enclosure url="https://relais.example/un.mp3" length="1234" type="audio/mpeg"/>'
PUBLISHED = "<pubDate>Fri, 20 Nov 2026 07:00:00 +0000</pubDate>\n<author>"

# format, what is replaced, by what, the rule that is then broken
CASES = [
    ("rss", "<?xml version='1.0' encoding='UTF-8'?>", "<!DOCTYPE rss [<!ENTITY a 'b'>]>", "xml-doctype"),
    ("rss", "Tout.", "Tout&nbsp;!", "xml-entity"),
    ("rss", "Tout.", "Tout & rien", "xml-not-well-formed"),
    ("rss", "</rss>", "", "xml-not-well-formed"),
    ("rss", "<?xml", "\n<?xml", "xml-not-well-formed"),
    ("rss", "Tout.", "Tout&#8;.", "text-forbidden-character"),
    ("rss", "Tout.", "Tout\x08.", "text-forbidden-character"),
    ("rss", "Tout.", "Tout\uffff.", "text-forbidden-character"),
    ("atom", "Le premier", "Le\x00 premier", "text-forbidden-character"),
    ("json", '"Deux"', '"De\\ud800ux"', "text-forbidden-character"),
    ("json", '"Deux"', '"De\\u0007ux"', "text-forbidden-character"),
    ("rss", "<rss ", "<?xml-stylesheet href='a.xsl'?><rss ", "xml-stylesheet"),
    ("rss", "UTF-8", "rot13", "encoding-wrong"),
    ("json", "}]}", "}]", "json-not-well-formed"),
    ("json", "1234", "NaN", "json-not-well-formed"),
    ("json", "version/1.1", "version/9", "json-version"),
    ("json", '"Deux"', '{"a": 1}, "title": "Deux", "summary": 1', "json-shape"),
    ("json", '["Santé"]', '["Santé", 1]', "json-tags"),
    ("rss", 'version="2.0"', 'version="0.92"', "rss-version"),
    ("rss", "</channel>", "</channel><channel/>", "rss-channel"),
    ("atom", "<id>tag:relais.example,2026:feed</id>", "<id/>", "feed-id-missing"),
    ("atom", "tag:relais.example,2026:feed", "relais feed", "feed-id-not-uri"),
    ("rss", "<title>Le Relais &amp; compagnie</title>\n", "", "feed-title-missing|image-differs"),
    ("atom", "<title>Le Relais &amp; compagnie</title>", "<title> </title>", "feed-title-missing"),
    ("json", '"Le Relais & compagnie"', '""', "feed-title-missing"),
    ("opml", "<title>Le Relais</title>", "", "feed-title-missing"),
    ("json", '"home_page_url": "https://relais.example/",', "", "feed-link-missing"),
    ("rss", "<description>Tout.</description>", "", "feed-description-missing"),
    ("atom", "<updated>2026-11-20T07:00:00+00:00</updated>", "", "feed-updated-missing"),
    ("rss", "<ttl>60</ttl>", "<ttl>60</ttl><ttl>60</ttl>", "element-repeated"),
    ("rss", "<title>Deux</title>", "<title>Deux</title><title>Deux</title>", "element-repeated"),
    ("rss", SELF, "", "self-link-missing"),
    ("rss", "feeds/a.rss", "feeds/b.rss", "self-link-wrong"),
    ("json", "feeds/a.json", "feeds/b.json", "self-link-wrong"),
    ("rss", SELF, SELF + SELF, "self-link-repeated"),
    ("rss", 'rel="self" type="application/rss+xml"', 'rel="self"', "self-link-type"),
    ("atom", "application/atom+xml", "text/xml", "self-link-type"),
    ("rss", "https://relais.example/un<", "/un<", "link-not-absolute"),
    ("rss", "https://relais.example/hub", "/hub", "link-not-absolute"),
    ("rss", "https://relais.example/i.jpg", "i.jpg", "link-not-absolute"),
    ("rss", "https://relais.example/un.mp3", "un.mp3", "link-not-absolute"),
    ("atom", "https://relais.example/i.png", "/i.png", "link-not-absolute"),
    ("atom", "https://relais.example/un", "//relais.example/un", "link-not-absolute"),
    ("json", "https://relais.example/feeds/a/1.json", "1.json", "link-not-absolute"),
    ("json", 'https://relais.example/un"', '/un"', "link-not-absolute"),
    ("opml", "https://relais.example/feeds", "ftp://relais.example/feeds", "link-not-absolute"),
    ("atom", '<link href="https://relais.example/deux"/>', '<link href="https://a.example"/><link href="https://b.example"/>', "link-repeated"),
    ("rss", "<language>fr</language>", "", "language-missing"),
    ("rss", "<language>fr</language>", "<language>fr_FR</language>", "language-invalid"),
    ("atom", 'xml:lang="fr">\n<id>tag:relais.example,2026:1', 'xml:lang="français">\n<id>tag:relais.example,2026:1', "language-invalid"),
    ("rss", "<ttl>60</ttl>", "<ttl>1 h</ttl>", "ttl-invalid"),
    ("rss", "<sy:updateFrequency>1</sy:updateFrequency>", "<sy:updatefrequency>1</sy:updatefrequency>", "sy-name"),
    ("rss", ">hourly<", ">Hourly<", "sy-value"),
    ("rss", "<image><url>https://relais.example/i.png</url>", "<image>", "image-incomplete"),
    ("rss", "compagnie</title><link>", "Cie</title><link>", "image-differs"),
    ("rss", "<width>88</width>", "<width>512</width>", "image-size"),
    ("rss", END, "</item>\n<copyright>Nous</copyright></channel>", "items-not-last"),
    ("json", '{"type": "WebSub", ', "{", "hub-incomplete"),
    ("rss", "<ttl>", "<fh:archive/><ttl>", "archive-current-missing"),
    ("atom", "<icon>", "<fh:archive/><icon>", "archive-current-missing"),
    ("atom", "<icon>", '<link rel="next-archive" href="https://a.example/2"/><icon>', "archive-mark-missing"),
    ("opml", 'version="2.0"', 'version="1.0"', "opml-version"),
    ("opml", "</head>", "</head><head/>", "opml-shape"),
    ("opml", 'text="Deux"', "", "opml-text-missing"),
    ("opml", 'xmlUrl="https://relais.example/feeds/a.rss"', "", "opml-url-missing"),
    ("opml", '<outline text="Deux"/>', '<outline text="b" xmlUrl="https://relais.example/feeds/a.rss"/>', "opml-url-repeated"),
    ("rss", '<guid isPermaLink="false">tag:relais.example,2026:1</guid>', "", "entry-id-missing"),
    ("atom", "<id>tag:relais.example,2026:1</id>", "<id> </id>", "entry-id-missing"),
    ("json", '"id": "tag:relais.example,2026:2",', "", "entry-id-missing"),
    ("json", '"tag:relais.example,2026:2"', "2", "entry-id-type"),
    ("rss", "tag:relais.example,2026:1", "article-1", "entry-id-not-uri"),
    ("json", "tag:relais.example,2026:2", "2", "entry-id-not-uri"),
    ("rss", "tag:relais.example,2026:1", "tag:relais.example,2026:2", "entry-id-repeated"),
    ("atom", "tag:relais.example,2026:1", "tag:relais.example,2026:2", "entry-id-repeated"),
    ("rss", 'isPermaLink="false">tag:relais.example,2026:1', 'isPermaLink="no">tag:relais.example,2026:1', "guid-attribute"),
    ("rss", '<guid isPermaLink="false">tag:relais.example,2026:1', "<guid>tag:relais.example,2026:1", "guid-permalink"),
    ("rss", "<title>Deux</title>", "", "entry-title-missing"),
    ("atom", "<title>Deux</title>", "<title/>", "entry-title-missing"),
    ("rss", "<link>https://relais.example/deux</link>", "", "entry-link-missing"),
    ("atom", 'rel="alternate" type="text/html" hreflang="fr"', 'rel="related"', "entry-link-missing"),
    ("atom", '<link href="https://relais.example/deux"/>', "", "entry-content-missing"),
    ("json", '"content_text": "Le deuxième.",', "", "entry-content-missing"),
    ("atom", "<author><name>Le Relais</name></author>", "", "entry-author-missing"),
    ("atom", "<name>Amina</name>", "<name/>", "author-name-missing"),
    ("json", '{"name": "Amina"}', "{}", "author-name-missing"),
    ("rss", "<title>Deux", "<title>&lt;b&gt;Deux&lt;/b&gt;", "title-markup"),
    ("rss", "<title>Deux", "<title>&lt;img src=x&gt;Deux", "title-markup"),
    ("atom", "<title>Deux", "<title>&lt;br/&gt;Deux", "title-markup"),
    ("atom", "<title>Deux", '<title type="html">&lt;i&gt;Deux&lt;/i&gt;', "title-markup"),
    ("json", '"Deux"', '"<em class=\'a\'>Deux</em>"', "title-markup"),
    ("rss", "<title>Deux", "<title>La balise &lt;b&gt;", "title-tag"),
    ("rss", "<title>Deux", "<title>Un &amp;amp; deux", "title-double-escaped"),
    ("atom", "<title>Deux", "<title>L&amp;#8217;un", "title-double-escaped"),
    ("json", '"Deux"', '"&eacute;t&eacute;"', "title-double-escaped"),
    ("rss", "<title>Deux", "<title>Deux\nlignes", "title-lines"),
    ("atom", "<summary>", '<summary type="markdown">', "text-type"),
    ("rss", "<pubDate>Thu, 19 Nov 2026 07:00:00 GMT</pubDate>", "", "date-missing"),
    ("atom", "<updated>2026-11-19T07:00:00Z</updated>", "", "date-missing"),
    ("json", ',\n"date_published": "2026-11-19T07:00:00Z"', "", "date-missing"),
    ("rss", "Thu, 19 Nov 2026 07:00:00 GMT", "Thu, 19 Nov 26 07:00:00 GMT", "date-invalid"),
    ("rss", "Thu, 19 Nov 2026 07:00:00 GMT", "Thu, 19 Nov 2026 07:00:00 EST", "date-invalid"),
    ("rss", "Thu, 19 Nov 2026 07:00:00 GMT", "jeu., 19 nov. 2026 07:00:00 +0100", "date-invalid"),
    ("rss", "Thu, 19 Nov 2026 07:00:00 GMT", "Thu, 31 Nov 2026 07:00:00 GMT", "date-invalid"),
    ("rss", "Thu, 19 Nov 2026 07:00:00 GMT", "2026-11-19T07:00:00Z", "date-invalid"),
    ("atom", "2026-11-19T07:00:00Z", "2026-11-19T07:00:00", "date-invalid"),
    ("atom", "2026-11-19T07:00:00Z", "2026-11-19", "date-invalid"),
    ("json", "2026-11-19T07:00:00Z", "2026-11-19 07:00:00Z", "date-invalid"),
    ("rss", "Thu, 19 Nov", "Mon, 19 Nov", "date-weekday"),
    ("rss", "Thu, 19 Nov 2026", "Thu, 01 Jan 1970", "date-old"),
    ("atom", "2026-11-19T", "0001-11-19T", "date-old"),
    ("rss", PUBLISHED, PUBLISHED.replace("Fri, 20", "Sat, 21"), "date-future"),
    ("json", "2026-11-20T07:00:00Z", "2027-11-20T07:00:00Z", "date-future"),
    ("atom", "2026-11-20T06:00:00Z", "2026-11-20T08:00:00Z", "updated-before-published"),
    ("json", "2026-11-20T07:00:00Z", "2026-11-20T05:00:00Z", "updated-before-published"),
    ("rss", "a@relais.example (Amina)", "Amina", "rss-author"),
    ("rss", "<enclosure", "<description>Un</description><enclosure", "element-repeated"),
    ("rss", '<source url="https://other.example/feed">', "<source>", "source-incomplete"),
    ("atom", "<title>Autre</title>", "", "source-incomplete"),
    ("atom", 'term="health"', "", "category-term-missing"),
    ("rss", ENCLOSURE, ENCLOSURE + ENCLOSURE, "enclosure-repeated"),
    ("rss", ' length="1234"', "", "enclosure-incomplete"),
    ("json", '"mime_type": "audio/mpeg", ', "", "enclosure-incomplete"),
    ("rss", 'length="1234"', 'length="0"', "enclosure-length-unknown"),
    ("atom", ' length="1234"', "", "enclosure-length-unknown"),
    ("json", ', "size_in_bytes": 1234', "", "enclosure-length-unknown"),
    ("rss", 'length="1234"', 'length=""', "enclosure-length-unknown"),
    ("atom", 'length="1234"', 'length="1,234"', "enclosure-length"),
    ("json", "1234", "-1", "enclosure-length"),
    ("rss", "audio/mpeg", "mp3", "media-type-invalid"),
    ("rss", 'width="8"', 'width="8px"', "media-size"),
    ("rss", 'url="https://relais.example/i.jpg" ', "", "media-incomplete"),
    ("atom", ' when="2026-11-20T07:00:00Z"', "", "tombstone-incomplete"),
    ("atom", 'when="2026-11-20T07:00:00Z"', 'when="yesterday"', "date-invalid"),
    ("atom", '<content type="html">', "<content>", "content-type-missing"),
    ("rss", CONTENT, "&lt;script&gt;a()&lt;/script&gt;", "content-element"),
    ("rss", "&lt;em&gt;premier&lt;/em&gt;", "&lt;IFRAME&gt;", "content-element"),
    ("json", "<p>Ici</p>", "<style>p{}</style>", "content-element"),
    ("rss", CONTENT, '&lt;p onclick="a()"&gt;', "content-handler"),
    ("rss", CONTENT, '&lt;a href=" java\tscript:a()"&gt;', "content-script-address"),
    ("rss", 'href="https://x.example/"', 'href="/ici"', "content-address-not-absolute"),
    ("rss", 'href="https://x.example/"', 'href="#note"', "content-address-not-absolute"),
    ("atom", "https://x.example/i.png", "//x.example/i.png", "content-address-not-absolute"),
    ("json", "<p>Ici</p>", "<img srcset='https://a.example/1.png 1x, /2.png 2x'>", "content-address-not-absolute"),
    ("json", "<p>Ici</p>", "<video poster='p.jpg'></video>", "content-address-not-absolute"),
    ("json", "<p>Ici</p>", "<b>" * 300, "content-nesting"),
    ("rss", "Thu, 19 Nov 2026 07", "Fri, 20 Nov 2026 08", "order"),
    ("atom", "2026-11-19T07:00:00Z", "2026-11-20T08:00:00Z", "order"),
    ("atom", "2026-11-19T07:00:00Z", "2026-11-20T07:00:00.5Z", "updated-equal"),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "was", "becomes", "rule"), CASES)
def test_one_change_breaks_one_rule(suffix: str, was: str, becomes: str, rule: str):
    body = GOOD[suffix]
    assert was in body
    found = lint_document(
        body.replace(was, becomes, 1).encode(), feed_url=URLS.get(suffix, ""), now=NOW
    )
    assert {one.rule for one in found} == set(rule.split("|"))
    assert all(one.problem and one.cure and one.warning == (one.rule in WARNINGS) for one in found)


UNREADABLE = [
    (b"", "document-empty"),
    (b" \n", "document-empty"),
    (b"<rss>" + b" " * 10_485_760, "document-too-large"),
    (b"Hello", "document-unknown"),
    (gzip.compress(RSS.encode()), "encoding-wrong"),
    (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "document-unknown"),
    (b'<feed xmlns="http://purl.org/atom/ns#" version="0.3"/>', "document-unknown"),
    (b'<entry xmlns="http://www.w3.org/2005/Atom"/>', "document-unknown"),
    (b'{"hello": 1}', "document-unknown"),
    (b"[]", "document-unknown"),
    (b"<!DOCTYPE html><title>Le Relais</title>", "document-html"),
    (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "document-html"),
    (b"<!doctype html><title>Just a moment...</title>", "document-challenge"),
    (
        b"<html><script src='/cdn-cgi/challenge-platform/a.js'></script></html>",
        "document-challenge",
    ),
    (RSS.replace("Tout.", "Tout é").encode("latin-1"), "encoding-wrong"),
    ("\ufeff".encode() + RSS.replace("UTF-8", "ISO-8859-1").encode(), "encoding-wrong"),
    (b'{"a": "\xed\xa0\x80"}', "encoding-wrong"),
    ("{}".encode("utf-16"), "encoding-wrong"),
    (b"[" * 100_000, "json-not-well-formed"),
    (b"{" + b'"a":{' * 100_000, "json-not-well-formed"),
    (
        b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss version="2.0">&b;</rss>',
        "xml-doctype",
    ),
    (b'<!-- a --><!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>', "xml-doctype"),
    (b"<rss>" + b"<a>" * 5000, "xml-not-well-formed"),
]


@pytest.mark.parametrize(("body", "rule"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_has_one_fault_that_says_why(body: bytes, rule: str):
    (found,) = lint_document(body)
    assert found.rule == rule
    assert not found.warning


@pytest.mark.parametrize("suffix", GOOD)
def test_a_document_that_keeps_the_rules_has_no_fault(suffix: str):
    assert lint_document(GOOD[suffix].encode(), feed_url=URLS.get(suffix, ""), now=NOW) == []
    assert lint_document("\ufeff".encode() + GOOD[suffix].encode(), now=NOW) == []


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "utf-16"])
def test_another_encoding_that_is_declared_only_warns(encoding: str):
    body = OPML.replace("UTF-8", encoding).encode(encoding)
    assert [one.rule for one in lint_document(body)] == ["encoding-not-utf-8"]


def test_description_after_content_is_told():
    item = "<content:encoded>a</content:encoded><description>b</description>"
    body = RSS.replace("<title>Deux</title>", f"<title>Deux</title>{item}")
    assert [one.rule for one in lint_document(body.encode(), now=NOW)] == [
        "description-after-content"
    ]


def test_the_entry_at_fault_is_named():
    body = RSS.replace("<title>Deux</title>", "")
    (found,) = lint_document(body.encode(), now=NOW)
    assert found.entry == "tag:relais.example,2026:2"
    body = RSS.replace('<guid isPermaLink="false">tag:relais.example,2026:2</guid>', "")
    (found,) = lint_document(body.encode(), now=NOW)
    assert found.entry == "Deux"


def test_many_breaches_of_a_rule_in_one_text_are_one_fault():
    body = RSS.replace(CONTENT, "&lt;a href='/b'&gt;b&lt;/a&gt;" * 30)
    (found,) = lint_document(body.encode(), now=NOW)
    assert "'/b' and 29 more" in found.problem


def test_an_archive_that_leads_to_the_feed_itself_is_clean():
    links = "".join(
        f'<atom:link rel="{rel}" href="https://relais.example/{rel}"/>'
        for rel in ("current", "prev-archive", "next-archive")
    )
    body = RSS.replace("<ttl>", f"<fh:archive/>{links}<ttl>")
    assert lint_document(body.encode(), now=NOW) == []


def test_xhtml_in_atom_is_looked_through():
    inside = '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="a()"><script/></p></div>'
    body = GOOD["atom"].replace("<summary>Le premier.", f'<summary type="xhtml">{inside}')
    assert {one.rule for one in lint_document(body.encode(), now=NOW)} == {
        "content-handler",
        "content-element",
    }


def test_every_rule_is_broken_here():
    http = {rule for rule in CURES if rule.startswith("http-")}  # test_lint_serving.py
    elsewhere = {"document-format", "entry-not-single"}  # test_lint_fragments.py
    here = {rule for *_, rules in CASES for rule in rules.split("|")}
    here |= {rule for _, rule in UNREADABLE}
    here |= {"encoding-not-utf-8", "description-after-content"}
    assert set(CURES) - http - elsewhere == here
    assert set(CURES) >= WARNINGS
