"""The brake and the first steps, over the real application."""

import re
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import House, publication
from newsroom import ON_SQLITE, Editor, sign_in

from colporteur.db import reading
from colporteur.editions import brakes
from colporteur.staff import audit
from colporteur.staff.people import Role

pytestmark = ON_SQLITE


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    house.rehearse()
    return asker(make_app(house, tmp_path, mail_url="smtp://127.0.0.1:9"))


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found[1]


def actions(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return [one.action for one in audit.noted(connection, limit=5)]


def held(house: House) -> bool:
    with reading(house.engine) as connection:
        return brakes.suspension(connection) is not None


def test_an_editor_suspends_with_a_reason_and_an_approver_lets_go(house: House, ask: Ask) -> None:
    house.subscribe("leila@example.org")
    editor, approver = sign_in(house, ask, Role.EDITOR), sign_in(house, ask, Role.APPROVER)
    assert editor.post("/newsroom/brakes/suspend", {"why": " \n "}).status_code == 422
    assert "500" in editor.post("/newsroom/brakes/suspend", {"why": "x" * 10_000}).text
    editor.post("/newsroom/brakes/suspend", {"why": "Marked as <spam>."})
    assert held(house)
    assert editor.post("/newsroom/brakes/release").status_code == 403
    page = approver.get("/newsroom/brakes").text
    assert "Marked as &lt;spam&gt;." in page
    assert "readers: 0" in page  # a rehearsal reaches none of them
    approver.post("/newsroom/brakes/release", {"seen": seen(page)})
    assert not held(house)
    assert actions(house) == ["sending.released", "sending.suspended"]


def test_what_was_suspended_anew_is_not_let_go_unseen(house: House, ask: Ask) -> None:
    admin = sign_in(house, ask, Role.ADMIN)
    admin.post("/newsroom/brakes/suspend", {"why": "One reason."})
    old = seen(admin.get("/newsroom/brakes").text)
    admin.post("/newsroom/brakes/release", {"seen": old})
    admin.post("/newsroom/brakes/suspend", {"why": "Another reason."})
    answer = admin.post("/newsroom/brakes/release", {"seen": old})
    assert answer.status_code == 409
    assert "Another reason." in answer.text
    assert held(house)


def marks(admin: Editor) -> list[bool]:
    page = admin.get("/newsroom/start").text
    return [word == "done" for word in re.findall(r'class="state[^"]*">([^<]+)<', page)]


def test_the_first_steps_are_as_the_database_has_them(house: House, ask: Ask) -> None:
    admin = sign_in(house, ask, Role.ADMIN)
    assert marks(admin) == [False, False, True, False, False, False]
    house.take("An article", language="fr", body_html="<p>A text.</p>")
    sender = {"name": "Le Relais", "address": "bonjour@relais.fr"}
    house.apply(publication(sender=sender, look={"size": 18}), source="newsroom")
    assert marks(admin) == [True, True, True, True, False, False]


def test_a_test_goes_to_who_asks_and_to_nobody_else(house: House, ask: Ask) -> None:
    house.subscribe("leila@example.org")
    admin = sign_in(house, ask, Role.ADMIN)
    answer = admin.post("/newsroom/start/test")
    assert answer.headers["location"] == "/newsroom/start?done=tested"
    with reading(house.engine) as connection:
        rows = connection.exec_driver_sql("SELECT address, purpose FROM letters").all()
    assert [row.address for row in rows] == [admin.person.address]
    assert rows[0].purpose.startswith("test:")


def test_going_live_says_how_many_and_what_leaves_next_and_happens_once(
    house: House, ask: Ask
) -> None:
    house.subscribe("leila@example.org")
    admin = sign_in(house, ask, Role.ADMIN)
    page = admin.get("/newsroom/start").text
    assert "Go live (readers: 1)" in page
    assert "What leaves next" in page
    assert "readers: 1" in page
    admin.post("/newsroom/start/live")
    admin.post("/newsroom/start/live")
    assert marks(admin)[-1]
    assert actions(house) == ["sending.live"]
