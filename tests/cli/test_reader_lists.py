import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from colporteur.audience.importing import running

LIST = "Courriel;Nom;Heure;Remarque\nlea@example.org;Léa;7h30;x\nnoe;Noé;;\nLEA@example.org;;;\n"


def test_a_list_is_shown_then_read_in_then_written_out(newsroom: Any):
    path = newsroom.desk.folder / "list.csv"
    path.write_bytes(LIST.encode("cp1252"))
    words = ("subscribers", "import", "list.csv", "--channel", "actualites")
    said = newsroom.run(*words, "--dry-run").stdout
    assert "CSV in Windows-1252, delimiter semicolon" in said
    assert "Left out: Remarque" in said
    assert "Nothing was changed." in said
    seen = newsroom.told(*words, "--dry-run")
    assert seen["counts"] == {"to be asked": 1, "twice in the list": 1, "refused": 1}
    assert seen["first"][0] == {
        "address": "lea@example.org",
        "name": "Léa",
        "channel": "actualites",
        "language": "fr",
        "cadence": "matin",
        "hour": "07:30",
        "becomes": "to be asked",
    }
    assert seen["refused_rows"][0]["line"] == "3"
    done = newsroom.told(*words, "--consent", "Paper form", "--consented-at", "2025-10-03")
    assert (done["counts"]["subscribed"], done["rows"]) == (1, 3)
    assert Path(newsroom.desk.folder / done["refused_file"]).exists()
    newsroom.run("subscribers", "export", "out.csv", "--channel", "actualites", "--bom")
    out = newsroom.desk.folder / "out.csv"
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes().startswith(b"\xef\xbb\xbfemail,name,channel,status")
    (line,) = newsroom.run("subscribers", "export", "--format", "jsonl").stdout.splitlines()
    found = json.loads(line)
    assert (found["email"], found["hour"]) == ("lea@example.org", "07:30")
    assert found["consented_at"] == "2025-10-03T00:00:00Z"


def test_what_a_terminal_would_obey_is_not_shown_to_it(newsroom: Any):
    rows = b"email,name\n\x1b[2Jx,\xff\n\xe9@example.org,x\nlea@example.org,L\x07\x00\xc3\xa9a\n"
    rows += b"noe@example.org,No\xc3\xa9\n" * 20
    (newsroom.desk.folder / "list.csv").write_bytes(rows)
    words = ("subscribers", "import", "list.csv", "--channel", "actualites")
    assert "\x1b[2J" not in newsroom.run(*words, "--dry-run").stdout
    seen = newsroom.told(*words, "--dry-run")
    assert [one["line"] for one in seen["refused_rows"]] == ["2", "3"]
    newsroom.run(*words)
    (found, *_) = newsroom.run("subscribers", "export", "--format", "jsonl").stdout.splitlines()
    assert json.loads(found)["name"] == "Léa"


def test_an_import_that_is_interrupted_says_how_to_go_on(newsroom: Any, monkeypatch: Any):
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    (newsroom.desk.folder / "list.csv").write_text(LIST)
    monkeypatch.setattr(running, "_write", interrupted)
    done = newsroom.desk.run("subscribers", "import", "list.csv", "--channel", "actualites")
    assert done.returncode == 130
    assert "The same command goes on" in done.stdout


def test_what_cannot_be_read_in_is_refused_with_the_cure(applied: Any):
    (applied.folder / "list.csv").write_text(LIST)
    there = ["list.csv", "--channel", "actualites"]
    cases = {
        "cannot be read: No such file": ["missing.csv"],
        "cannot be read: Is a directory": ["."],
        "Nothing says which channel": ["list.csv"],
        "no channel 'autre'": ["list.csv", "--channel", "autre"],
        "no cadence 'soir'": [*there, "--cadence", "soir"],
        "no column 'mail'": [*there, "--column", "mail=x"],
        "no encoding": [*there, "--encoding", "klingon"],
        "no delimiter": [*there, "--delimiter", "x"],
        "what they said yes to": [*there, "--consented-at", "2025-10-03"],
    }
    for why, words in cases.items():
        done = applied.run("subscribers", "import", *words)
        assert done.returncode == 1, why
        assert "Traceback" not in done.stderr + done.stdout
        assert why in " ".join(done.stderr.split())


def test_a_list_for_another_tool_is_of_one_channel(newsroom: Any):
    assert "one row a reader" in newsroom.refused("subscribers", "export", "--format", "ghost")


def test_an_import_that_was_killed_goes_on_and_nobody_is_missed_or_doubled(applied: Any):
    count = 12_000
    text = "email\n" + "".join(f"x{n}@example.org\n" for n in range(count))
    (applied.folder / "list.csv").write_text(text)
    words = ["subscribers", "import", "list.csv", "--channel", "actualites", "--consent", "Yes."]
    command = [sys.executable, "-m", "colporteur.cli", *words]
    run = subprocess.Popen(command, cwd=applied.folder, stdout=subprocess.DEVNULL)
    _wait_for_rows(applied.folder)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    done = applied.run(*words, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert 0 < said["resumed_at"] < count
    assert said["counts"] == {"subscribed": count}
    with contextlib.closing(_database(applied.folder)) as database:
        for table in ("subscribers", "subscriptions", "subscriber_events", "consents"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)


def _database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder}/var/colporteur.db?mode=ro", uri=True, timeout=15)


def _wait_for_rows(folder: Path) -> None:
    until = time.monotonic() + 60
    with contextlib.closing(_database(folder)) as database:
        while time.monotonic() < until:
            (done,) = database.execute("SELECT max(rows) FROM imports").fetchone()
            if done:
                return
            time.sleep(0.01)
    pytest.fail("The import does not get on.")
