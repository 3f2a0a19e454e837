"""What our own writers write of clean articles has no faults, whatever the words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from good_feeds import GOOD, NOW
from hypothesis import given
from hypothesis import strategies as st
from test_joining import HEAD, words

from colporteur.articles.cleaning import clean_html, clean_text
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.syndication.feed import Entry, History
from colporteur.syndication.fragments import Format
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.lint import (
    Fault,
    Key,
    lint_document,
    lint_fragment,
    lint_head,
    lint_together,
)
from colporteur.syndication.opml import write_opml
from colporteur.syndication.xml import ATOM, RSS

SIGNED = replace(HEAD, author="Le Relais")
FORMATS = pytest.mark.parametrize("written", [RSS, ATOM, JSON], ids=["rss", "atom", "json"])
# In a title they are looked at twice, since most that have them were meant as markup.
titles = words.map(clean_text).filter(lambda text: text and not set(text) & set("&<"))
markup = st.sampled_from(
    [
        "<p>",
        "<a href='/un'>",
        "<img src=x onerror=a()>",
        "<script>",
        "<style>",
        "&amp;",
        "</p>",
        "é",
    ]
)
hostile_words = st.one_of(
    words, st.sampled_from(["<script>a()</script>", "<a href='/b'>", "a & b"])
)
clean_entries = st.builds(
    Entry,
    id=st.uuids().map(lambda one: f"tag:relais.example,2026:{one.hex}"),
    link=st.just("https://relais.example/articles/a"),
    title=titles,
    teaser=hostile_words.map(clean_text),
    content=st.lists(st.one_of(words, markup), max_size=8)
    .map("".join)
    .map(lambda text: clean_html(text, "https://relais.example/articles/a")),
    language=st.sampled_from(["fr", "ar-MA", "en"]),
    authors=st.lists(words.map(clean_text).filter(bool), max_size=2).map(tuple),
    categories=st.just((("health", "Santé & soins"),)),
    scheme=st.just("https://relais.example/topics"),
    image=st.sampled_from([None, Image("https://relais.example/i.jpg", "Un <couloir>", 8, 6)]),
    enclosure=st.sampled_from([None, Enclosure("https://relais.example/a.mp3", "audio/mpeg", 12)]),
    source=st.sampled_from(
        [None, Origin("Autre & Cie", "https://a.example/f", "https://a.example")]
    ),
    published=st.just(NOW),
    updated=st.just(NOW),
    retracted=st.booleans(),
)


def dated(found: list[Entry]) -> list[Entry]:
    """The newest first, each with a moment of change of its own."""
    moments = [NOW - timedelta(hours=number) for number in range(len(found))]
    return [
        replace(one, published=moment, updated=moment)
        for one, moment in zip(found, moments, strict=True)
    ]


feeds = st.lists(clean_entries, max_size=4, unique_by=lambda one: one.id).map(dated)


histories = st.sampled_from(
    [
        History(),
        History(previous="feeds/actualites/archive/2"),
        History("feeds/actualites/archive/1-00ff", "feeds/actualites/archive/3", archived=True),
    ]
)


@FORMATS
@given(found=feeds, history=histories)
def test_what_we_write_of_clean_entries_has_no_faults(
    written: Format, found: list[Entry], history: History
):
    picture = "https://relais.example/icon.png"
    address = "feeds/actualites/archive/2-0ff0" if history.archived else ""
    top = replace(SIGNED, icon=picture, logo=picture, address=address, history=history)
    body = written.join(top, [written.fragment(one, top) for one in found])
    assert lint_document(body, feed_url=top.url(written.suffix), now=NOW) == []


@FORMATS
@given(found=feeds, rounds=st.booleans())
def test_head_fragments_and_keys_have_the_faults_of_the_whole(
    written: Format, found: list[Entry], *, rounds: bool
):
    broken = [
        replace(one, link="/un", title="<b>Un</b>", updated=NOW if rounds else one.updated)
        for one in found
    ]
    parts = [written.fragment(one, SIGNED) for one in broken]
    keys = [
        Key(one.id, one.published, None if written is RSS else one.updated)
        for one in broken
        if not (one.retracted and written is ATOM)
    ]
    apart: list[Fault] = lint_head(written.join(SIGNED, []), written.suffix, now=NOW)
    for part in parts:
        apart += lint_fragment(part, written.suffix, now=NOW)
    apart += lint_together(keys)
    assert apart == lint_document(written.join(SIGNED, parts), now=NOW)


def test_the_list_of_feeds_is_clean():
    assert lint_document(write_opml("Le Relais", [SIGNED])) == []


@pytest.mark.parametrize("suffix", ["rss", "atom"])
@pytest.mark.parametrize("fragment", ["", "text", "<p/>", "<item/><item/>", "<entry/>text"])
def test_a_fragment_is_one_entry(suffix: str, fragment: str):
    assert [one.rule for one in lint_fragment(fragment.encode(), suffix)] == ["entry-not-single"]


def test_a_fragment_that_ends_its_document_is_none():
    assert [one.rule for one in lint_fragment(b"<item/></rss><a/>", "rss")] == [
        "xml-not-well-formed"
    ]


@pytest.mark.parametrize("fragment", [b"[]", b"1", b'"a"', b"null"])
def test_an_item_is_an_object(fragment: bytes):
    assert [one.rule for one in lint_fragment(fragment, "json")] == ["json-shape"]


def test_a_head_is_judged_as_the_format_that_it_should_be():
    assert lint_head(GOOD["atom"].encode(), "atom") == []
    assert [one.rule for one in lint_head(GOOD["atom"].encode(), "rss")] == ["document-format"]


@given(body=st.binary(max_size=200))
def test_no_bytes_make_it_fail(body: bytes):
    assert lint_document(body, now=NOW)
    for suffix in ("rss", "atom", "json"):
        lint_fragment(body, suffix, now=NOW)


snippets = st.sampled_from(
    [
        "<",
        ">",
        "&",
        "&#0;",
        "]]>",
        '"',
        "null",
        "[[",
        "{}",
        "-1",
        "\x00",
        "\ufffe",
        "<entry>",
        "xmlns=''",
        "<item/>",
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:60-23:59",
        "99",
        "http://[",
        "�",
    ]
)


@given(
    suffix=st.sampled_from(sorted(GOOD)),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.one_of(snippets, st.text(max_size=5))),
        min_size=1,
        max_size=4,
    ),
)
def test_no_change_of_a_document_makes_it_fail(suffix: str, changes: list[tuple[float, int, str]]):
    text = GOOD[suffix]
    for place, cut, put in changes:
        at = int(place * len(text))
        text = text[:at] + put + text[at + cut :]
    for found in lint_document(text.encode("utf-8", "surrogatepass"), now=NOW):
        assert found.problem
        assert f"{found.entry}{found.problem}".encode()
