import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from elsewhere import Elsewhere, Handler
from good_feeds import RSS
from sqlalchemy import Engine, insert, update

from colporteur.db import make_engine, writing
from colporteur.db.tables.syndication import documents, faulty_documents

HEADERS = {
    "Content-Type": "application/rss+xml; charset=utf-8",
    "Cache-Control": "public, max-age=60",
    "Access-Control-Allow-Origin": "*",
    "Content-Encoding": "gzip",
    "ETag": 'W/"1"',
}


@pytest.fixture
def database(applied: Any) -> Iterator[Engine]:
    (applied.folder / "un.md").write_text("---\nlanguage: fr\n---\n# Un\n\nUn texte.")
    assert applied.run("articles", "import", "un.md").returncode == 0
    engine = make_engine(f"sqlite:///{applied.folder}/var/colporteur.db")
    yield engine
    engine.dispose()


def rules(done: Any) -> list[str]:
    assert "Traceback" not in done.stderr + done.stdout
    return sorted(one["rule"] for one in json.loads(done.stdout))


def serve(elsewhere: Elsewhere, body: str, **changes: str) -> str:
    """A server that knows validators; a header that is changed to nothing is left out."""
    url = elsewhere.url("/feed")
    packed = gzip.compress(body.replace("https://relais.example/feeds/a.rss", url).encode())
    headers = HEADERS | {"Link": f'<{url}>; rel="self"'} | changes

    def answer(handler: Handler) -> None:
        known = handler.headers.get("If-None-Match") == 'W/"1"'
        handler.send_response(304 if known else 200)
        for name, value in headers.items():
            if value and not (known and name.startswith("Content-")):
                handler.send_header(name, value)
        if not known:
            handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        if not known:
            handler.wfile.write(packed)

    elsewhere.answers["/feed"] = answer
    return url


def test_stored_feeds_are_clean(applied: Any, database: Engine):
    done = applied.run("feeds", "check")
    assert done.returncode == 0, done.stdout
    assert ", 0 faults, 0 warnings." in done.stdout


def test_a_stored_feed_that_breaks_a_rule_is_told(applied: Any, database: Engine):
    broken = RSS.replace("https://relais.example/un<", "/un<").encode()
    with writing(database) as connection:
        where = documents.c.path == "feeds/actualites.rss"
        connection.execute(update(documents).where(where).values(body=broken))
    done = applied.run("feeds", "check")
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert said[0] == "feeds/actualites.rss"
    assert any(
        "✗ link-not-absolute: tag:relais.example,2026:1: The link is '/un'" in line
        and line.endswith("Write the whole address, with https:// and the host.")
        for line in said
    )
    assert "self-link-wrong" in done.stdout  # it is not where this document is served


def test_a_document_that_was_kept_back_is_listed_with_its_article(applied: Any, database: Engine):
    fault = {"rule": "title-markup", "problem": "The title holds HTML.", "article": "un-titre"}
    with writing(database) as connection:
        connection.execute(
            insert(faulty_documents).values(
                path="feeds/nashra.rss", at=datetime(2026, 11, 20, 7, tzinfo=UTC), faults=[fault]
            )
        )
    done = applied.run("feeds", "check")
    assert done.returncode == 1
    assert "feeds/nashra.rss (not published since 2026-11-20 07:00 UTC)" in done.stdout
    assert "✗ title-markup: un-titre: The title holds HTML. Write the title" in done.stdout
    (row,) = json.loads(applied.run("feeds", "check", "--json").stdout)
    assert (row["entry"], row["rule"], row["warning"]) == ("un-titre", "title-markup", False)


def test_a_file_is_linted(installation: Any):
    path = installation.folder / "a.rss"
    path.write_text(RSS.replace("2026", "2025"))
    assert rules(installation.run("feeds", "check", "a.rss", "--json")) == ["date-weekday"] * 3
    path.write_text(RSS.replace("Fri, ", "").replace("Thu, ", "").replace("2026", "2025"))
    done = installation.run("feeds", "check", "a.rss")
    assert done.returncode == 0
    assert "1 document, 0 faults, 0 warnings." in done.stdout


def test_warnings_alone_are_no_failure(installation: Any):
    text = RSS.replace("Fri, ", "").replace("Thu, ", "").replace("2026", "2025")
    (installation.folder / "a.rss").write_text(text.replace("<language>fr</language>", ""))
    done = installation.run("feeds", "check", "a.rss")
    assert done.returncode == 0
    assert "! language-missing" in done.stdout
    assert "1 document, 0 faults, 1 warning." in done.stdout


@pytest.mark.parametrize("where", ["missing.rss", "."])
def test_what_is_no_file_is_refused_with_a_cure(installation: Any, where: str):
    done = installation.run("feeds", "check", where)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert "Give a file" in done.stderr


@pytest.fixture
def past() -> str:
    """The good feed a year ago, whatever today's date."""
    return RSS.replace("Fri, ", "").replace("Thu, ", "").replace("2026", "2025")


@pytest.fixture
def near(installation: Any) -> Any:
    installation.settings["COLPORTEUR_FETCH_LOOPBACK"] = "true"
    return installation


def test_an_address_that_serves_well_is_clean(near: Any, elsewhere: Elsewhere, past: str):
    done = near.run("feeds", "check", serve(elsewhere, past))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 document, 0 faults, 0 warnings." in done.stdout
    asked = [headers.get("If-None-Match") for _, _, headers, _ in elsewhere.asked]
    assert asked == [None, 'W/"1"', '"colporteur-never-given"']


def test_how_it_is_served_is_told(near: Any, elsewhere: Elsewhere, past: str):
    changes = {"Content-Type": "text/html", "ETag": 'W/"2"', "Expires": "0", "Set-Cookie": "a=1"}
    url = serve(elsewhere, past, **changes, **{"Access-Control-Allow-Origin": "", "Link": ""})
    done = near.run("feeds", "check", url, "--json")
    assert done.returncode == 1
    assert rules(done) == [
        "http-charset",
        "http-content-type",
        "http-cookie",
        "http-cors",
        "http-expires",
        "http-link-self",
        "http-not-modified",
    ]


def test_a_challenge_and_a_refusal_are_told(near: Any, elsewhere: Elsewhere):
    page = b"<!doctype html><title>Just a moment...</title>"
    url = elsewhere.says("/feed", page, **HEADERS | {"Content-Encoding": "identity"})
    assert "document-challenge" in rules(near.run("feeds", "check", url, "--json"))
    url = elsewhere.says("/no", b"", status=403)
    assert rules(near.run("feeds", "check", url, "--json")) == ["http-status"]


def test_this_machine_is_not_asked_without_leave(installation: Any, elsewhere: Elsewhere):
    done = installation.run("feeds", "check", elsewhere.url("/feed"))
    assert done.returncode == 1
    assert "not on the public Internet" in done.stderr
    assert elsewhere.asked == []
