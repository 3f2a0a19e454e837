"""Lists of readers that the newsroom is given: tried, read in by a worker, gone on with."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from asking import asker, make_app
from house import TEMPLATES, House, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select, update

from colporteur import tasks
from colporteur.audience.importing import chunks, holding, lists
from colporteur.audience.importing.lists import GIVEN_PARTS, Step
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import (
    reader_list_parts,
    reader_lists,
    subscribers,
    subscriptions,
)
from colporteur.staff.people import Role
from colporteur.web.newsroom.readers.refusals import _BY_WORDS

LIST = "Courriel;Prénom;Ville\nana@b.example;Ana;Lyon\nnobody;Bo;Lyon\nzoé@b.example;Zoé;Fès\n"


@pytest.fixture
def admin(house: House, tmp_path: Path) -> Editor:
    house.apply(publication())
    return sign_in(house, asker(make_app(house, tmp_path)), Role.ADMIN)


@pytest.fixture
def worker(house: House, database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house with a worker, whose turns the tests ring for."""
    values = {"database_url": database_url, "data_dir": tmp_path / "var"}
    tasks.configure(Settings(**values, secret_key="k" * 32))
    yield house
    tasks.stopping.clear()
    tasks.runtime().engine.dispose()


def give(admin: Editor, text: str = LIST, key: str = "a key", **file: str) -> str:
    """The address of a list that was given; empty where it was refused."""
    name = file.get("name", "liste.csv")
    answer = admin.post(
        "/newsroom/readers/import", {"key": key}, files={"file": (name, text.encode())}
    )
    return answer.headers.get("location", "")


def say(admin: Editor, page: str, **typed: str) -> int:
    shown = admin.get(page).text
    seen = re.search(r'name="seen" value="(\d+)"', shown)
    assert seen is not None
    picked = re.findall(r'<select id="(column_\w+)".*?</select>', shown, re.DOTALL)
    chosen = {
        name: (re.search(rf'id="{name}".*?value="([^"]*)" selected', shown, re.DOTALL) or [0, ""])[
            1
        ]
        for name in picked
    }
    sent = {"seen": seen[1], "how": "ask", "channel": "actualites", **chosen, **typed}
    return admin.post(f"{page}/try", sent).status_code


def start(admin: Editor, page: str) -> None:
    version = re.search(r'name="seen" value="(\d+)"', admin.get(page).text)
    assert version is not None
    assert admin.post(f"{page}/start", {"seen": version[1]}).status_code == 303


def work(house: House) -> None:
    """A tick, and the turns that it rings for."""
    with writing(house.engine) as connection:
        rung = holding.ring_due(connection, database_now(connection))
    for one in rung:
        tasks.read_list(one)


def test_a_list_is_tried_first_and_then_read_in_and_its_bytes_forgotten(
    admin: Editor, worker: House
) -> None:
    page = give(admin)
    assert give(admin) == page  # sent twice, it is one
    assert '<option value="Courriel" selected>' in admin.get(page).text
    assert say(admin, page) == 303
    assert 'http-equiv="refresh"' in admin.get(page).text
    work(worker)
    tried = admin.get(page).text
    assert "are asked by mail" in tried
    assert "nobody" in tried  # the row that is refused
    assert "Does it have all its letters, and one @?" in tried
    with reading(worker.engine) as connection:
        assert connection.scalars(select(subscribers.c.id)).all() == []
    start(admin, page)
    work(worker)
    assert "What became of 3 rows" in admin.get(page).text
    refused = admin.get(f"{page}/refused")
    assert refused.text.splitlines()[0] == "line,reason,Courriel,Prénom,Ville"
    assert "nobody,Bo,Lyon" in refused.text
    with reading(worker.engine) as connection:
        assert set(connection.scalars(select(subscriptions.c.state))) == {"pending"}
        assert set(connection.scalars(select(subscribers.c.name))) == {"Ana", "Zoé"}
        kinds = connection.scalars(select(reader_list_parts.c.kind)).all()
    assert GIVEN_PARTS not in kinds


def test_what_a_worker_leaves_when_it_ends_or_dies_another_goes_on_with(
    admin: Editor, worker: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "SIZE", 2)
    rows = "".join(f"r{one}@b.example\n" if one != 1 else "wrong\n" for one in range(6))
    page = give(admin, f"email\n{rows}")
    say(admin, page, how="stated", consent="Paper form at the meeting of 2025.")
    work(worker)
    start(admin, page)
    tasks.stopping.set()
    work(worker)
    with writing(worker.engine) as connection:
        now = database_now(connection)
        assert len(connection.scalars(select(subscribers.c.id)).all()) == 1  # of two rows
        assert holding.take(connection, 1, now)  # by a worker that dies with it
        assert holding.take(connection, 1, now) is None
        assert holding.ring_due(connection, now + holding.LEASED_FOR) == []
        gone = {"lease_until": now - timedelta(seconds=1), "rung_at": None}
        connection.execute(update(reader_lists).values(gone))
    tasks.stopping.clear()
    work(worker)
    with reading(worker.engine) as connection:
        assert lists.given(connection, 1).state is Step.DONE
        assert len(connection.scalars(select(subscribers.c.id)).all()) == 5
    assert len(admin.get(f"{page}/refused").text.splitlines()) == 2


@ON_SQLITE
def test_what_is_wrong_with_a_list_is_said_and_what_was_typed_is_kept(
    admin: Editor, worker: House
) -> None:
    assert give(admin, "name\nAna\n") != ""  # the page asks for the column
    assert say(admin, "/newsroom/readers/import/1") == 422
    page = give(admin, key="another")
    assert say(admin, page, channel="none") == 422
    assert say(admin, page, how="stated", consent="yes") == 422
    assert say(admin, page) == 303
    assert admin.post(f"{page}/try", {"seen": "1", "how": "ask"}).status_code == 422
    assert admin.post(f"{page}/start", {"seen": "9"}).status_code == 422
    work(worker)
    assert admin.post(f"{page}/drop").headers["location"].endswith("done=dropped")
    assert admin.get(page).status_code == 404
    assert admin.get(f"{page}/refused").status_code == 404
    empty = admin.post("/newsroom/readers/import", {"key": "x"}, files={"file": ("a.csv", b"")})
    assert empty.status_code == 422


@ON_SQLITE
def test_a_list_that_nobody_starts_is_forgotten_after_a_week(admin: Editor, worker: House) -> None:
    give(admin)
    with writing(worker.engine) as connection:
        now = database_now(connection)
        assert lists.forget(connection, now) == 0
        assert lists.forget(connection, now + timedelta(days=8)) == 1
        assert connection.execute(select(reader_list_parts)).all() == []


def test_every_reason_for_which_a_row_is_refused_is_translated() -> None:
    for tag in ("fr", "ar"):
        known = TEMPLATES.catalogue(tag)._catalog  # type: ignore[attr-defined]
        assert set(_BY_WORDS.values()) - known.keys() == set()
