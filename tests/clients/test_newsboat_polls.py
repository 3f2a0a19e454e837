import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from paper import ARABIC, FRENCH, Paper, rows
from servers import program

pytestmark = pytest.mark.client


@dataclass
class Newsboat:
    """newsboat without its terminal, in a home of its own."""

    home: Path

    def follows(self, *urls: str) -> None:
        (self.home / "urls").write_text("\n".join(urls) + "\n", encoding="utf-8")
        (self.home / "config").touch()

    def reload(self) -> str:
        """Poll every feed; what it says is unread."""
        files = ["-u", "urls", "-C", "config", "-c", "cache.db"]
        done = subprocess.run(
            [program("newsboat", "newsboat"), *files, "-x", "reload", "print-unread"],
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},  # noqa: TID251 - of the test alone
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip()

    def items(self) -> dict[str, tuple[Any, ...]]:
        """What it keeps of each article, by guid: title, text and enclosure."""
        query = "SELECT guid, title, content, enclosure_url FROM rss_item ORDER BY pubDate, guid"
        found = rows(self.home / "cache.db", query)
        assert len({guid for guid, *_ in found}) == len(found)
        return {guid: tuple(more) for guid, *more in found}


@pytest.fixture
def newsboat(tmp_path: Path) -> Newsboat:
    return Newsboat(tmp_path)


def test_it_shows_each_article_once_even_where_two_feeds_have_it(paper: Paper, newsboat: Newsboat):
    newsboat.follows(*map(paper.url, ("actualites.rss", "nashra.atom", "all.rss")))
    told = httpx.get(paper.url("all.json")).json()["items"]
    assert newsboat.reload() == f"{len(told)} unread articles"
    items = newsboat.items()
    assert set(items) == {one["id"] for one in told}
    titles = {title: (text, sound) for title, text, sound in items.values()}
    given = [one["title"] for one in FRENCH] + [f"\u2068{one['title']}\u2069" for one in ARABIC]
    assert all("<p>" in titles[one][0] for one in given)
    assert titles[FRENCH[1]["title"]][1] == "https://son.example/voix.mp3"


def test_it_polls_conditionally_and_is_told_that_nothing_changed(paper: Paper, newsboat: Newsboat):
    feeds = ["nashra.rss", "nashra/health.atom"]
    newsboat.follows(*map(paper.url, feeds))
    for _ in range(4):
        assert newsboat.reload() == "2 unread articles"
    for one in feeds:
        answered = paper.answered(one, 4)
        # 2.21 forgets the validators of the very first answer: it has no row to keep them in yet.
        assert answered in ({200: 2, 304: 2}, {200: 1, 304: 3})


def test_an_edited_and_a_withdrawn_article_stay_one_item_each(paper: Paper, newsboat: Newsboat):
    given = [
        {**FRENCH[0], "id": f"fr-{name}", "title": name, "channels": ["serie"]}
        for name in ("mouvant", "fautif", "stable")
    ]
    paper.take(given)
    newsboat.follows(paper.url("serie.rss"))
    assert newsboat.reload() == "3 unread articles"
    before = newsboat.items()
    stable = next(guid for guid, (title, *_) in before.items() if title == "stable")
    paper.take([given[0] | {"title": "Un autre titre", "body_html": "<p>Récrit.</p>"}])
    paper.does("articles", "withdraw", "fautif", "--yes")
    paper.wait_until_served()
    assert newsboat.reload() == "3 unread articles"
    after = newsboat.items()
    assert list(after) == list(before)
    assert {title: text for title, text, _ in after.values()} == {
        "Un autre titre": "<p>Récrit.</p>",
        "stable": before[stable][1],
        "fautif": "Cet article a été retiré.",
    }
