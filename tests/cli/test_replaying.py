"""``colporteur feedback replay``: what came back is explained, and changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from returns import DOMAIN, KEY, delivery_to, drops, dsn, kept, sent, state_of, verp
from sink import Sink

AMINA, BRUNO = "amina@example.org", "bruno@example.org"
BOUNCE = dsn("relais@lettres.example")
FULL = dsn("relais@lettres.example", failing=BRUNO, words="552 5.2.2 Mailbox full", status="5.2.2")
AWAY = b"From: a@example.org\nAuto-Submitted: auto-replied\nSubject: Absence\n\nOk\n"


def told(installation: Any, *words: str) -> list[dict[str, Any]]:
    done = installation.run("feedback", "replay", *words, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_bounce_is_explained_with_its_addresses_masked(installation: Any):
    (installation.folder / "one.eml").write_bytes(BOUNCE)
    done = installation.run("feedback", "replay", "one.eml")
    assert done.returncode == 0
    assert "one.eml: bounce" in done.stdout
    assert "a…@example.org  hard: no such address (550 5.1.1)" in done.stdout
    assert AMINA not in done.stdout
    assert "no database" in done.stderr
    assert not list(installation.folder.rglob("*.db"))


def test_addresses_are_shown_to_those_who_ask(installation: Any):
    (installation.folder / "one.eml").write_bytes(BOUNCE)
    [one] = told(installation, "one.eml", "--show-addresses")
    assert [failure["address"] for failure in one["failures"]] == [AMINA]


def test_an_mbox_a_maildir_and_a_folder_are_read_message_by_message(installation: Any):
    folder: Path = installation.folder
    mbox = b"".join(b"From x Mon Nov 23 07:00:00 2026\n%b\n" % one for one in (BOUNCE, FULL, AWAY))
    (folder / "box.mbox").write_bytes(mbox.replace(b"\r\n", b"\n"))
    for name in ("cur", "new", "tmp"):
        (folder / "maildir" / name).mkdir(parents=True)
        (folder / "maildir" / name / "1").write_bytes(FULL)
    (folder / "plain").mkdir()
    (folder / "plain" / "away.eml").write_bytes(AWAY)
    kinds = [one["kind"] for one in told(installation, "box.mbox", "maildir", "plain")]
    assert kinds == ["bounce", "bounce", "auto_reply", "bounce", "bounce", "auto_reply"]


def test_a_file_that_does_not_exist_is_named(installation: Any):
    done = installation.run("feedback", "replay", "nothing.eml")
    assert done.returncode == 2
    assert "nothing.eml does not exist" in done.stderr


@pytest.mark.smtp
def test_what_a_bounce_would_do_is_told_and_not_done(newsroom: Any, smtp_sink: Sink):
    installation, house = newsroom.desk, newsroom.house
    installation.settings |= {
        "COLPORTEUR_SECRET_KEY": KEY,
        "COLPORTEUR_BOUNCE_DOMAIN": DOMAIN,
    }
    sent(house, smtp_sink, "amina")
    (installation.folder / "ours.eml").write_bytes(dsn(verp(delivery_to(house, AMINA))))
    (installation.folder / "forged.eml").write_bytes(dsn(f"b+{'a' * 30}@{DOMAIN}"))
    effects = [one["effect"] for one in told(installation, "ours.eml", "forged.eml", "ours.eml")]
    assert effects == ["bounced", "dropped: forged", "bounced"]
    assert state_of(house, AMINA) == "active"
    assert kept(house) == []
    assert drops(house) == {}
