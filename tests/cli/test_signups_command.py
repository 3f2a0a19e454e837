import json
from typing import Any

import pytest

from colporteur.audience.addresses import parse_address
from colporteur.audience.consent import Asked
from colporteur.db import database_now, make_engine, writing
from colporteur.delivery.welcoming.asking import Office, Wish, named, receive
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require


@pytest.fixture
def waiting(applied: Any) -> Any:
    """The sample, with somebody whose letter waits for room."""
    engine = make_engine(f"sqlite:///{applied.folder}/var/colporteur.db")
    with writing(engine) as connection:
        publication = require(connection).publication
        office = Office(publication, ids(connection, publication), "http://localhost", "k" * 32)
        asked = Asked("form", "Yes.", "http://localhost/subscribe")
        wish = Wish(parse_address("lea@example.org"), named(publication, ["dispatch"]), "en", asked)
        receive(connection, office, wish, database_now(connection), at_once=False)
    engine.dispose()
    return applied


def test_who_waits_for_a_letter_is_shown_masked_and_forgotten_when_wished(waiting: Any):
    shown = waiting.run("subscribers", "waiting", "--json")
    (row,) = json.loads(shown.stdout)
    assert (row["address"], row["form"]) == ("l…@example.org", "http://localhost/subscribe")
    forgotten = waiting.run("subscribers", "waiting", "--forget")
    assert "Forgotten: 1." in forgotten.stdout
    assert "Nobody waits." in waiting.run("subscribers", "waiting").stdout


def test_a_form_for_other_sites_is_printed_in_its_language(applied: Any):
    done = applied.run("subscribers", "form", "--channel", "nashra")
    assert done.returncode == 0, done.stderr
    assert 'action="http://localhost:8000/subscribe"' in done.stdout
    assert 'lang="ar"' in done.stdout
    assert "<script" not in done.stdout
    assert 'type="checkbox" name="channel"' in applied.run("subscribers", "form").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [("--channel nothing", "There is no channel"), ("--language de", "There is no language")],
)
def test_a_form_that_cannot_be_is_refused(applied: Any, words: str, said: str):
    done = applied.run("subscribers", "form", *words.split())
    assert done.returncode in {1, 2}
    assert said in done.stderr
