import threading
from typing import Any

import pytest
from dispatching import send_batch
from editing import smtp
from house import TEMPLATES, publication
from running import wait_for
from sink import Sink

from colporteur.db import database_now, writing
from colporteur.delivery import ledger

DATABASES = ("sqlite",)  # the stores below have their tests on both

TEST = ("editions", "test", "actualites", "--cadence", "matin")


@pytest.fixture
def staffed(newsroom: Any, smtp_sink: Sink) -> Any:
    """A rehearsal on a real relay, with an article to send and one person of the staff."""
    newsroom.desk.settings["COLPORTEUR_MAIL_URL"] = smtp_sink.url
    newsroom.desk.settings["COLPORTEUR_SECRET_KEY"] = "k" * 32
    newsroom.house.apply(publication(alerts_to=["it@relais.example"]))
    newsroom.house.take("Tri aux urgences : six mois")
    return newsroom


@pytest.mark.smtp
def test_it_waits_for_the_relay_and_says_what_it_answered_to_whom(staffed: Any, smtp_sink: Sink):
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.05):
            with writing(staffed.house.engine) as connection:
                due = ledger.ring_due(connection, database_now(connection))
            for one in due:
                send_batch(staffed.house.engine, smtp(smtp_sink), TEMPLATES, one.batch_id)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        said = staffed.run(*TEST, "--to", "it@relais.example").stdout
        wait_for(lambda: smtp_sink.accepted, 5)
    finally:
        done.set()
        worker.join()
    assert "“Tri aux urgences" in said
    assert "This is a rehearsal" in said
    (line,) = [one for one in said.splitlines() if one.startswith("it@relais.example")]
    assert "sent" in line
    assert "250" in line


def test_in_rehearsal_a_stranger_gets_no_test(staffed: Any):
    said = staffed.refused(*TEST, "--to", "ada@example.org", "--to", "it@relais.example")
    assert "ada@example.org is not of the staff" in said
    assert staffed.told("stats")


def test_what_has_not_left_is_told_with_the_cure(staffed: Any):
    said = staffed.refused(*TEST, "--to", "it@relais.example", "--wait", "1")
    assert "colporteur up" in said
    (copy,) = staffed.told(*TEST, "--to", "it@relais.example", "--wait", "0")
    assert copy == {"to": "it@relais.example", "status": "pending", "answer": ""}


def test_wrong_use_is_refused_with_what_there_is(staffed: Any):
    assert "matin" in staffed.run("editions", "test", "actualites", "--help").stdout
    staffed.refused("editions", "test", "rien", "--to", "it@relais.example", code=2)
    both = (*TEST, "--edition", "1", "--to", "it@relais.example")
    assert "leave --cadence" in staffed.refused(*both, code=2)
    assert "layout" in staffed.refused(*TEST, "--layout", "x", "--to", "it@relais.example")
