from email import message_from_bytes
from typing import Any

from house import publication

from colporteur.db import reading
from colporteur.editions.states import State
from colporteur.editions.store import in_state

DATABASES = ("sqlite",)  # the stores below have their tests on both

PREVIEW = ("editions", "preview", "actualites", "--cadence", "matin", "--for", "leila@example.org")


def with_reader(newsroom: Any, **more: Any) -> None:
    newsroom.house.subscribe("leila@example.org", **more)
    newsroom.house.take("Tri aux urgences", topics=("health",))


def test_a_preview_prints_the_headers_and_the_text(newsroom: Any):
    with_reader(newsroom)
    said = newsroom.run(*PREVIEW).stdout
    assert "From: Le Relais <bonjour@relais.example>" in said
    assert "To: leila@example.org" in said
    assert "Subject: Tri aux urgences" in said
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in said
    assert "List-Id: " in said
    assert said.count("Tri aux urgences") > 1


def test_a_preview_writes_the_message_and_its_html(newsroom: Any):
    with_reader(newsroom)
    newsroom.run(*PREVIEW, "--eml", "one.eml", "--html", "one.html")
    folder = newsroom.desk.folder
    message = message_from_bytes((folder / "one.eml").read_bytes())
    assert message["To"] == "leila@example.org"
    assert "Tri aux urgences" in (folder / "one.html").read_text(encoding="utf-8")
    told = newsroom.told(*PREVIEW)
    assert told["headers"]["To"] == "leila@example.org"
    assert told["subject"] == "Tri aux urgences"
    assert "cannot be written" in newsroom.refused(*PREVIEW, "--eml", "nowhere/one.eml")


def test_a_preview_says_when_the_whole_edition_will_have_left(newsroom: Any):
    with_reader(newsroom)
    newsroom.house.apply(publication(domain_groups={"orange": {"limits": ["1/day"]}}))
    newsroom.house.subscribe("samir@orange.fr")
    newsroom.house.subscribe("nour@orange.fr")
    said = newsroom.run(*PREVIEW).stdout
    assert "The whole edition goes to 3 at most." in said
    assert "slowest: orange (1/day)." in said
    assert "Warning: it lasts longer than the channel's catch_up." in said
    assert "Warning: the next edition comes before that" in said
    ahead = newsroom.told(*PREVIEW)["expected"]
    assert (ahead["readers"], ahead["slowest"]) == (3, "orange (1/day)")
    assert (ahead["cut_short"], ahead["overtaken"]) == (True, True)
    with reading(newsroom.house.engine) as connection:
        assert in_state(connection, *State) == []


def test_who_would_get_nothing_is_told_why(newsroom: Any):
    with_reader(newsroom, topics_in=("law",))
    said = newsroom.run(*PREVIEW).stdout
    assert "They would get nothing." in said
    assert "There was nothing for them." in said
    assert "not of their topics" in said


def test_an_edition_is_explained_to_whoever_asks(newsroom: Any):
    with_reader(newsroom)
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    words = ("editions", "explain", "1", "leila@example.org")
    said = newsroom.run(*words).stdout
    assert "It waits to be sent" in said
    assert "in, at place 1" in said
    told = newsroom.told(*words)
    assert (told["outcome"], told["agrees"]) == ("for them", True)
    assert told["articles"][0]["slug"] == "tri-aux-urgences"
    newsroom.run("editions", "cancel", "1", "--why", "a mistake")
    assert "It was not sent: the edition was cancelled." in newsroom.run(*words).stdout


def test_an_unknown_reader_or_edition_is_refused(newsroom: Any):
    with_reader(newsroom)
    explain = ("editions", "explain")
    said = newsroom.refused(*explain, "7", "leila@example.org", code=2)
    assert "There is no edition 7." in said
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    said = newsroom.refused(*explain, "1", "nobody@example.org", code=2)
    assert "No subscriber has the address" in said
