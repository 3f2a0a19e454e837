from datetime import timedelta
from typing import Any

import pytest
from house import publication
from sqlalchemy import update

from colporteur.db import writing
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.editions import scheduling
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state

DATABASES = ("sqlite",)  # the stores below have their tests on both

SPECIAL = ("editions", "special", "actualites")
ALERT = (*SPECIAL, "--article", "un", "--subject", "Alerte")


def everyone(newsroom: Any, *names: str) -> None:
    newsroom.house.take("Un")
    for name in names:
        newsroom.house.subscribe(f"{name}@example.org")


def known(newsroom: Any) -> list[Edition]:
    with newsroom.house.open() as (connection, _revision, _names):
        return in_state(connection, *State)


def states(newsroom: Any) -> list[str]:
    return [str(one.state) for one in known(newsroom)]


def asking_above(newsroom: Any, number: int, **more: Any) -> None:
    specials = {"confirm_above": number} | more
    newsroom.house.apply(publication(specials=specials))


def test_a_special_says_to_how_many_and_until_when_it_can_be_withdrawn(newsroom: Any):
    everyone(newsroom, "leila", "amine")
    said = newsroom.run(*ALERT, "--yes").stdout
    assert "Edition 1 goes to 2 readers." in said
    assert "Expected to be done by " in said
    assert "Until then `colporteur editions withdraw 1` takes it back." in said
    assert states(newsroom) == ["held"]
    assert "is withdrawn" in newsroom.run("editions", "withdraw", "1").stdout
    assert states(newsroom) == ["cancelled"]


def test_yes_typed_sends_and_no_cancels_the_draft(newsroom: Any):
    everyone(newsroom, "leila")
    newsroom.desk.typed = "n\n"
    assert "its draft is cancelled" in newsroom.run(*ALERT).stdout
    newsroom.desk.typed = "y\n"
    newsroom.run(*ALERT)
    assert sorted(states(newsroom)) == ["cancelled", "held"]


def test_a_draft_that_nobody_confirmed_stays_and_is_confirmed_by_its_key(newsroom: Any):
    everyone(newsroom, "leila")
    done = newsroom.desk.run(*ALERT, "--key", "alerte-1")
    assert done.returncode == 1
    assert "colporteur editions special actualites --key alerte-1" in done.stdout
    assert states(newsroom) == ["open"]
    newsroom.run(*SPECIAL, "--key", "alerte-1", "--yes")
    assert states(newsroom) == ["held"]


def test_run_twice_with_one_key_it_is_one_edition(newsroom: Any):
    everyone(newsroom, "leila")
    for _ in range(2):
        done = newsroom.run(*ALERT, "--yes", "--key", "alerte-1")
    assert "There is an edition of this key already: edition 1, held." in done.stdout
    assert states(newsroom) == ["held"]


def test_a_key_used_for_something_else_is_refused(newsroom: Any):
    everyone(newsroom, "leila")
    newsroom.run(*ALERT, "--yes", "--key", "alerte-1")
    said = newsroom.refused(*SPECIAL, "--note", "Autre.", "--subject", "B", "--key", "alerte-1")
    assert "was made under the same key" in said
    said = newsroom.refused("editions", "special", "nashra", "--key", "alerte-1")
    assert "is not of nashra" in said


def test_above_the_limit_yes_is_no_answer_and_the_number_is(newsroom: Any):
    everyone(newsroom, "leila", "amine")
    asking_above(newsroom, 1)
    assert newsroom.desk.run(*ALERT, "--yes").returncode == 1
    assert "2 readers, and 3 was typed" in newsroom.refused(*ALERT, "--readers", "3")
    newsroom.desk.typed = "7\n"
    assert "2 readers, and 7 was typed" in newsroom.refused(*ALERT)
    newsroom.desk.typed = "2\n"
    newsroom.run(*ALERT)
    newsroom.desk.typed = ""
    newsroom.run(*SPECIAL, "--note", "Encore.", "--subject", "Encore", "--readers", "2")
    assert sorted(states(newsroom)) == ["held", "held", "open", "open", "open"]


def test_it_waits_for_an_approver_where_the_publication_asks_for_one(newsroom: Any):
    everyone(newsroom, "leila")
    asking_above(newsroom, 1000, approval=True)
    assert "`colporteur editions approve 1`" in newsroom.run(*ALERT, "--yes").stdout
    assert states(newsroom) == ["awaiting_approval"]


def test_an_audience_of_several_channels_and_a_topic_counts_each_reader_once(newsroom: Any):
    newsroom.house.take("Un")
    for name, channel in [("a", "actualites"), ("a", "nashra"), ("b", "nashra")]:
        newsroom.house.subscribe(f"{name}@example.org", channel=channel)
    newsroom.house.subscribe("c@example.org", topics_in=("law",))
    to = ("--to", "nashra", "--to", "actualites")
    assert "3 readers" in newsroom.run(*ALERT, *to, "--yes").stdout
    wide = newsroom.run(
        *SPECIAL, "--note", "N", "--subject", "S", *to, "--topic", "health", "--yes"
    )
    assert "2 readers" in wide.stdout


def test_a_special_for_later_is_told_on_the_publications_clock(newsroom: Any):
    everyone(newsroom, "leila")
    day = (newsroom.house.now + timedelta(days=2)).date()
    said = newsroom.run(*ALERT, "--at", f"{day}T18:30", "--yes").stdout
    assert f"It leaves at {day} 18:30 Europe/Paris" in said
    assert states(newsroom) == ["open"]


def test_a_note_comes_from_a_file(newsroom: Any):
    everyone(newsroom, "leila")
    (newsroom.desk.folder / "note.md").write_text("**Alerte** sur le port.", encoding="utf-8")
    newsroom.run(*SPECIAL, "--note-file", "note.md", "--subject", "Alerte", "--yes")
    (made,) = known(newsroom)
    assert made.arrangement.intro == "**Alerte** sur le port."


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ([], "The edition has nothing to say.", 1),
        (["--note", "N"], "has no subject of its own", 1),
        (["--article", "nowhere"], "There is no article 'nowhere'", 2),
        (["--article", "un", "--to", "nowhere"], "There is no channel 'nowhere'", 2),
        (["--article", "un", "--topic", "nowhere"], "There is no topic 'nowhere'", 2),
        (["--article", "un", "--to", "nashra", "--yes"], "Nobody would get this edition", 1),
        (["--article", "un", "--at", "2020-01-01T07:00", "--yes"], "is past", 1),
        (["--article", "un", "--at", "noon", "--yes"], "'noon' is no moment", 1),
        (["--note-file", "nowhere.md"], "cannot be read", 1),
        (["--note", "N", "--note-file", "x"], "contradict", 2),
    ],
)
def test_what_cannot_be_a_special_is_refused(newsroom: Any, words: list[str], said: str, code: int):
    everyone(newsroom, "leila")
    assert said in newsroom.refused(*SPECIAL, *words, code=code)


def test_a_special_of_a_withdrawn_article_is_refused(newsroom: Any):
    everyone(newsroom, "leila")
    newsroom.run("articles", "withdraw", "un", "--yes")
    assert "The article un is withdrawn." in newsroom.refused(*ALERT)


def test_a_correction_goes_to_those_who_received_the_edition(newsroom: Any):
    everyone(newsroom, "leila", "amine")
    house = newsroom.house
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=house.now)
    with writing(house.engine) as connection:
        first = update(deliveries).where(deliveries.c.id == 1)
        connection.execute(first.values(status="sent", ended_at=house.now))
    words = ("editions", "correction", "1", "--note", "Il est 40.", "--subject", "Correction")
    assert "after its correction" in newsroom.refused(*words, "--yes")
    newsroom.run("editions", "cancel", "1", "--why", "faux")
    assert "Edition 2 goes to 1 reader." in newsroom.run(*words, "--yes").stdout
    assert "nothing to say" in newsroom.refused(*words[:3], "--subject", "Correction")


def test_a_correction_that_nobody_confirmed_is_confirmed_by_its_key(newsroom: Any):
    everyone(newsroom, "leila")
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    with writing(newsroom.house.engine) as connection:
        connection.execute(update(deliveries).values(status="sent", ended_at=newsroom.house.now))
        connection.execute(update(editions).values(state="sent", ended_at=newsroom.house.now))
    words = ("editions", "correction", "1", "--key", "c-1")
    done = newsroom.desk.run(*words, "--note", "Il est 40.", "--subject", "Correction")
    assert "colporteur editions correction 1 --key c-1" in done.stdout
    newsroom.run(*words, "--yes")
    assert states(newsroom)[-1] == "held"
