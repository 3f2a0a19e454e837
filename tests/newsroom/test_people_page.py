"""Who belongs to the newsroom: invited, given roles, shut out; and the log of it."""

from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import House
from newsroom import ON_SQLITE, Editor, add_person, give_password, sign_in
from sqlalchemy import func, select

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import letters
from colporteur.staff import audit, people, standing, tokens
from colporteur.staff.people import Person, Role
from colporteur.staff.tokens import Scope

PEOPLE = "/newsroom/people"
pytestmark = ON_SQLITE


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def ada(house: House, ask: Ask) -> Editor:
    give_password(house, add_person(house, Role.ADMIN, "ada@relais.example"))
    return sign_in(house, ask, Role.ADMIN, "ada@relais.example")


def somebody(house: House, person_id: int) -> Person:
    with reading(house.engine) as connection:
        return standing.find(connection, person_id)


def letters_of(house: House, message: str) -> int:
    with reading(house.engine) as connection:
        mine = select(func.count()).select_from(letters).where(letters.c.message == message)
        return connection.scalar(mine) or 0


def test_an_admin_invites_and_a_second_click_is_told(house: House, ada: Editor):
    typed = {"address": "Lea@Relais.example", "name": "Léa", "role": "approver"}
    invited = ada.post(PEOPLE, typed)
    where = invited.headers["location"]
    assert where.endswith("?done=invited")
    assert "The invitation is on its way." in ada.get(where).text
    assert "Somebody here has this address already." in ada.post(PEOPLE, typed).text
    assert letters_of(house, "invitation") == 1
    with reading(house.engine) as connection:
        lea = people.by_address(connection, "lea@relais.example")
    assert (lea.role, lea.name) == (Role.APPROVER, "Léa")
    assert "Léa" in ada.get(PEOPLE).text


@pytest.mark.parametrize("address", ["", "not one", "x" * 10_000, "a@b@c.example"])
def test_what_is_no_address_is_said_beside_its_field(ada: Editor, address: str):
    answer = ada.post(PEOPLE, {"address": address, "name": "<i>", "role": "editor"})
    assert answer.status_code == 422
    assert "This is no e-mail address." in answer.text
    assert 'value="&lt;i&gt;"' in answer.text


def test_a_role_is_changed_and_a_stale_form_is_told_who_did(house: House, ask: Ask, ada: Editor):
    lea = sign_in(house, ask, Role.AUTHOR, "lea@relais.example")
    here = f"{PEOPLE}/{lea.person.id}"
    assert ada.post(f"{here}/role", {"role": "editor", "seen": "author"}).status_code == 303
    stale = ada.post(f"{here}/role", {"role": "approver", "seen": "author"})
    assert stale.status_code == 409
    assert "author → editor" in stale.text
    assert somebody(house, lea.person.id).role is Role.EDITOR
    assert lea.get(PEOPLE).status_code == 403


def test_the_last_admin_who_can_sign_in_stays_one(house: House, ada: Editor):
    add_person(house, Role.ADMIN, "never@relais.example")  # was invited, and never came
    here = f"{PEOPLE}/{ada.person.id}"
    wanted = {"role": "editor", "seen": "admin"}
    assert "tick the box" in ada.post(f"{here}/role", wanted).text
    assert "Nobody would be left" in ada.post(f"{here}/role", wanted | {"sure": "yes"}).text
    assert "tick the box" in ada.post(f"{here}/disable").text
    assert "Nobody would be left" in ada.post(f"{here}/disable", {"sure": "yes"}).text
    found = somebody(house, ada.person.id)
    assert (found.role, found.disabled_at) == (Role.ADMIN, None)
    give_password(house, add_person(house, Role.ADMIN, "second@relais.example"))
    assert ada.post(f"{here}/role", wanted | {"sure": "yes"}).status_code == 303
    assert ada.get(PEOPLE).status_code == 403


def test_who_is_shut_out_is_out_at_once_and_their_tokens_with_them(
    house: House, ask: Ask, ada: Editor
):
    lea = sign_in(house, ask, Role.EDITOR, "lea@relais.example")
    with writing(house.engine) as connection:
        now = database_now(connection)
        text, _ = tokens.mint(connection, lea.person.id, "cms", [Scope.ARTICLES_READ], now)
    here = f"{PEOPLE}/{lea.person.id}"
    assert ada.post(f"{here}/disable").headers["location"].endswith("?done=disabled")
    assert lea.get("/newsroom/profile").status_code == 303
    bearer = {"Authorization": f"Bearer {text}"}
    assert ask("GET", "/api/v1/articles", headers=bearer).status_code == 401
    assert ada.post(f"{here}/link").status_code == 404
    ada.post(f"{here}/enable")
    assert ask("GET", "/api/v1/articles", headers=bearer).status_code == 200
    assert lea.get("/newsroom/profile").status_code == 303  # the session is gone for good


def test_an_admin_mails_links_ends_sessions_and_revokes_tokens(house: House, ask: Ask, ada: Editor):
    lea = sign_in(house, ask, Role.EDITOR, "lea@relais.example")
    with writing(house.engine) as connection:
        now = database_now(connection)
        _, token = tokens.mint(connection, lea.person.id, "cms", [Scope.ARTICLES_READ], now)
    here = f"{PEOPLE}/{lea.person.id}"
    page = ada.get(here).text
    assert token.hint in page
    ada.post(f"{here}/link")
    give_password(house, lea.person)
    ada.post(f"{here}/link")
    assert (letters_of(house, "invitation"), letters_of(house, "reset")) == (1, 1)
    ada.post(f"{here}/sign-out")
    assert lea.get("/newsroom/profile").status_code == 303
    assert ada.post(f"{PEOPLE}/{ada.person.id}/tokens/{token.id}/revoke").status_code == 404
    assert ada.post(f"{here}/tokens/{token.id}/revoke").status_code == 303
    assert token.hint not in ada.get(here).text


@pytest.mark.parametrize("number", ["99", "9" * 18, "9" * 30, "x"])
def test_nobody_of_a_number_is_no_page(ada: Editor, number: str):
    assert ada.get(f"{PEOPLE}/{number}").status_code == 404
    for deed in ("role", "disable", "enable", "link", "sign-out", "second-factor"):
        typed = {"role": "editor", "sure": "yes"}
        assert ada.post(f"{PEOPLE}/{number}/{deed}", typed).status_code == 404


def test_the_log_tells_who_did_what_and_is_read_by_filters_and_pages(
    house: House, ask: Ask, ada: Editor
):
    lea = sign_in(house, ask, Role.AUTHOR, "lea@relais.example")
    with writing(house.engine) as connection:
        for number in range(60):
            said = {"title": f"<b>{number}</b>"}
            subject = f"article:{number}"
            audit.note(connection, lea.person, "article.withdrawn", subject, said, house.now)
        audit.note(connection, "a program", "something.odd", "thing", {}, house.now)
    ada.post(f"{PEOPLE}/{lea.person.id}/role", {"role": "editor", "seen": "author"})
    first = ada.get("/newsroom/audit").text
    assert "Gave somebody another role" in first
    assert (
        f'<a href="{PEOPLE}/{lea.person.id}"><bdi dir="ltr">lea@relais.example</bdi></a>' in first
    )
    assert "something.odd" in first
    assert "&lt;b&gt;59&lt;/b&gt;" in first
    assert "&lt;b&gt;5&lt;/b&gt;" not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "&lt;b&gt;5&lt;/b&gt;" in ada.get(older).text
    of_lea = ada.get("/newsroom/audit?by=lea%40relais.example&what=articles").text
    assert "Withdrew an article" in of_lea
    assert "Gave somebody another role" not in of_lea
    assert of_lea.count("<code") == 0
    one = ada.get("/newsroom/audit?subject=article:7").text
    assert one.count("Withdrew an article") == 1
    for odd in ("before=x", "before=" + "9" * 40, "what=%25", "by=" + "x" * 9000, "subject=%00"):
        assert ada.get(f"/newsroom/audit?{odd}").status_code == 200
    assert lea.get("/newsroom/audit").status_code == 403
