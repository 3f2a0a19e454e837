import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from colporteur import tasks
from colporteur.articles.formats import read_file
from colporteur.db import reading
from colporteur.db.tables.articles import picture_copies, pictures
from colporteur.exceptions import ServiceUnavailable

GOOD = "# Bon\n\nUn texte."


def rows(done: Any) -> dict[str, dict[str, str]]:
    assert "Traceback" not in done.stderr + done.stdout
    return {Path(one["file"]).name: one for one in json.loads(done.stdout)}


def test_no_bad_file_stops_the_others_and_feeds_are_built(applied: Any):
    (applied.folder / "good.md").write_text(GOOD)
    (applied.folder / "wide.html").write_text(
        f"<html><meta property='og:image:width' content='{'9' * 5000}'><h1>Un</h1></html>"
    )
    os.mkfifo(applied.folder / "pipe.txt")
    (applied.folder / "zero.txt").symlink_to("/dev/zero")
    long = "a" * 300 + ".md"
    done = applied.run("articles", "import", "missing.md", long, "nowhere", ".", "--json")
    assert done.returncode == 1
    found = rows(done)
    assert found.pop("good.md")["outcome"] == "added"
    assert set(found) == {"missing.md", long, "nowhere", "wide.html", "pipe.txt", "zero.txt"}
    assert {one["outcome"] for one in found.values()} == {"refused"}
    assert all(one["why"].endswith(".") for one in found.values())
    listed = applied.run("articles", "list", "--json")
    assert [one["title"] for one in json.loads(listed.stdout)] == ["Bon"]
    assert "No document changed" in applied.run("feeds", "build").stdout


def test_a_surprise_in_one_file_or_article_is_a_row_of_the_table(
    applied: Any, monkeypatch: pytest.MonkeyPatch
):
    (applied.folder / "a.md").write_text("# Pire\n\nUn texte.")
    (applied.folder / "b.md").write_text("# Mauvais\n\nUn texte.")
    (applied.folder / "c.md").write_text(GOOD)

    def read(path: Path, now: Any) -> Any:
        if path.name == "a.md":
            raise ZeroDivisionError("by [red]zero")
        return read_file(path, now)

    def prepare(submission: Any, *rest: Any) -> Any:
        if submission.title == "Mauvais":
            raise RecursionError
        return real(submission, *rest)

    from colporteur.articles import taking  # noqa: PLC0415
    from colporteur.cli import articles  # noqa: PLC0415

    real = taking.prepare
    monkeypatch.setattr(articles, "read_file", read)
    monkeypatch.setattr(taking, "prepare", prepare)
    done = applied.run("articles", "import", "a.md", "b.md", "c.md")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "a.md: Unexpected ZeroDivisionError: by [red]zero" in done.stderr
    assert "b.md (Mauvais): Unexpected RecursionError" in done.stderr
    assert done.stdout.split() == ["added", "updated", "unchanged", "refused", "1", "0", "0", "2"]


@pytest.mark.parametrize(
    "error", [ServiceUnavailable("Gone."), OperationalError("", {}, Exception("Gone."))]
)
def test_a_database_that_goes_away_stops_the_import(
    applied: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(*_args: Any) -> Any:
        raise error

    monkeypatch.setattr("colporteur.articles.taking.prepare", fail)
    (applied.folder / "a.md").write_text(GOOD)
    done = applied.run("articles", "import", "a.md")
    assert done.returncode == 1
    assert "Gone." in done.stderr
    assert "refused " not in done.stdout


def test_square_brackets_in_names_titles_and_reasons_are_printed(applied: Any):
    (applied.folder / "un[red].json").write_text(
        '[{"title": "Un [bold]", "body": "a", "topics": ["[x]"]}]'
    )
    done = applied.run("articles", "import", "un[red].json")
    assert "refused un[red].json (Un [bold]): There is no topic '[x]'." in done.stderr


def test_names_and_titles_that_are_no_unicode_are_spelled_out(applied: Any):
    name = os.fsdecode(b"un\xff.md")
    (applied.folder / name).write_text("")
    (applied.folder / "deux.json").write_text('{"title": "\\ud800", "body": "a"}')
    done = applied.run("articles", "import", name, "deux.json", "--json")
    assert [one["outcome"] for one in rows(done).values()] == ["refused", "refused"]
    assert "un\\udcff.md" in applied.run("articles", "import", name).stderr


def test_the_same_file_for_another_channel_is_added_to_it(applied: Any):
    (applied.folder / "a.md").write_text("---\nlanguage: fr\n---\n" + GOOD)
    applied.run("articles", "import", "a.md")
    done = applied.run("articles", "import", "a.md", "--channel", "dispatch", "--json")
    assert rows(done)["a.md"]["outcome"] == "updated"
    (one,) = json.loads(applied.run("articles", "list", "--json").stdout)
    assert set(one["channels"]) == {"actualites", "dispatch"}


def test_a_picture_on_our_own_site_is_named_by_its_path_and_copied(applied: Any):
    picture = "image: { url: /static/sample/port.jpg, alt: Un quai }"
    (applied.folder / "a.md").write_text(f"---\ntitle: Un port\n{picture}\n---\n\nUn texte.")
    assert applied.run("articles", "import", "a.md").returncode == 0
    tasks.picture(1)
    with reading(tasks.runtime().engine) as connection:
        found = connection.execute(select(pictures)).one()
        copies = connection.scalars(select(picture_copies.c.width)).all()
    tasks.runtime().engine.dispose()
    assert found.url.startswith("http")
    assert found.url.endswith("/static/sample/port.jpg")
    assert (found.state, found.width, found.height) == ("kept", 1200, 675)
    assert sorted(copies) == [240, 600, 1200]
