"""The guard before every place of the newsroom."""

from pathlib import Path

import httpx
import pytest
from asking import Ask, asker, make_app
from house import TEMPLATES, House
from newsroom import Editor, sign_in
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from colporteur.config import Settings
from colporteur.db import writing
from colporteur.db.tables.staff import users
from colporteur.exceptions import SpecialRefused
from colporteur.staff import people, sessions
from colporteur.staff.passwords import hashed
from colporteur.staff.people import Role
from colporteur.staff.permissions import May
from colporteur.tasks import Runtime
from colporteur.web.newsroom.places import Place, routes_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit
from colporteur.web.pages import Pages


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    """A newsroom of one place, where names are painted on the door."""
    settings = Settings(secret_key="k" * 32, mail_url=f"maildir:{tmp_path}")
    runtime = Runtime(settings, house.engine, TEMPLATES)
    room = Room(runtime, Pages(runtime))

    def show(visit: Visit) -> Response:
        return room.page(visit, "forbidden", "A title")

    def paint(visit: Visit) -> Response:
        with room.changing(visit, May.SETTINGS) as desk:
            if not visit.form.one("name"):
                raise SpecialRefused("Nothing is written.", cure="Write something.")
            desk.note("door.painted", f"door:{visit.number()}", name=visit.form.one("name"))
        return PlainTextResponse(visit.form.one("name"))

    places = [
        Place("GET", "/newsroom/doors/{id}", May.LOOK, show),
        Place("POST", "/newsroom/doors/{id}", May.SETTINGS, paint),
        Place("POST", "/newsroom/doors/{id}/picture", May.SETTINGS, paint, files_at_most=1000),
    ]
    return asker(Starlette(routes=routes_of(room, places)))


@pytest.fixture
def admin(house: House, ask: Ask) -> Editor:
    found = sign_in(house, ask, Role.ADMIN)
    found.get("/newsroom/doors/1")
    return found


def test_who_is_not_signed_in_is_led_to_the_door_and_back_here(ask: Ask) -> None:
    answer = ask("GET", "/newsroom/doors/1?a=b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/newsroom/sign-in?to=/newsroom/doors/1"


def test_what_was_typed_is_kept_when_a_session_ended(house: House, ask: Ask, admin: Editor) -> None:
    with writing(house.engine) as connection:
        sessions.end_all(connection, admin.person.id)
    answer = admin.post("/newsroom/doors/1", {"name": "A name"})
    assert answer.status_code == 401
    assert 'name="name" value="A name"' in answer.text


def test_a_form_of_an_older_session_can_be_sent_again(admin: Editor) -> None:
    answer = admin.post("/newsroom/doors/1", {"csrf": "of another", "name": "A name"})
    assert answer.status_code == 403
    assert 'name="name" value="A name"' in answer.text
    assert admin.csrf in answer.text


def test_the_state_that_a_form_was_made_of_survives_the_end_of_its_session(
    house: House, admin: Editor
) -> None:
    typed = {"name": "A name", "seen": "41"}
    again = admin.post("/newsroom/doors/1", {"csrf": "of another", **typed})
    with writing(house.engine) as connection:
        sessions.end_all(connection, admin.person.id)
    over = admin.post("/newsroom/doors/1", typed)
    assert all('name="seen" value="41"' in answer.text for answer in (again, over))


def test_a_file_that_came_with_a_form_that_is_sent_again_is_said_to_be_lost(
    house: House, admin: Editor
) -> None:
    with writing(house.engine) as connection:
        sessions.end_all(connection, admin.person.id)
    picture = {"image": ("a.png", b"octets", "image/png")}
    answer = admin.post("/newsroom/doors/1/picture", {"name": "A name"}, files=picture)
    assert answer.status_code == 401
    assert "The file that you had chosen was not kept" in answer.text
    assert 'value="A name"' in answer.text
    assert "was not kept" not in admin.post("/newsroom/doors/1", {"name": "A name"}).text


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "utf-16-le"])
def test_a_form_in_a_charset_of_no_browser_is_refused(admin: Editor, charset: str) -> None:
    field = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}'
    parts = [field.format("csrf", admin.csrf), field.format("name", r"\ud800 +2AA-")]
    body = "--b\r\n" + "\r\n--b\r\n".join(parts) + "\r\n--b--\r\n"
    form = {"Content-Type": f'multipart/form-data; boundary=b; Charset="{charset}"'}
    answer = admin.post("/newsroom/doors/1", content=body.encode(), headers=form)
    assert answer.status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_nothing_that_another_site_filled_in_is_offered_to_be_sent(
    admin: Editor, site: str
) -> None:
    typed = {"csrf": "", "name": "A name"}
    answer = admin.post("/newsroom/doors/1", typed, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "A name" not in answer.text


def test_a_role_that_does_not_allow_it_is_refused_before_anything_happens(
    house: House, ask: Ask, admin: Editor
) -> None:
    approver = sign_in(house, ask, Role.APPROVER)
    approver.get("/newsroom/doors/1")
    assert approver.post("/newsroom/doors/1", {"name": "A name"}).status_code == 403
    assert admin.post("/newsroom/doors/1", {"name": "A name"}).text == "A name"


def test_who_loses_a_role_loses_what_it_allowed_at_once(house: House, admin: Editor) -> None:
    with writing(house.engine) as connection:
        people.add(connection, admin.person.address, name=None, role=Role.AUTHOR, now=house.now)
    assert admin.post("/newsroom/doors/1", {"name": "A name"}).status_code == 403


def test_what_was_refused_is_said_with_its_cure_and_can_be_sent_again(admin: Editor) -> None:
    answer = admin.post("/newsroom/doors/1", {"colour": "<red>"})
    assert answer.status_code == 422
    assert "Write something." in answer.text
    assert 'value="&lt;red&gt;"' in answer.text


@pytest.mark.parametrize("strange", ["x", "9" * 30, "-1", "1.0", "١"])
def test_an_address_with_a_strange_number_leads_nowhere(admin: Editor, strange: str) -> None:
    answer = admin.post(f"/newsroom/doors/{strange}", {"name": "A name"})
    assert answer.status_code == 404
    assert "A name" in answer.text


def test_signing_in_needs_the_right_password_and_signing_out_ends_it(
    house: House, tmp_path: Path
) -> None:
    ask = asker(make_app(house, tmp_path))
    editor = sign_in(house, ask, Role.EDITOR)
    with writing(house.engine) as connection:
        connection.execute(users.update().values(password_hash=hashed("four words in a row")))
    form = ask("GET", "/newsroom/sign-in")
    mark = form.cookies["newsroom_form"]
    csrf = form.text.split('name="csrf" value="')[1].split('"')[0]
    typed = {"csrf": csrf, "address": editor.person.address.upper(), "to": "//evil.example"}

    def enter(password: str) -> httpx.Response:
        headers = {"Cookie": f"newsroom_form={mark}"}
        return ask(
            "POST", "/newsroom/sign-in", data=typed | {"password": password}, headers=headers
        )

    assert enter("four words in a line").status_code == 422
    entered = enter("four words in a row")
    assert entered.headers["location"] == "/newsroom/"
    inside = Editor(ask, editor.person, entered.cookies["newsroom"], csrf="of another")
    again = inside.post("/newsroom/sign-out")
    assert again.status_code == 403
    inside.csrf = again.text.split('name="csrf" value="')[1].split('"')[0]
    assert inside.post("/newsroom/sign-out").headers["location"] == "/newsroom/sign-in"
    assert inside.post("/newsroom/sign-out").status_code == 401
