import json
import mailbox
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest
from lxml import etree
from running import Installation, stop, wait_for

READERS = 7
PAGE = """Une commission publie ses critères

Le comité rend son premier avis

La commission d’éthique du numérique a publié hier les critères qu’elle appliquera aux algorithmes.

Un calendrier serré

Les services ont six mois pour déclarer leurs outils.

Articles

Une commission publie ses critères

La commission d'éthique du numérique a publié hier les critères qu'elle...

Le port et ses capteurs

Trois cents capteurs veillent sur les quais depuis le printemps. Leur bilan..."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("embedded"))


@pytest.fixture(scope="module")
def started(installation: Installation):
    """The sample publication, running, and whom the first start wrote to."""
    with installation.up("--sample"):
        yield installation, outbox(installation)


@pytest.fixture
def sample(started: tuple[Installation, list[str]]) -> Installation:
    return started[0]


def outbox(installation: Installation) -> list[str]:
    folder = installation.folder / "var" / "outbox"
    made = all((folder / part).exists() for part in ("cur", "new", "tmp"))  # not at one stroke
    box = mailbox.Maildir(folder) if made else ()
    return sorted(message["Delivered-To"] for message in box)


def articles(installation: Installation) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        installation.run("articles", "list", "--json").stdout
    )
    return found


def test_the_first_start_serves_every_feed_and_answers_304(sample: Installation):
    opml = etree.fromstring(httpx.get(f"{sample.url}/feeds.opml").content)
    urls = [one.get("xmlUrl") for one in opml.iter("outline")]
    assert len(urls) == 3
    for url in urls:
        for suffix in ("rss", "atom", "json"):
            address = url.replace(".rss", f".{suffix}")
            first = httpx.get(address)
            again = httpx.get(address, headers={"If-None-Match": first.headers["etag"]})
            assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
            assert first.headers["etag"] == again.headers["etag"]


def test_the_first_start_prints_a_link_by_which_the_first_admin_comes_in(sample: Installation):
    found = re.search(rf"^{sample.url}/newsroom/password/\S+$", sample.log("up"), re.MULTILINE)
    assert found is not None
    assert 'name="address"' in httpx.get(found[0]).text


def test_the_first_digest_of_each_sample_reader_is_in_the_outbox(
    started: tuple[Installation, list[str]],
):
    installation, written_to = started
    assert len(set(written_to)) == len(written_to) == READERS
    assert httpx.get(f"{installation.url}/healthz").json() == {"status": "ok"}


def test_the_screen_says_what_happened_and_where_to_look(sample: Installation):
    screen = sample.log("up")
    for words in ("25 articles were taken in", "7 sample readers", f"{sample.url}/outbox"):
        assert words in screen
    assert "Traceback" not in screen


def test_a_second_engine_on_the_same_data_is_refused_and_told_who_holds_it(sample: Installation):
    second = Installation(sample.folder)
    refused = second.run("up")
    assert refused.returncode == 1
    assert sample.url in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_imported_page_becomes_its_article_and_those_it_lists(sample: Installation):
    path = sample.folder / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    before = len(articles(sample))
    first = sample.run("articles", "import", path)
    assert first.returncode == 0, first.stderr
    assert len(articles(sample)) == before + 2
    again = sample.run("articles", "import", path)
    assert again.returncode == 0
    assert len(articles(sample)) == before + 2
    feed = httpx.get(f"{sample.url}/feeds/actualites.json").json()
    titles = {item["title"] for item in feed["items"]}
    assert {"Une commission publie ses critères", "Le port et ses capteurs"} <= titles


def test_what_was_imported_is_in_the_next_digest_and_in_no_later_one(sample: Installation):
    path = sample.folder / "next.md"
    path.write_text(
        "# Un nouvel article\n\nSon texte, assez long pour un extrait.", encoding="utf-8"
    )
    sample.run("articles", "import", path)
    before = len(outbox(sample))
    sent = sample.run("editions", "send", "actualites", "--cadence", "matin")
    assert "It has left" in sent.stdout, sent.stdout + sent.stderr
    assert len(outbox(sample)) == before + 1  # the two others chose topics: a filter fails closed
    nothing = sample.run("editions", "send", "actualites", "--cadence", "matin")
    assert "nothing new" in nothing.stdout
    assert len(outbox(sample)) == before + 1


def test_a_new_reader_is_subscribed_and_gets_what_is_new(sample: Installation):
    added = sample.run("subscribers", "add", "leila@example.org", "--channel", "nashra")
    assert (added.returncode, added.stdout.strip()) == (0, "Subscribed.")
    before = len(outbox(sample))
    sample.run("editions", "send", "nashra", "--cadence", "sabah")
    assert len(outbox(sample)) == before + 1


def test_a_second_start_sends_nothing_again_and_sigterm_stops_cleanly(tmp_path: Path):
    installation = Installation(tmp_path)
    for _ in range(2):
        with installation.up("--sample") as process:
            wait_for(lambda: len(outbox(installation)) == READERS)
            assert stop(process) == 0
    assert len(outbox(installation)) == READERS
    assert installation.log("up").count("Stopped; nothing was left half-done.") == 2


def test_ctrl_c_stops_it_too(tmp_path: Path):
    installation = Installation(tmp_path)
    with installation.up() as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_after_kill_9_in_the_middle_the_rest_is_sent_and_nobody_twice(tmp_path: Path):
    installation = Installation(tmp_path)
    with installation.running(installation.command("up", "--sample"), "up") as process:
        wait_for(lambda: outbox(installation))
        process.kill()
        process.wait()
    assert len(outbox(installation)) < READERS
    with installation.up("--sample"):
        wait_for(lambda: len(set(outbox(installation))) == READERS)
        assert len(outbox(installation)) <= READERS + 3  # the one in flight of each batch, at most


def test_a_taken_port_is_named_with_another_to_take(tmp_path: Path):
    installation = Installation(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        refused = installation.run("up")
    assert refused.returncode == 1
    assert f"COLPORTEUR_PORT={installation.port + 1}" in refused.stderr
    assert not (tmp_path / "var" / "colporteur.db").exists()


def test_a_worker_without_a_broker_to_hear_is_refused_in_a_sentence(tmp_path: Path):
    installation = Installation(tmp_path)
    command = [sys.executable, "-m", "celery", "-A", "worker", "worker"]
    with installation.running(command, "worker") as process:
        assert process.wait(60) == 2
    assert "COLPORTEUR_BROKER_URL" in installation.log("worker")
    assert "Traceback" not in installation.log("worker")


def test_two_engines_on_one_database_are_refused_wherever_their_folders_are(tmp_path: Path):
    settings = {"COLPORTEUR_DATABASE_URL": f"sqlite:///{tmp_path}/shared.db"}
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = Installation(tmp_path / "one", settings)
    second = Installation(tmp_path / "two", settings)
    with first.up():
        refused = second.run("up")
    assert refused.returncode == 1
    assert first.url in refused.stderr


def test_a_command_with_another_port_leaves_the_links_as_they_are(sample: Installation):
    elsewhere = Installation(sample.folder)
    path = sample.folder / "elsewhere.md"
    path.write_text(
        "# Importé d’ailleurs\n\nUn texte assez long pour un extrait.", encoding="utf-8"
    )
    assert elsewhere.run("articles", "import", path).returncode == 0
    wait_for(lambda: "Importé d’ailleurs" in httpx.get(f"{sample.url}/feeds/actualites.json").text)
    links = [one["url"] for one in httpx.get(f"{sample.url}/feeds/actualites.json").json()["items"]]
    assert all(link.startswith(sample.url) for link in links)
