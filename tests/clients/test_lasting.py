import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree
from paper import ARABIC, FRENCH, SERIES, Paper, rows
from reader import make_reader

pytestmark = pytest.mark.client
ELSEWHERE = "https://elsewhere.example"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper.founded(tmp_path)


def test_ids_outlive_a_change_of_title_slug_scheme_and_host(paper: Paper):
    followed = ("actualites.rss", "nashra.atom", "actualites/law.json")
    with make_reader(":memory:") as reader:
        for one in followed:
            reader.add_feed(paper.url(one))
        with paper.installation.up():
            paper.take([*FRENCH, *ARABIC])
            before = {slug: ids(paper, slug) for slug in ("actualites", "nashra", "actualites/law")}
            assert [new(one) for one in reader.update_feeds_iter(scheduled=False)] == [3, 2, 2]
        paper.installation.settings["COLPORTEUR_BASE_URL"] = ELSEWHERE
        paper.base_url = ELSEWHERE
        with paper.installation.up():
            paper.take([FRENCH[0] | {"title": "Un tout autre titre"}])
            paper.rename("actualites", "nouvelles")
            paper.rename("nashra", "akhbar")
            after = {slug: ids(paper, slug) for slug in ("nouvelles", "akhbar", "nouvelles/law")}
            assert list(after.values()) == list(before.values())
            (edited,) = (
                one
                for one in httpx.get(paper.url("nouvelles.json")).json()["items"]
                if one["title"] == "Un tout autre titre"
            )
            assert edited["url"].startswith(ELSEWHERE)
            assert [new(one) for one in reader.update_feeds_iter(scheduled=False)] == [0, 0, 0]


def test_a_rebuild_by_another_process_gives_the_same_bytes_and_validators(paper: Paper):
    paper.installation.settings["PYTHONHASHSEED"] = "1"
    with paper.installation.up():
        paper.take([*FRENCH, *ARABIC, *SERIES])
        before = served(paper)
        assert any("/archive/1-" in address for address in before)
        assert "No document changed." in paper.does("feeds", "build")
    for table in ("entry_fragments", "documents"):
        rows(paper.database, f"DELETE FROM {table}")
    paper.installation.settings["PYTHONHASHSEED"] = "2"
    built = paper.installation.run("feeds", "build")
    assert f"{len(before)} documents changed." in built.stdout, built.stderr
    stored = paper.ask("SELECT address, etag, body FROM documents WHERE address <> ''")
    assert {address: (etag, body) for address, etag, body in stored} == before


def ids(paper: Paper, slug: str) -> list[tuple[str, list[str]]]:
    """What each format of a feed calls itself, and its entries in order."""
    rss, atom, told = (httpx.get(paper.url(f"{slug}.{one}")) for one in ("rss", "atom", "json"))
    feed = etree.fromstring(atom.content)
    return [
        ("", [str(one.text) for one in etree.fromstring(rss.content).iter("guid")]),
        (
            str(feed.findtext(f"{ATOM}id")),
            [str(one.findtext(f"{ATOM}id")) for one in feed.iter(f"{ATOM}entry")],
        ),
        ("", [one["id"] for one in json.loads(told.content)["items"]]),
    ]


def new(result: Any) -> int:
    """How many entries a program holds for new, after a poll that went well."""
    assert not isinstance(result.value, Exception), result.value
    return int(result.updated_feed.new) if result.updated_feed else 0


def served(paper: Paper) -> dict[str, tuple[str, bytes]]:
    """Each document's ETag and bytes, as the web gives them."""
    found = {}
    with httpx.Client(base_url=paper.installation.url) as client:
        for (address,) in paper.ask("SELECT address FROM documents WHERE address <> ''"):
            answer = client.get(f"/{address}")
            assert answer.status_code == 200
            found[address] = (answer.headers["etag"], answer.content)
    return found
