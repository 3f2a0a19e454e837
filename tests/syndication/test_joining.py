import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.submission import Image
from colporteur.syndication.feed import Entry, Head
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.xml import ATOM, RSS, XmlFormat

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
HEAD = Head(
    id="tag:relais.example,2026:feed",
    title="Le Relais & compagnie",
    description="Une description",
    language="fr",
    site="https://relais.example",
    home="https://relais.example/actualites",
    path="feeds/actualites",
    rights="© Le Relais",
    updated=NOW,
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=40)
hostile = st.sampled_from(
    ["<item>", "</item></channel>", "<entry", "</entry>", "]]>", '"items":[]}']
)
words = st.one_of(texts, hostile)
entries = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(lambda one: f"tag:relais.example,2026:{one.hex}"),
        link=st.just("https://relais.example/articles/a"),
        title=words.map(lambda text: text.strip() or "Titre"),
        teaser=words,
        content=words,
        language=st.sampled_from(["fr", "ar", "en"]),
        authors=st.lists(words.filter(str.strip), max_size=2).map(tuple),
        categories=st.just((("health", "Santé & soins"),)),
        scheme=st.just("https://relais.example/topics"),
        image=st.sampled_from([None, Image("https://relais.example/i.jpg", "Un <couloir>", 8, 6)]),
        published=st.integers(0, 999).map(lambda hours: NOW - timedelta(hours=hours)),
        updated=st.just(NOW),
    ),
    max_size=4,
)


@pytest.mark.parametrize("written", [RSS, ATOM], ids=["rss", "atom"])
@given(found=entries)
def test_joined_fragments_are_the_bytes_that_feedgen_writes_in_one_go(
    written: XmlFormat, found: list[Entry]
):
    fragments = [written.fragment(entry, HEAD) for entry in found]
    assert written.join(HEAD, fragments) == written.whole(HEAD, found)


@given(found=entries)
def test_joined_items_are_a_json_feed(found: list[Entry]):
    document = json.loads(JSON.join(HEAD, [JSON.fragment(entry, HEAD) for entry in found]))
    assert [item["id"] for item in document["items"]] == [entry.id for entry in found]
