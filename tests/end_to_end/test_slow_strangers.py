import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from elsewhere import Elsewhere, Handler
from hubbing import ByPath
from running import Installation, wait_for

from colporteur.cli.starting import init
from colporteur.clock import utcnow

SOON_S = 6.0  # of a working process on a busy machine; a stranger holds on for longer
CALLBACKS = 8


@pytest.fixture
def silent(elsewhere: Elsewhere) -> Iterator[Elsewhere]:
    """A server elsewhere that takes every request and answers none, until the test ends."""
    over = threading.Event()

    def wait(handler: Handler) -> None:
        over.wait(60)
        handler.close_connection = True

    elsewhere.answers = ByPath(dict.fromkeys(("/one", "/two", "/cb"), wait))
    yield elsewhere
    over.set()


@pytest.fixture
def installation(tmp_path: Path, silent: Elsewhere) -> Installation:
    paper = tmp_path / "paper"
    init(paper)
    file = paper / "actualites.toml"
    sources = "".join(f'\n[[sources]]\nurl = "{silent.url(path)}"\n' for path in ("/one", "/two"))
    file.write_text(file.read_text(encoding="utf-8") + sources, encoding="utf-8")
    settings = {"COLPORTEUR_FEEDS": str(paper), "COLPORTEUR_FETCH_LOOPBACK": "true"}
    made = Installation(tmp_path, settings)
    made.settings["COLPORTEUR_BASE_URL"] = made.url
    return made


def test_neither_the_calendar_nor_feeds_nor_mail_wait_for_servers_elsewhere(
    installation: Installation, silent: Elsewhere
):
    with installation.up():
        feed = f"{installation.url}/feeds/actualites.atom"
        wait_for(lambda: httpx.get(feed).status_code == 200)
        installation.run("subscribers", "add", "leila@example.org", "--channel", "actualites")
        for number in range(CALLBACKS):
            asked = {"mode": "subscribe", "topic": feed, "callback": silent.url(f"/cb?{number}")}
            form = {f"hub.{name}": value for name, value in asked.items()}
            assert httpx.post(f"{installation.url}/hub", data=form).status_code == 202
        wait_for(lambda: {"/one", "/two"} <= paths(silent) and len(paths(silent)) > 2)

        due = schedule(installation, timedelta(seconds=4))
        wait_for(lambda: "Prévu" in httpx.get(feed).text)
        late = (utcnow() - due).total_seconds()
        began = time.monotonic()
        sent = installation.run("editions", "send", "actualites", "--cadence", "matin")
        took = time.monotonic() - began
    assert late < SOON_S
    assert "It has left: 1 sent" in sent.stdout, sent.stdout + sent.stderr
    assert took < SOON_S + 2  # the command's own start


def schedule(installation: Installation, after: timedelta) -> datetime:
    """Take in an article that is to appear in a moment."""
    due = utcnow() + after
    record = {
        "title": "Prévu",
        "body_html": "<p>Ce qui était prévu.</p>",
        "channels": ["actualites"],
        "publish_at": due.isoformat(),
    }
    path = installation.folder / "planned.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    taken = installation.run("articles", "import", path)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    return due


def paths(silent: Elsewhere) -> set[str]:
    return {path for _, path, _, _ in silent.asked}
