"""``backup``, ``restore`` and ``release`` as an operator calls them."""

import json
from typing import Any

import pytest


def ok(desk: Any, *words: str) -> str:
    done = desk.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_an_installation_comes_back_from_its_archive_with_its_sending_held(
    applied: Any,
):
    (applied.folder / "kept").mkdir()
    for _ in range(2):
        ok(applied, "backup", "kept/one.tar.gz")
        (applied.folder / "kept" / "one.tar.gz").rename(applied.folder / "kept" / "two.tar.gz")
    said = json.loads(ok(applied, "backup", "kept", "--keep", "1", "--json"))
    assert said["removed"] == []  # it removes what it named itself
    archive = str(applied.folder / said["path"])
    assert "is whole" in ok(applied, "restore", archive, "--check")
    refused = applied.run("restore", archive)
    assert refused.returncode == 1
    assert "overwrites nothing" in refused.stderr
    applied.settings["COLPORTEUR_DATA_DIR"] = "elsewhere"
    nowhere = applied.run("backup", "kept")
    assert "no installation here" in nowhere.stderr
    assert not (applied.folder / "elsewhere").exists()
    assert "All sending is held" in ok(applied, "restore", archive)
    held = applied.run("release").stdout
    assert "--since-backup missed|sent|due" in held
    assert "not mailed again" in ok(applied, "release", "--since-backup", "sent", "--yes")
    assert json.loads(ok(applied, "stats", "--json"))["brakes"] == []


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["backup", "nowhere/at/all"], 1, "no folder"),
        (["backup", "file.tar.gz", "--keep", "2"], 2, "goes with a folder"),
        (["restore", "missing.tar.gz"], 1, "cannot be read"),
        (["restore"], 2, "give one"),
        (["restore", "a.tar.gz", "--by-hand", "2026-11-22T07:12"], 2, "give one"),
        (["restore", "--by-hand", "2999-11-22T07:12"], 1, "is to come"),
        (["move", "--to", "sqlite:///other.db"], 2, "PostgreSQL"),
        (["move", "--to", "no address"], 2, "must start with"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    applied: Any, words: list[str], code: int, why: str
):
    done = applied.run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert why in done.stderr
    assert "Traceback" not in done.stderr
