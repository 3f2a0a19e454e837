import getpass
from datetime import timedelta
from typing import Any

import pytest
from house import channel as a_channel
from house import digest, publication

DATABASES = ("sqlite",)  # the stores below have their tests on both

ARRANGE = ("editions", "arrange", "actualites", "--cadence", "matin")


def sent(newsroom: Any, *names: str) -> int:
    """An edition that is fixed for readers of these names, and nothing has left of it."""
    for name in names:
        newsroom.house.subscribe(f"{name}@example.org")
    newsroom.house.take("Tri aux urgences : six mois")
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    return 1


def approving(newsroom: Any, **more: Any) -> None:
    wanted = publication(
        channels=[a_channel("actualites", "fr", digest=digest(approval=True))], **more
    )
    newsroom.house.apply(wanted)


def test_a_cancelled_edition_says_how_many_will_not_get_it(newsroom: Any):
    number = str(sent(newsroom, "leila", "amine"))
    newsroom.run("editions", "hold", number, "--why", "in doubt")
    said = newsroom.run("editions", "cancel", number, "--why", "a mistake").stdout
    assert "Edition 1 is cancelled. 2 readers will not get it." in said
    told = newsroom.told("editions", "report", number, "--readers")
    assert [one["status"] for one in told["readers"]] == ["skipped", "skipped"]
    assert told["counts"] == [{"status": "skipped", "reason": "cancelled", "readers": 2}]


def test_a_report_says_who_did_what_when_and_why(newsroom: Any):
    number = str(sent(newsroom, "leila"))
    newsroom.run("editions", "hold", number, "--why", "one source is in doubt")
    newsroom.run("editions", "release", number)
    told = newsroom.told("editions", "report", number)
    events = [(one["before"], one["after"], one["by"], one["why"]) for one in told["history"]]
    me = getpass.getuser()
    assert events == [
        (None, "open", me, ""),
        ("open", "frozen", me, ""),
        ("frozen", "held", me, "one source is in doubt"),
        ("held", "frozen", me, ""),
    ]
    (variant,) = told["variants"]
    assert variant["articles"] == ["tri-aux-urgences-six-mois"]
    assert (variant["readers"], told["recipients"], told["channel"]) == (1, 1, "actualites")
    said = newsroom.run("editions", "report", number, "--readers").stdout
    for part in ("one source is in doubt", "tri-aux-urgences", "leila@example.org", "pending"):
        assert part in said


def test_an_edition_that_is_paused_is_resumed(newsroom: Any):
    number = str(sent(newsroom, "leila"))
    assert "resume 1" in newsroom.run("editions", "pause", number, "--why", "slow").stdout
    said = newsroom.run("editions", "resume", number).stdout
    assert "is looked over, and then goes on" in said  # it was not, before the pause
    assert newsroom.told("editions", "report", number)["state"] == "frozen"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["release", "1"], "An edition that is frozen cannot release."),
        (["resume", "1"], "It can: hold, begin, pause, cancel."),
        (["approve", "1"], "An edition that is frozen cannot approve."),
        (["withdraw", "1"], "Only a special edition can be withdrawn."),
        (["move", "1", "--to", "2026-11-24T09:00"], "Edition 1 leaves by no calendar"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_with_what_it_does(
    newsroom: Any, words: list[str], said: str
):
    sent(newsroom, "leila")
    assert said in newsroom.refused("editions", *words)


def test_an_edition_that_is_not_there_is_refused(newsroom: Any):
    assert "There is no edition 7." in newsroom.refused("editions", "approve", "7", code=2)
    assert "There is no edition 7." in newsroom.refused("editions", "report", "7", code=2)


def test_a_coming_edition_is_arranged_by_slugs_on_its_own_clock(newsroom: Any):
    house = newsroom.house
    for title in ("Un", "Deux", "Trois"):
        house.take(title)
    day = (house.now + timedelta(days=3)).date()
    at = f"{day}T07:00"
    said = newsroom.run(*ARRANGE, "--at", at, "--lead", "deux", "--leave-out", "trois").stdout
    assert f"{day} 07:00 Europe/Paris" in said
    said = newsroom.run("editions", "move", "1", "--to", f"{day}T09:00").stdout
    assert f"Edition 1 leaves at {day} 09:00 Europe/Paris" in said
    newsroom.run(*ARRANGE, "--at", at, "--subject", "À lire", "--intro", "Bonjour.")
    told = newsroom.told("editions", "report", "1")
    assert told["arrangement"] == {
        "lead": 2,
        "left_out": [3],
        "subject": "À lire",
        "intro": "Bonjour.",
    }
    assert told["arranged_by"] == [getpass.getuser()]
    newsroom.run(*ARRANGE, "--at", at, "--no-lead", "--subject", "", "--leave-out", "")
    assert newsroom.told("editions", "report", "1")["arrangement"] == {"intro": "Bonjour."}


def test_without_a_time_the_next_edition_is_arranged(newsroom: Any):
    newsroom.house.take("Un")
    newsroom.run(*ARRANGE, "--lead", "un")
    newsroom.run(*ARRANGE, "--intro", "Bonjour.")
    told = newsroom.told("editions", "report", "1")
    assert told["arrangement"] == {"lead": 1, "intro": "Bonjour."}


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["--at", "2099-11-24T07:30"], "has no edition matin at 2099-11-24 06:30 UTC", 2),
        (["--at", "2020-11-24T07:00"], "has no edition matin", 2),
        (["--at", "tomorrow"], "'tomorrow' is no moment", 1),
        (["--at", "2099-11-24T25:00"], "is no moment", 1),
        (["--lead", "nowhere"], "There is no article 'nowhere'", 2),
        (["--subject", "À lire"], "no lead is pinned", 1),
        (["--cadence", "soir"], "has no cadence 'soir'", 2),
        (["--lead", "un", "--no-lead"], "contradict", 2),
    ],
)
def test_what_cannot_be_arranged_is_refused(newsroom: Any, words: list[str], said: str, code: int):
    newsroom.house.take("Un")
    assert said in newsroom.refused(*ARRANGE, *words, code=code)


def test_a_withdrawn_article_cannot_lead(newsroom: Any):
    newsroom.house.take("Un")
    newsroom.run("articles", "withdraw", "un", "--yes")
    assert "withdrawn" in newsroom.refused(*ARRANGE, "--lead", "un", code=2)


def test_an_approval_is_void_when_the_edition_is_arranged_again(newsroom: Any):
    approving(newsroom)
    newsroom.house.take("Un")
    newsroom.run(*ARRANGE, "--lead", "un")
    newsroom.house.subscribe("leila@example.org")
    said = newsroom.run("editions", "approve", "1").stdout
    assert "is approved and leaves at" in said
    assert "Expected to be done by " in said
    assert "asks for an approval again" in newsroom.run(*ARRANGE, "--intro", "Bonjour.").stdout


def test_nobody_approves_alone_where_four_eyes_are_asked_for(newsroom: Any):
    approving(newsroom, four_eyes=True)
    newsroom.house.take("Un")
    newsroom.run(*ARRANGE, "--lead", "un")
    assert "may not approve it too" in newsroom.refused("editions", "approve", "1")
