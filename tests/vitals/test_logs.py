"""The log: one line an event, with the ids of what it is about and nobody's address."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from house import House
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.articles.languages import guess_language
from colporteur.db import afterwards, connected, undoing, writing
from colporteur.logs import QUIET, about, masked, set_up

LOCAL = st.text("abcñé09._+%-", min_size=1, max_size=20)


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where the log is written; afterwards all is as it was."""
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in QUIET}
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_of_json_says_when_how_grave_what_and_about_what(out: io.StringIO):
    set_up("json", "info", stream=out)
    with about(batch=7):
        logging.getLogger("colporteur.tests").info(
            "Delivery %s %s", 5, "failed", extra={"delivery": 5, "code": 550}
        )
    logging.getLogger("colporteur.tests").debug("Not heard.")
    (line,) = lines(out)
    assert list(line)[:4] == ["at", "level", "event", "logger"]
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "event": "Delivery 5 failed",
        "logger": "colporteur.tests",
        "delivery": 5,
        "code": 550,
        "batch": 7,
    }


@pytest.mark.parametrize("log_format", ["people", "json"])
def test_no_address_is_written_wherever_it_stands(out: io.StringIO, log_format: Any):
    set_up(log_format, "info", stream=out)
    log = logging.getLogger("somebody.elses.library")
    with about(whose=["chadi@example.org"]):
        log.warning("%s was refused", "amina@example.org", extra={"reply": "<basile@example.org>"})
        try:
            int("dora@example.org")
        except ValueError:
            log.exception("Odd.")
    said = out.getvalue()
    assert "d…@example.org" in said
    assert not any(name in said for name in ("amina", "basile", "chadi", "dora"))


def test_addresses_are_written_where_an_operator_looks_for_one(out: io.StringIO):
    set_up("json", "info", addresses=True, stream=out)
    logging.getLogger("colporteur.tests").info("amina@example.org")
    assert lines(out)[0]["event"] == "amina@example.org"


@given(LOCAL, st.sampled_from(["example.org", "mail.exemple.fr", "مثال.example"]), st.text())
def test_whatever_surrounds_it_an_address_is_masked(local: str, domain: str, around: str):
    said = masked(f"{around} <{local}@{domain}>, {local}@{domain}: {around}")
    assert len(local) == 1 or f" <{local}@{domain}>" not in said
    assert f"{local[0]}…@{domain}" in said


def test_nobody_else_writes_lines_of_the_log(out: io.StringIO):
    set_up("people", "info", stream=out)
    forged = "no\r\n2026-11-22T19:00:00Z [error] all is lost\x1b[31m\u2028"
    logging.getLogger("colporteur.tests").info("The relay said: %s", forged)
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b[31m" not in out.getvalue()


@pytest.mark.parametrize("log_format", ["people", "json"])
def test_nobody_else_writes_lines_of_a_traceback_either(out: io.StringIO, log_format: Any):
    set_up(log_format, "info", stream=out)
    forged = "no\n2026-11-22T19:00:00Z [error] all is lost\r\x1b[31m\u2028"
    try:
        {}[forged].write("")
    except KeyError as error:
        error.add_note(forged)
        logging.getLogger("colporteur.tests").exception("It failed.")
    said = out.getvalue().splitlines()
    assert not any(one.startswith("2026-11-22T19:00:00Z") for one in said)
    assert not any(sign in out.getvalue() for sign in ("\x1b", "\r", "\u2028"))


def test_a_traceback_is_one_field_of_a_line_of_json(out: io.StringIO):
    set_up("json", "warning", stream=out)
    try:
        int("odd")
    except ValueError:
        logging.getLogger("colporteur.tests").exception("It failed.")
    (line,) = lines(out)
    assert line["exception"].endswith("'odd'")


def test_what_libraries_say_each_second_is_heard_only_where_all_is_wanted(out: io.StringIO):
    set_up("json", "info", stream=out)
    logging.getLogger("celery.beat").info("Scheduler: Sending due task tick")
    logging.getLogger("celery.beat").warning("beat: The clock moved.")
    set_up("json", "debug", stream=out)
    logging.getLogger("celery.beat").info("Scheduler: Sending due task tick")
    assert [one["level"] for one in lines(out)] == ["warning", "info"]


def test_guessing_a_language_writes_no_line(out: io.StringIO):
    set_up("json", "info", stream=out)
    assert guess_language("Trois cents capteurs veillent sur les quais. " * 9, ["en", "fr"]) == "fr"
    assert lines(out) == []


def test_what_is_undone_was_never_said(engine: Engine):
    said: list[str] = []
    with undoing(engine) as connection:
        afterwards(connection, lambda: said.append("undone"))
    with pytest.raises(DBAPIError):
        _fail_halfway(engine, said)
    with writing(engine) as connection:
        afterwards(connection, lambda: said.append("done"))
        assert said == []
    with connected(engine) as connection, connection.begin():
        afterwards(connection, lambda: said.append("at once"))
    assert said == ["done", "at once"]


def _fail_halfway(engine: Engine, said: list[str]) -> None:
    with writing(engine) as connection:
        afterwards(connection, lambda: said.append("failed"))
        connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_an_article_that_is_taken_in_is_a_line(house: House, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "colporteur.articles"):
        article = house.take("Tri aux urgences", body_html="<p>Le texte.</p>").article_id
        house.take("Tri aux urgences", body_html="<p>Le texte.</p>")
    assert [(one.article, one.outcome) for one in caplog.records] == [(article, "added")]
