"""Whatever intake accepts, the feeds' lint lets through: one article never holds a feed up."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC

import pytest
from house import NOW, SITE, publication
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_joining import HEAD

from colporteur.articles.article import Article
from colporteur.articles.preparing import Prepared, prepare
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.exceptions import ArticleRefused
from colporteur.syndication.feed import entry
from colporteur.syndication.fragments import Format
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.lint import Fault, lint_fragment
from colporteur.syndication.xml import ATOM, RSS

PUBLICATION = publication()
TOPICS = {"health": 1, "law": 2, "schools": 3}
PICTURE, SOUND = "https://x.example/i.jpg", "https://x.example/a.mp3"

snippets = st.sampled_from(
    [
        "",
        " ",
        "Un titre",
        "\ud800",
        "\ufdd0",
        "\U0001ffff",
        "\u2028",
        "\u2068",
        "\x00",
        "<b>Un</b>",
        "<a href='/b'>",
        "<br>",
        "<script>",
        "<svg onload=a()>",
        "<img srcset='/a 2x' src='//x'>",
        "<a href='data:text/html,a'>b</a>",
        "<a href='https:/un'>b</a>",
        "<img src='mailto:a@b.example'>",
        "<![CDATA[",
        "]]>",
        "</entry></item>",
        "&amp;amp;",
        "&eacute;",
        "&#0;",
        "été",
        "عربي",
        "http://",
        "https://x.example",
        "/a?b=c&d",
        "#é",
        "[",
        "|",
        "%zz",
        "{}",
        "^",
        ":",
        "@",
        "urn:a",
    ]
)
texts = st.lists(st.one_of(snippets, st.text(max_size=5)), max_size=4).map("".join)
titles = st.one_of(st.just(" "), texts.map("Titre {}".format))
addresses = st.one_of(st.just(PICTURE), st.just(SOUND), texts.map("https://x.example/{}".format))
kinds = st.one_of(st.just("audio/mpeg"), texts.map("audio/{}".format))
lengths = st.integers(0, 2**53)
sizes = st.one_of(st.none(), st.integers(1, 99_999))
eldest = NOW.replace(year=1590, tzinfo=None)
moments = st.none() | st.datetimes(eldest, timezones=st.just(UTC))
submissions = st.builds(
    Submission,
    title=titles,
    teaser=st.none() | texts,
    body_html=st.none() | texts,
    language=st.sampled_from([None, "fr", "ar", "FR-ca"]),
    url=st.none() | addresses,
    external_id=st.none() | texts,
    feed_id=st.none() | texts,
    dated_at=moments,
    topics=st.none() | st.lists(st.sampled_from(sorted(TOPICS)), max_size=2).map(tuple),
    authors=st.none() | st.lists(texts, max_size=3).map(tuple),
    image=st.none() | st.builds(Image, addresses, texts, sizes, sizes),
    enclosure=st.none() | st.builds(Enclosure, addresses, kinds, lengths),
    source=st.none() | st.builds(Origin, titles, addresses, st.just("") | addresses),
)


def blocking(prepared: Prepared) -> list[tuple[str, Fault]]:
    """What an article's entries in all formats break of the rules that hold a feed up."""
    said, content = prepared.said, prepared.content
    published = min(said.dated_at or NOW, NOW).replace(microsecond=0)
    article = Article(
        **{**vars(content), "topics": tuple(TOPICS[one] for one in content.topics)},
        id=1,
        version=1,
        feed_id=said.feed_id or "tag:relais.example,2026:1",
        slug="un",
        language=prepared.language,
        state="published",
        number=1,
        url=said.url,
        external_id=said.external_id,
        listed=False,
        body_public=True,
        in_digests=True,
        publish_at=None,
        published_at=published,
        changed_at=NOW,
    )
    slugs = {number: slug for slug, number in TOPICS.items()}
    found = []
    for state in ("published", "withdrawn"):
        one = entry(
            replace(article, state=state),
            PUBLICATION,
            slugs,
            SITE,
            full_text=True,
            retraction="Non",
        )
        for written in (RSS, ATOM, JSON):
            found += [(written.suffix, fault) for fault in _faults(written, one)]
    return found


def _faults(written: Format, one) -> list[Fault]:
    return [
        fault
        for fault in lint_fragment(written.fragment(one, HEAD), written.suffix)
        if not fault.warning
    ]


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(said=submissions)
@example(Submission("Un", body_html="<a href='https:/un'>b</a><img src='mailto:a@b.example'>"))
def test_whatever_is_accepted_has_entries_without_faults(said: Submission):
    with suppress(ArticleRefused):
        assert blocking(prepare(said, PUBLICATION, TOPICS, NOW)) == []


@pytest.mark.parametrize("name", [" ", "", "\ud800"])
def test_an_author_without_a_name_is_none(name: str):
    said = Submission("Un titre", authors=(name, "Leïla"))
    prepared = prepare(said, PUBLICATION, TOPICS, NOW)
    assert prepared.content.authors == ("Leïla",)
    assert blocking(prepared) == []
    alone = prepare(replace(said, authors=(name,)), PUBLICATION, TOPICS, NOW)
    assert alone.content.authors == ()
    assert blocking(alone) == []


@pytest.mark.parametrize("title", ["", " ", "\ud800"])
def test_a_source_without_a_title_is_refused(title: str):
    said = Submission("Un titre", source=Origin(title, "https://x.example/feed"))
    with pytest.raises(ArticleRefused, match="source has no title"):
        prepare(said, PUBLICATION, TOPICS, NOW)


@pytest.mark.parametrize("blank", ["", " ", "\u3000\t"])
def test_a_blank_id_is_none(blank: str):
    said = Submission("Un titre", feed_id=blank, external_id=blank, url=blank)
    if blank.strip("\t"):
        said = replace(said, url=None)
    prepared = prepare(said, PUBLICATION, TOPICS, NOW)
    assert (prepared.said.feed_id, prepared.said.external_id) == (None, None)
