"""What visitors see when something is wrong: nothing of the inside."""

import logging
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from editing import broken_beyond_help, overridden
from house import House
from sqlalchemy.exc import DBAPIError

from colporteur.exceptions import ColporteurError, ServiceUnavailable, TransitionRefused
from colporteur.web import site

DATABASES = ("sqlite",)  # the stores below have their tests on both

SECRET = "postgresql://db.internal/colporteur"


def failing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(site, "newest", fail)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", ["/rien", "/articles/rien", "/rien/du/tout"])
def test_a_page_that_is_not_there_says_so_in_the_publications_language(ask: Ask, path: str):
    found = ask("GET", path)
    assert found.status_code == 404
    assert "Cette page n’existe pas" in found.text
    assert "L’adresse" in found.text
    assert "There is no" not in found.text


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ServiceUnavailable(f"The database {SECRET} cannot be opened", cure=SECRET), 503),
        (TransitionRefused(SECRET), 500),
        (DBAPIError(SECRET, {"slug": SECRET}, Exception(f"server closed\nDETAIL: {SECRET}")), 503),
    ],
)
def test_an_error_of_ours_is_logged_and_not_shown(
    ask: Ask,
    error: Exception,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    failing(error, monkeypatch)
    found = ask("GET", "/actualites")
    assert found.status_code == status
    assert found.headers["content-type"].startswith("text/html")
    assert SECRET not in found.text
    logged = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert len(logged) == 1
    assert (SECRET in logged[0]) is isinstance(error, ColporteurError)


def test_a_broken_override_is_logged_and_the_shipped_page_serves(
    published: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    mine = overridden(tmp_path, "site/channel.html.j2", "{{ nothing }}")
    ask = asker(make_app(published, tmp_path, mine))
    found = [ask("GET", "/actualites") for _ in range(2)]
    assert [one.status_code for one in found] == [200, 200]
    assert "nothing" not in found[0].text
    told = [line for line in caplog.messages if "site/channel.html.j2, line 1: " in line]
    assert len(told) == 1


def test_a_broken_template_is_our_fault_and_the_page_does_not_name_it(
    published: House, tmp_path: Path
):
    mine = broken_beyond_help(tmp_path, "site/channel.html.j2", "{{ nothing }}")
    found = asker(make_app(published, tmp_path, mine))("GET", "/actualites")
    assert found.status_code == 500
    assert "Cela n’a pas fonctionné" in found.text
    assert "channel.html.j2" not in found.text


def test_a_broken_error_page_falls_back_to_plain_text(published: House, tmp_path: Path):
    mine = broken_beyond_help(tmp_path, "site/_base.html.j2", "{{ nothing }}")
    ask = asker(make_app(published, tmp_path, mine))
    for path, status in (("/", 500), ("/rien", 404)):
        found = ask("GET", path)
        assert found.status_code == status
        assert found.headers["content-type"].startswith("text/plain")
        assert "_base" not in found.text


def test_a_database_without_its_tables_is_a_503_page_and_not_ready(
    published: House, tmp_path: Path
):
    ask = asker(make_app(published, tmp_path))
    with published.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE revisions RENAME TO gone")
    found = ask("GET", "/")
    assert found.status_code == 503
    assert found.headers["retry-after"].isdecimal()
    assert "revisions" not in found.text
    assert ask("GET", "/readyz").status_code == 503


@pytest.mark.usefixtures("published")
def test_readiness_tells_the_revision(ask: Ask):
    found = ask("GET", "/readyz").json()
    assert (found["status"], found["revision"]) == ("ok", 1)
    checks = dict.fromkeys(("database", "migrations", "publication", "feeds"), "ok")
    assert found["checks"] == checks


def test_readiness_does_not_say_where_the_database_is(
    published: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ask = asker(make_app(published, tmp_path))

    def fail() -> None:
        raise DBAPIError("SELECT 1", {}, Exception(SECRET))

    monkeypatch.setattr(published.engine, "connect", fail)
    found = ask("GET", "/readyz")
    assert found.status_code == 503
    problem = "The database does not answer."
    assert found.json() == {
        "status": "not ready",
        "problem": problem,
        "checks": {"database": problem},
    }


def test_readiness_tells_that_tables_are_of_another_release(published: House, tmp_path: Path):
    ask = asker(make_app(published, tmp_path))
    with published.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0006'")
    found = ask("GET", "/readyz").json()
    assert "revision 0006" in found["problem"]
    assert found["checks"]["migrations"] == found["problem"]
    assert found["checks"]["publication"] == "ok"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", ["/%00", "/articles/%00", "/feeds/%00", "/static/%00", "/a%00b"])
def test_a_path_with_nul_is_nothings_address(ask: Ask, path: str):
    assert ask("GET", path).status_code == 404


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", ["/", "/actualites", "/feeds/actualites.rss", "/static/site.css"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "[::1"},
        {"If-Modified-Since": "Sat, 01 Jan 2030 00:00:00 +99999999999999999"},
        {"If-None-Match": ","},
        {"Accept-Encoding": "gzip;q=nan, ;q="},
    ],
)
def test_hostile_headers_do_no_harm(ask: Ask, path: str, headers: dict[str, str]):
    assert ask("GET", path, headers=headers).status_code in {200, 304}


@pytest.mark.usefixtures("published")
def test_a_name_of_any_length_is_only_not_found(ask: Ask):
    for folder in ("", "/articles", "/feeds", "/static", "/unsubscribe"):
        assert ask("GET", f"{folder}/{'e' * 300}").status_code == 404
