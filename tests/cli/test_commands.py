import json
from pathlib import Path
from typing import Any

import pytest


def refused(done: Any, code: int = 1) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["up"],
        ["web"],
        ["worker"],
        ["migrate"],
        ["check"],
        ["init"],
        ["publication", "apply"],
        ["publication", "export"],
        ["publication", "history"],
        ["articles", "import"],
        ["articles", "list"],
        ["articles", "withdraw"],
        ["feedback", "replay"],
        ["feeds", "build"],
        ["feeds", "list"],
        ["feeds", "check"],
        ["editions", "send"],
        ["subscribers", "add"],
        ["subscribers", "pause"],
        ["subscribers", "resume"],
        ["subscribers", "show"],
    ],
    ids=" ".join,
)
def test_every_command_helps_with_an_example(installation: Any, words: list[str]):
    done = installation.run(*words, "--help")
    assert done.returncode == 0
    assert "Example: " in done.stdout


def test_check_says_what_will_be_published(installation: Any):
    done = installation.run("check")
    assert "Hint" not in done.stdout
    assert done.returncode == 0
    for words in ("Le Relais", "actualites", "matin: daily", "No mistake found."):
        assert words in done.stdout


def test_check_names_file_line_key_and_cure(installation: Any):
    installation.run("init", "paper")
    path = installation.folder / "paper" / "actualites.toml"
    path.write_text(path.read_text().replace('at = ["07:00"]', 'at = ["25:00"]'))
    line = path.read_text().splitlines().index('at = ["25:00"]') + 1
    said = refused(installation.run("check", "paper"))
    assert f"paper/actualites.toml:{line}: digest.cadences.matin.at.0: is no time of day" in said


def test_init_makes_a_publication_that_checks_and_never_overwrites(installation: Any):
    assert installation.run("init", "paper").returncode == 0
    file = installation.folder / "paper" / "publication.toml"
    file.write_text(file.read_text().replace("alerts_to =", "# alerts_to ="))
    installation.settings["COLPORTEUR_MAIL_URL"] = "smtp://127.0.0.1:9"
    done = installation.run("check", "paper")
    assert done.returncode == 0
    assert "Hint: alerts_to is empty" in done.stdout
    assert "Hint: Mail is not signed" in done.stdout
    assert "not empty" in refused(installation.run("init", "paper"))


def test_apply_shows_the_difference_and_makes_a_revision_once(applied: Any):
    assert "Nothing differs" in applied.run("publication", "apply", "--yes").stdout
    applied.run("publication", "export", "paper")
    path = applied.folder / "paper" / "actualites.toml"
    path.write_text(path.read_text().replace("max_items = 12", "max_items = 5"))
    if "max_items = 5" not in path.read_text():  # a default is not written
        path.write_text(path.read_text().replace("[digest]", "[digest]\nmax_items = 5"))
    kept = applied.run("publication", "apply", "paper", "--first", "--yes")
    assert (kept.returncode, "stays as it is" in kept.stdout) == (0, True)
    done = applied.run("publication", "apply", "paper", "--yes", "--why", "shorter")
    assert "channels.actualites.digest.max_items" in done.stdout
    history = json.loads(applied.run("publication", "history", "--json").stdout)
    assert [(one["revision"], one["why"]) for one in history] == [
        (2, "shorter"),
        (1, "applied from files"),
    ]


def test_nothing_is_applied_without_a_yes(installation: Any):
    done = installation.run("publication", "apply")
    assert done.returncode == 1
    assert installation.run("publication", "history", "--json").stdout.strip() == "[]"


def test_one_bad_file_does_not_stop_the_others(applied: Any):
    (applied.folder / "empty.md").write_bytes(b"")
    (applied.folder / "latin.md").write_bytes("# Été\n\nà".encode("latin-1"))
    (applied.folder / "large.txt").write_bytes(b"a" * 50_000_000)
    (applied.folder / "long.md").write_text("# " + "a" * 10_000)
    (applied.folder / "good.md").write_text("# Bon\n\nUn \x07texte <script>x</script>.")
    done = applied.run("articles", "import", ".", "--json")
    assert done.returncode == 1
    outcomes = {Path(one["file"]).name: one for one in json.loads(done.stdout)}
    assert outcomes.pop("good.md")["outcome"] == "added"
    assert {one["outcome"] for one in outcomes.values()} == {"refused"}
    assert "iconv" in outcomes["latin.md"]["why"]
    assert "48 MB" in outcomes["large.txt"]["why"]
    listed = json.loads(applied.run("articles", "list", "--json").stdout)
    assert [one["title"] for one in listed] == ["Bon"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["articles", "import", "x.md", "--channel", "nope"], "actualites, dispatch, nashra"),
        (["articles", "import", "missing.md"], "missing.md"),
        (["editions", "send", "nope", "--cadence", "matin"], "actualites, dispatch, nashra"),
        (["editions", "send", "actualites", "--cadence", "soir"], "matin, semaine"),
        (
            ["subscribers", "add", "a@b.example", "--channel", "dispatch", "--topic", "x"],
            "regulation",
        ),
        (["check", "nowhere"], "publication.toml"),
    ],
)
def test_an_unknown_name_is_told_what_there_is(applied: Any, words: list[str], names: str):
    done = applied.run(*words)
    assert names in refused(done, done.returncode)
    assert done.returncode in {1, 2}


def test_a_bad_address_is_refused_and_nothing_is_written(applied: Any):
    said = refused(applied.run("subscribers", "add", "leila@", "--channel", "nashra"))
    assert "is no e-mail address" in said


def test_commands_before_any_publication_say_what_to_do(installation: Any):
    said = refused(installation.run("articles", "list"), 2)
    assert "publication apply" in said


def test_a_folder_that_cannot_be_written_is_named(installation: Any):
    (installation.folder / "file").write_text("")
    installation.settings["COLPORTEUR_DATA_DIR"] = "file/data"
    for words in (["up"], ["publication", "apply", "--yes"]):
        assert "file/data" in refused(installation.run(*words), 2)


def test_a_database_file_that_is_none_is_refused(installation: Any):
    (installation.folder / "broken.db").write_bytes(b"this is no database" * 100)
    installation.settings["COLPORTEUR_DATABASE_URL"] = "sqlite:///broken.db"
    assert "broken.db" in refused(installation.run("migrate"))


def test_an_edition_without_an_engine_waits_and_says_what_to_start(applied: Any):
    (applied.folder / "a.md").write_text("# Un\n\nUn texte.")
    applied.run("articles", "import", "a.md")
    applied.run("subscribers", "add", "a@example.org", "--channel", "actualites")
    said = refused(
        applied.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "1")
    )
    assert "colporteur up" in said


def test_building_feeds_twice_changes_nothing(applied: Any):
    first = applied.run("feeds", "build").stdout
    listed = json.loads(applied.run("feeds", "list", "--json").stdout)
    assert f"{len(listed)} documents changed" in first
    assert "No document changed" in applied.run("feeds", "build").stdout


def test_an_article_is_withdrawn_when_that_is_confirmed(applied: Any):
    (applied.folder / "a.md").write_text("# Un\n\nUn texte.")
    applied.run("articles", "import", "a.md")
    assert applied.run("articles", "withdraw", "un").returncode == 1  # nobody said yes
    assert "It is withdrawn." in applied.run("articles", "withdraw", "un", "--yes").stdout
    listed = json.loads(applied.run("articles", "list", "--json").stdout)
    assert [one["state"] for one in listed] == ["withdrawn"]
    assert "no article" in refused(applied.run("articles", "withdraw", "deux", "--yes"), 2)


def test_a_worker_without_a_broker_says_what_to_set(installation: Any):
    assert "COLPORTEUR_BROKER_URL" in refused(installation.run("worker"), 2)


def test_a_worker_of_a_queue_that_is_none_is_refused(installation: Any):
    assert "no queue 'letters'" in refused(installation.run("worker", "--queues", "letters"), 2)


def test_stats_say_what_each_section_lacks(applied: Any):
    said = applied.run("stats").stdout
    assert "add [[sources]] to its file" in said
    assert set(json.loads(applied.run("stats", "--json").stdout)) == {
        "brakes",
        "polls",
        "subscribers",
        "hub",
        "sources",
    }
