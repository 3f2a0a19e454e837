import json
from typing import Any

import pytest

ADDRESS = "leila@example.org"
PAUSE = ["subscribers", "pause", ADDRESS, "--channel", "actualites", "--until"]


def refused(done: Any) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


def add(desk: Any, *words: str) -> Any:
    return desk.run("subscribers", "add", ADDRESS, "--channel", "actualites", *words)


def shown(desk: Any) -> dict[str, Any]:
    done = desk.run("subscribers", "show", ADDRESS, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_a_reader_chose_is_shown(applied: Any):
    done = add(
        applied,
        *("--cadence", "semaine", "--weekday", "wed", "--hour", "19:30", "--topic", "health"),
        *("--timezone", "Europe/Paris", "--no-specials", "--name", "Leïla"),
    )
    assert done.returncode == 0, done.stderr
    found = shown(applied)
    (chosen,) = found["subscriptions"]
    assert (found["address"], found["name"]) == (ADDRESS, "Leïla")
    wanted = {
        "channel": "actualites",
        "state": "active",
        "cadence": "semaine",
        "weekday": "wed",
        "hour": "19:30",
        "timezone": "Europe/Paris",
        "topics_in": ["health"],
        "specials": False,
        "paused_until": None,
    }
    assert {key: chosen[key] for key in wanted} == wanted
    assert [one["what"] for one in found["history"]] == ["subscribed"]


def test_a_change_and_a_pause_are_in_the_history(applied: Any):
    add(applied)
    add(applied, "--hour", "06:15")
    done = applied.run(*PAUSE, "2099-12-24", "--with-backlog")
    assert "Paused until 2099-12-2" in done.stdout
    (chosen,) = shown(applied)["subscriptions"]
    assert (chosen["state"], chosen["with_backlog"]) == ("paused", True)
    assert applied.run(*PAUSE[:1], "resume", *PAUSE[2:5]).stdout == "Mail comes again.\n"
    assert applied.run(*PAUSE[:1], "resume", *PAUSE[2:5]).stdout == "They were not paused.\n"
    found = shown(applied)
    assert found["subscriptions"][0]["state"] == "active"
    kinds = [one["what"] for one in found["history"]]
    assert kinds == ["subscribed", "chose", "paused", "resumed"]
    said = applied.run("subscribers", "show", ADDRESS).stdout
    for part in (ADDRESS, "06:15", "resumed", "chose"):
        assert part in said


def test_a_pause_ends_at_midnight_where_the_reader_is(applied: Any):
    add(applied, "--timezone", "Asia/Kathmandu")
    done = applied.run(*PAUSE, "2099-12-24")
    assert done.stdout == "Paused until 2099-12-23 18:15 UTC.\n"


WRONG = [
    (["--hour", "25:00"], "'25:00' is no time of day"),
    (["--timezone", "Mars/Olympus"], "'Mars/Olympus' is no time zone"),
    (["--cadence", "semaine", "--weekday", "lundi"], "'lundi' is no weekday"),
    (["--weekday", "mon"], "'matin' (daily) is shorter than a week"),
]


@pytest.mark.parametrize(("words", "problem"), WRONG)
def test_a_choice_that_cannot_be_is_refused_and_changes_nothing(
    applied: Any, words: list[str], problem: str
):
    assert problem in refused(add(applied, *words))
    assert applied.run("subscribers", "show", ADDRESS).returncode == 2  # nobody was added


def test_a_cadence_that_is_not_offered_is_told_with_those_that_are(applied: Any):
    done = add(applied, "--cadence", "soir")
    assert "no cadence 'soir'" in done.stderr
    assert "matin, semaine" in done.stderr


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        ("2020-01-01", "would be over already"),
        ("24/12", "'24/12' is no date"),
        ("2026-02-30", "'2026-02-30' is no date"),
    ],
)
def test_a_pause_that_cannot_be_is_refused(applied: Any, until: str, problem: str):
    add(applied)
    assert problem in refused(applied.run(*PAUSE, until))


def test_who_never_subscribed_cannot_be_paused(applied: Any):
    done = applied.run(*PAUSE, "2099-12-24")
    assert (done.returncode, "No subscriber has the address" in done.stderr) == (2, True)
    add(applied)
    elsewhere = [*PAUSE[:4], "nashra", "--until", "2099-12-24"]
    done = applied.run(*elsewhere)
    assert (done.returncode, "never subscribed to nashra" in done.stderr) == (2, True)
