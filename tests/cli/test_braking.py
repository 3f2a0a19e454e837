import json
from typing import Any

import pytest

from colporteur import tasks
from colporteur.cli.first_start import follow_site
from colporteur.config import load_settings
from colporteur.db import reading
from colporteur.editions import brakes

RELAY = "smtp://127.0.0.1:9"  # nobody listens: nothing here sends


@pytest.fixture
def relayed(applied: Any) -> Any:
    """A publication in force whose mail goes to a relay."""
    applied.settings |= {"COLPORTEUR_MAIL_URL": RELAY, "COLPORTEUR_SECRET_KEY": "k" * 32}
    return applied


def ok(desk: Any, *words: str) -> str:
    done = desk.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_sending_is_suspended_with_a_reason_and_released_after_a_question(applied: Any):
    assert applied.run("suspend").returncode == 2  # without a reason
    assert applied.run("suspend", "--why", " \n ").returncode == 1
    assert "All sending is suspended." in ok(applied, "suspend", "--why", "Marked as spam.")
    again = ok(applied, "suspend", "--why", "Another reason.")
    assert "already" in again
    assert "Marked as spam." in again
    assert "Marked as spam." in ok(applied, "stats")
    asked = applied.run("release")
    assert asked.returncode == 1
    assert "No edition is waiting to leave." in asked.stdout
    assert "matin" in asked.stdout  # the next slots
    assert "Marked as spam." in ok(applied, "stats")  # nobody said yes
    assert "It is released" in ok(applied, "release", "--yes")
    assert "Sending is not suspended." in ok(applied, "release")
    assert json.loads(ok(applied, "stats", "--json"))["brakes"] == []


def test_an_edition_sent_by_hand_while_sending_is_suspended_waits_and_says_so(applied: Any):
    ok(applied, "suspend", "--why", "Marked as spam.")
    (applied.folder / "a.md").write_text("# Un port mesure\n\nTrois cents capteurs veillent.\n")
    ok(applied, "articles", "import", "a.md")
    ok(applied, "subscribers", "add", "leila@example.org", "--channel", "actualites")
    said = ok(applied, "editions", "send", "actualites", "--cadence", "matin")
    assert "goes to 1 reader" in said
    assert "Marked as spam." in said
    listed = applied.run("release").stdout
    assert "actualites" in listed
    assert "messages" in listed


def test_with_a_relay_it_is_a_rehearsal_until_somebody_says_that_it_goes_live(relayed: Any):
    ok(relayed, "users", "add", "leila@example.org")
    ok(relayed, "subscribers", "add", "reader@example.org", "--channel", "actualites")
    assert "only the staff (2 addresses) get mail" in ok(relayed, "stats")
    asked = relayed.run("go-live")
    assert asked.returncode == 1
    assert "1 reader will get mail" in asked.stdout
    assert "The next slots:" in asked.stdout
    (said,) = json.loads(ok(relayed, "stats", "--json"))["brakes"]
    assert "rehearsal" in said
    assert "It is live." in ok(relayed, "go-live", "--yes")
    assert "It is live since" in ok(relayed, "go-live", "--yes")
    assert json.loads(ok(relayed, "stats", "--json"))["brakes"] == []


def test_in_a_rehearsal_an_edition_is_frozen_for_the_staff_alone(relayed: Any):
    (relayed.folder / "a.md").write_text("# Un port mesure\n\nTrois cents capteurs veillent.\n")
    ok(relayed, "articles", "import", "a.md")
    ok(relayed, "users", "add", "leila@example.org")
    for name in ("leila", "reader"):
        ok(relayed, "subscribers", "add", f"{name}@example.org", "--channel", "actualites")
    said = ok(relayed, "editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    assert "goes to 1 reader" in said
    assert "rehearsal" in said


@pytest.mark.parametrize(("mail", "held"), [(RELAY, True), ("", False)])
def test_a_database_that_finds_itself_at_another_address_sends_nothing_until_released(
    applied: Any, mail: str, *, held: bool, monkeypatch: pytest.MonkeyPatch
):
    for name, value in {"MAIL_URL": mail, "SECRET_KEY": "k" * 32}.items():
        monkeypatch.setenv(f"COLPORTEUR_{name}", value)
    monkeypatch.chdir(applied.folder)

    def starts(address: str) -> Any:
        monkeypatch.setenv("COLPORTEUR_BASE_URL", address)
        tasks.configure(load_settings())
        run = tasks.runtime()
        follow_site(run)
        with reading(run.engine) as connection:
            found = brakes.suspension(connection)
        run.engine.dispose()
        return found

    assert starts("https://relais.example") is None
    assert starts("https://relais.example") is None
    found = starts("https://copy.example")
    assert (found is not None) == held
    if held:
        assert "https://copy.example" in found.why
        ok(applied, "release", "--yes")
        assert starts("https://copy.example") is None
