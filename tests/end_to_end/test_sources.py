import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from elsewhere import Elsewhere
from running import Installation, wait_for

from colporteur.cli.starting import init

TIME = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)  # noqa: TID251 - the test's own clock


def feed(*titles: str) -> bytes:
    inside = "".join(
        f"<entry><id>urn:{title}</id><title>{title}</title><updated>{TIME.isoformat()}</updated>"
        f"<summary>Ce que {title} veut dire.</summary></entry>"
        for title in titles
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>S</title>{inside}</feed>'.encode()


@pytest.fixture
def installation(tmp_path: Path, elsewhere: Elsewhere) -> Installation:
    """A publication of one's own, whose first channel polls a site on this machine."""
    paper = tmp_path / "paper"
    init(paper)
    file = paper / "actualites.toml"
    source = f'\n[[sources]]\nurl = "{elsewhere.url("/feed")}"\nkeep_ids = true\nevery = "5m"\n'
    file.write_text(file.read_text(encoding="utf-8") + source, encoding="utf-8")
    settings = {"COLPORTEUR_FEEDS": str(paper), "COLPORTEUR_FETCH_LOOPBACK": "true"}
    made = Installation(tmp_path, settings)
    made.settings["COLPORTEUR_BASE_URL"] = made.url
    return made


def test_a_site_elsewhere_gets_feeds_and_its_new_entries_digests(
    installation: Installation, elsewhere: Elsewhere
):
    elsewhere.says("/feed", feed("Ancien"))
    with installation.up():
        shown = f"{installation.url}/feeds/actualites.atom"
        wait_for(lambda: "urn:Ancien" in httpx.get(shown).text)
        elsewhere.says("/feed", feed("Nouveau", "Ancien"))
        make_due(installation)
        wait_for(lambda: "urn:Nouveau" in httpx.get(shown).text)
        (source,) = json.loads(installation.run("stats", "--json").stdout)["sources"]
        assert (source["channel"], source["state"], source["taken"]) == ("actualites", "active", 2)
    with sqlite3.connect(installation.folder / "var" / "colporteur.db") as database:
        rows = database.execute("SELECT external_id, in_digests FROM articles").fetchall()
    database.close()
    assert dict(rows) == {"urn:Ancien": 0, "urn:Nouveau": 1}


def test_a_source_is_asked_by_hand_and_its_failure_is_an_exit_code(
    installation: Installation, elsewhere: Elsewhere
):
    installation.run("publication", "apply", "--yes")
    elsewhere.says("/feed", feed("Un"))
    done = installation.run("articles", "poll", "--json")
    assert (done.returncode, json.loads(done.stdout)[0]["added"]) == (0, 1), done.stderr
    elsewhere.says("/feed", b"<html></html>")
    done = installation.run("articles", "poll", elsewhere.url("/feed"))
    assert (done.returncode, "web page" in done.stdout) == (1, True)
    done = installation.run("stats")
    assert "failing" in done.stdout
    assert "web page" in done.stdout
    done = installation.run("articles", "poll", "https://nowhere.example/")
    assert (done.returncode, "There is no source" in done.stderr) == (2, True)


def make_due(installation: Installation) -> None:
    """As if the source's rhythm had passed."""
    with sqlite3.connect(installation.folder / "var" / "colporteur.db", timeout=15) as database:
        database.execute("UPDATE sources SET next_at = '2020-01-01 00:00:00.000000'")
    database.close()
