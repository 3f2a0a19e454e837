"""Signing in: by password, by a second factor, by a link that lets one choose a password."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from asking import Ask, asker, make_app
from house import SITE, House
from newsroom import ON_SQLITE, Stranger, add_person, give_password, sign_in
from pyotp import TOTP
from running import wait_for
from sqlalchemy import select, text, update

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import letters
from colporteur.db.tables.staff import staff_links, users
from colporteur.delivery.letters import read_letter
from colporteur.delivery.limits import Limits
from colporteur.delivery.staff_letters import send_invitation, with_staff_link
from colporteur.staff import audit, links, second_factor, sessions, standing
from colporteur.staff.links import Purpose
from colporteur.staff.people import Person, Role
from colporteur.web.newsroom.people import choosing
from colporteur.web.newsroom.people.gates import DoorGates

KEY = "k" * 32
WORDS = "four words in a row"


@pytest.fixture
def ask(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Who asks; the letters that are written after an answer are, before the test is over."""
    later: list[ThreadPoolExecutor] = []

    def executor(*given: Any) -> ThreadPoolExecutor:
        later.append(ThreadPoolExecutor(*given))
        return later[-1]

    monkeypatch.setattr(choosing, "ThreadPoolExecutor", executor)
    monkeypatch.setattr(choosing, "_LATER_S", 0.01)
    yield asker(make_app(house, tmp_path))
    for one in later:
        one.shutdown()


@pytest.fixture
def ada(house: House) -> Person:
    person = add_person(house, Role.ADMIN, "ada@relais.example")
    give_password(house, person, WORDS)
    return person


def done(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return [one.action for one in audit.noted(connection, limit=50)]


def open_link(house: House, person: Person | None, purpose: Purpose) -> str:
    with writing(house.engine) as connection:
        holder = person.id if person else None
        found = links.make(connection, purpose, holder, database_now(connection))
    return links.path_of(found)


@ON_SQLITE
def test_signing_in_rotates_the_session_and_is_noted(house: House, ask: Ask, ada: Person):
    browser = Stranger(ask)
    first = browser.enter("ADA@relais.example", WORDS, to="/newsroom/people")
    assert (first.status_code, first.headers["location"]) == (303, "/newsroom/people")
    before = browser.cookies["newsroom"]
    assert browser.enter(ada.address, WORDS).status_code == 303
    assert browser.cookies["newsroom"] != before
    with reading(house.engine) as connection:
        assert len(sessions.sessions_of(connection, ada.id)) == 1
        assert sessions.signed_in(connection, before, database_now(connection)) is None
    assert done(house) == ["person.signed_in"] * 2


@ON_SQLITE
def test_unknown_wrong_disabled_and_without_a_password_get_one_answer(
    house: House, ask: Ask, ada: Person
):
    add_person(house, Role.EDITOR, "new@relais.example")
    gone = add_person(house, Role.EDITOR, "gone@relais.example")
    give_password(house, gone, WORDS)
    with writing(house.engine) as connection:
        standing.disable(connection, gone.id, database_now(connection))
    tries = [
        ("ada@relais.example", "four words in a line"),
        ("new@relais.example", WORDS),
        ("gone@relais.example", WORDS),
        ("nobody@relais.example", WORDS),
    ]
    pages, took = set(), []
    for address, password in tries:
        browser = Stranger(ask)
        browser.get("/newsroom/sign-in")
        began = time.perf_counter()
        typed = {"address": address, "password": password}
        answer = browser.post("/newsroom/sign-in", typed)
        took.append(time.perf_counter() - began)
        pages.add(answer.text.replace(address, "").replace(browser.csrf, ""))
        assert answer.status_code == 422
        assert "newsroom=" not in str(answer.headers.get_list("set-cookie"))
    assert len(pages) == 1
    assert min(took) > _time_of_a_hash() / 2  # argon2 ran for each of them
    assert done(house) == []


def _time_of_a_hash() -> float:
    def once() -> float:
        began = time.perf_counter()
        PasswordHasher().hash(WORDS)
        return time.perf_counter() - began

    return min(once(), once())


def weak_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS)


@ON_SQLITE
def test_who_tries_often_waits_and_a_browser_that_signed_in_before_does_not(
    house: House, ask: Ask, ada: Person
):
    known = Stranger(ask)
    assert known.enter(ada.address, WORDS).status_code == 303
    with writing(house.engine) as connection:
        connection.execute(update(users).values(password_hash=weak_hash()))  # soon compared
    thief = Stranger(ask)
    thief.get("/newsroom/sign-in")
    for _ in range(9):
        answer = thief.post("/newsroom/sign-in", {"address": ada.address, "password": "x"})
        assert answer.status_code == 422
    refused = thief.enter(ada.address, WORDS)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    del known.cookies["newsroom"]
    assert known.enter(ada.address, WORDS).status_code == 303


@ON_SQLITE
def test_one_client_can_only_try_so_many_addresses(ask: Ask):
    browser = Stranger(ask)
    browser.get("/newsroom/forgotten")
    codes = [
        browser.post("/newsroom/forgotten", {"address": f"n{n}@relais.example"}).status_code
        for n in range(31)
    ]
    assert codes == [200] * 30 + [429]


@ON_SQLITE
def test_a_hash_of_weaker_days_is_made_anew_and_the_password_stays(
    house: House, ask: Ask, ada: Person
):
    weak = weak_hash()
    with writing(house.engine) as connection:
        connection.execute(update(users).values(password_hash=weak))
    assert Stranger(ask).enter(ada.address, WORDS).status_code == 303
    with reading(house.engine) as connection:
        kept = connection.scalar(select(users.c.password_hash))
    assert kept != weak
    assert Stranger(ask).enter(ada.address, WORDS).status_code == 303


@ON_SQLITE
def test_a_form_that_another_site_filled_in_signs_nobody_in(ask: Ask, ada: Person):
    browser = Stranger(ask)
    browser.get("/newsroom/sign-in")
    typed = {"address": ada.address, "password": WORDS}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post("/newsroom/sign-in", typed, headers=headers).status_code == 422
    assert browser.post("/newsroom/sign-in", typed | {"csrf": "x"}).status_code == 422
    assert "newsroom" not in browser.cookies


@ON_SQLITE
def test_cookies_are_for_this_host_alone_and_not_for_scripts(house: House, tmp_path: Path):
    ada = add_person(house, Role.ADMIN, "ada@relais.example")
    give_password(house, ada, WORDS)
    settings = {"trusted_proxies": "127.0.0.1"}
    browser = Stranger(asker(make_app(house, tmp_path, **settings)))
    secure = {"headers": {"X-Forwarded-Proto": "https"}}
    browser.get("https://localhost/newsroom/sign-in", **secure)
    typed = {"address": ada.address, "password": WORDS}
    entered = browser.post("https://localhost/newsroom/sign-in", typed, **secure)
    assert entered.status_code == 303
    kept = entered.headers.get_list("set-cookie")
    for one in kept:
        assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(one.split("; "))
        assert "Domain" not in one
    assert any(one.startswith("__Host-newsroom=") and "; Path=/;" in one for one in kept)


# The second factor


def turn_on(house: House, person: Person) -> tuple[TOTP, list[str]]:
    """Somebody's phone, and their recovery codes."""
    with writing(house.engine) as connection:
        now = database_now(connection)
        second_factor.begin(connection, KEY, person.id)
        secret = second_factor.waiting_secret(connection, KEY, person.id)
        assert secret is not None
        phone = TOTP(secret)
        code = phone.at(now - timedelta(seconds=30))
        codes = second_factor.turn_on(connection, KEY, person.id, code, now)
    return phone, [*codes]


@ON_SQLITE
def test_with_a_second_factor_the_password_alone_opens_nothing(house: House, ask: Ask, ada: Person):
    phone, codes = turn_on(house, ada)
    browser = Stranger(ask)
    half = browser.enter(ada.address, WORDS, to="/newsroom/people")
    assert half.headers["location"] == "/newsroom/sign-in/code?to=/newsroom/people"
    assert "newsroom" not in browser.cookies
    assert 'value="/newsroom/people"' in browser.get(half.headers["location"]).text
    wrong = browser.post("/newsroom/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 422
    code = phone.now()
    entered = browser.post("/newsroom/sign-in/code", {"code": f" {code[:3]} {code[3:]}"})
    assert entered.status_code == 303
    assert browser.cookies["newsroom"]
    again = Stranger(ask)
    again.enter(ada.address, WORDS)
    assert again.post("/newsroom/sign-in/code", {"code": code}).status_code == 422
    assert again.post("/newsroom/sign-in/code", {"code": codes[3].lower()}).status_code == 303
    third = Stranger(ask)
    third.enter(ada.address, WORDS)
    assert third.post("/newsroom/sign-in/code", {"code": codes[3]}).status_code == 422
    assert done(house).count("person.code_refused") == 3


@ON_SQLITE
def test_codes_are_tried_so_often_only(house: House, ask: Ask, ada: Person):
    phone, _ = turn_on(house, ada)
    browser = Stranger(ask)
    browser.enter(ada.address, WORDS)
    codes = [
        browser.post("/newsroom/sign-in/code", {"code": "000000"}).status_code for _ in range(6)
    ]
    assert codes == [422] * 5 + [429]
    assert browser.post("/newsroom/sign-in/code", {"code": phone.now()}).status_code == 429


@ON_SQLITE
def test_a_code_without_the_password_before_it_opens_nothing(house: House, ask: Ask, ada: Person):
    phone, _ = turn_on(house, ada)
    browser = Stranger(ask)
    browser.enter(ada.address, WORDS)
    give_password(house, ada, "four other words in a row")
    browser.get("/newsroom/sign-in/code")
    assert browser.post("/newsroom/sign-in/code", {"code": phone.now()}).status_code == 422
    assert "newsroom" not in browser.cookies


# Links


@ON_SQLITE
def test_the_first_admin_comes_in_by_a_link_that_opens_once(house: House, ask: Ask):
    path = open_link(house, None, Purpose.FIRST)
    browser = Stranger(ask)
    page = browser.get(path)
    assert page.status_code == 200
    assert path.rpartition("/")[2] not in page.text
    typed = {"address": "ada@relais.example", "name": "Ada", "password": WORDS}
    short = browser.post(path, typed | {"password": "short", "password_again": "short"})
    assert short.status_code == 422
    assert "short" not in short.text.replace("Take at least", "")
    twice = browser.post(path, typed | {"password_again": "four words in a line"})
    assert "The two are not the same." in twice.text
    assert browser.post(path, typed | {"password_again": WORDS}).status_code == 303
    assert browser.get(path).status_code == 404
    assert browser.enter("ada@relais.example", WORDS).status_code == 303
    assert browser.get("/newsroom/people").status_code == 200
    later = open_link(house, None, Purpose.FIRST)
    assert browser.get(later).status_code == 404  # somebody has a password


@ON_SQLITE
def test_choosing_a_password_ends_sessions_and_every_other_link(
    house: House, ask: Ask, ada: Person
):
    browser = Stranger(ask)
    browser.enter(ada.address, WORDS)
    old = open_link(house, ada, Purpose.RESET)
    path = open_link(house, ada, Purpose.RESET)
    assert browser.get(old).status_code == 404
    other = Stranger(ask)
    other.get(path)
    chosen = "four other words in a row"
    typed = {"password": chosen, "password_again": chosen}
    assert other.post(path, typed).status_code == 303
    assert other.post(path, typed).status_code == 404
    assert browser.get("/newsroom/profile").status_code == 303
    assert Stranger(ask).enter(ada.address, WORDS).status_code == 422
    assert Stranger(ask).enter(ada.address, chosen).status_code == 303


@ON_SQLITE
@pytest.mark.parametrize("state", ["over", "disabled", "strange"])
def test_a_link_that_does_not_open_says_so_and_changes_nothing(
    house: House, ask: Ask, ada: Person, state: str
):
    lea = add_person(house, Role.EDITOR, "lea@relais.example")
    path = open_link(house, lea, Purpose.INVITED)
    with writing(house.engine) as connection:
        if state == "over":
            connection.execute(update(staff_links).values(ends_at=house.now))
        if state == "disabled":
            standing.disable(connection, lea.id, database_now(connection))
    path = f"{path[:-1]}é%00{'x' * 9000}" if state == "strange" else path
    browser = Stranger(ask)
    browser.get("/newsroom/sign-in")
    assert browser.get(path).status_code == 404
    typed = {"password": WORDS, "password_again": WORDS}
    assert browser.post(path, typed).status_code == 404
    with reading(house.engine) as connection:
        assert not standing.has_password(connection, lea.id)


@ON_SQLITE
def test_forgetting_a_password_is_answered_alike_and_mailed_to_who_is_here(
    house: House, ask: Ask, ada: Person
):
    pages = set()
    for address in ("ADA@relais.example", "nobody@relais.example"):
        browser = Stranger(ask)
        browser.get("/newsroom/forgotten")
        answer = browser.post("/newsroom/forgotten", {"address": address})
        pages.add(answer.text.replace(browser.csrf, ""))
    assert len(pages) == 1
    wait_for(lambda: written(house), 5)  # later than the answer, which would tell by its time
    path = mailed(house, "reset", ada)
    browser = Stranger(ask)
    assert browser.get(path).status_code == 200
    chosen = "four other words in a row"
    browser.post(path, {"password": chosen, "password_again": chosen})
    assert browser.enter(ada.address, chosen).status_code == 303


def written(house: House) -> int:
    with reading(house.engine) as connection:
        return len(connection.execute(select(letters)).all())


def test_letters_to_an_address_are_few_however_it_is_spelled():
    gates = DoorGates(Limits(Settings(secret_key=KEY)), KEY)
    spelled = [
        "ada@relais.example",
        "ADA@relais.example",
        " ada@Relais.example",
        "Ada@relais.example",
    ]
    assert [gates.letter(one) for one in spelled] == [True, True, True, False]
    assert gates.letter("lea@relais.example")


def mailed(house: House, message: str, person: Person) -> str:
    """Where the one letter of a kind leads, as it leaves; its row alone leads nowhere."""
    with reading(house.engine) as connection:
        row = connection.execute(select(letters).where(letters.c.message == message)).one()
        letter = read_letter(connection, row.id)
        stored = str(connection.execute(text("SELECT * FROM staff_links")).all()) + str(row)
    assert letter.address == person.address
    url = with_staff_link(letter, KEY, SITE).content["link_url"]
    token = re.fullmatch(rf"{SITE}/newsroom/password/([\w-]+)", url)
    assert token is not None
    assert token[1] not in stored
    elsewhere = with_staff_link(letter, "another" * 6, SITE).content["link_url"]
    assert elsewhere == f"{SITE}/newsroom/forgotten"
    return url.removeprefix(SITE)


@ON_SQLITE
def test_an_invitation_opens_for_who_was_invited(house: House, ask: Ask):
    lea = add_person(house, Role.EDITOR, "lea@relais.example")
    with writing(house.engine) as connection:
        send_invitation(connection, KEY, lea, "Ada", database_now(connection))
    page = Stranger(ask).get(mailed(house, "invitation", lea))
    assert lea.address in page.text


@ON_SQLITE
def test_the_outbox_is_open_to_who_may_see_readers_and_hides_links_of_others(
    house: House, tmp_path: Path
):
    here = "http://localhost:8000"
    app = make_app(house, tmp_path, base_url=here)
    far = asker(app, client="203.0.113.9")
    folder = tmp_path / "outbox" / "new"
    folder.mkdir(parents=True)
    lea = add_person(house, Role.EDITOR, "lea@relais.example")
    with writing(house.engine) as connection:
        send_invitation(connection, KEY, lea, "Ada", database_now(connection))
        number = connection.scalar(select(letters.c.id))
    head = "Subject: To a reader\nTo: b@example.org\n"
    (folder / "1").write_text(f"{head}Message-ID: <edition-1.x@relais.example>\n\nA\n")
    head = "Subject: To a colleague\nTo: lea@relais.example\n"
    (folder / "2").write_text(f"{head}Message-ID: <letter-{number}.x@relais.example>\n\nA\n")
    assert far("GET", "/outbox").status_code == 404
    assert sign_in(house, far, Role.AUTHOR).get("/outbox").status_code == 404
    editor = sign_in(house, far, Role.EDITOR)
    assert "To a reader" in editor.get("/outbox").text
    assert "To a colleague" not in editor.get("/outbox").text
    assert [editor.get(f"/outbox/2{path}").status_code for path in ("", "/frame")] == [404, 404]
    assert "To a colleague" in sign_in(house, far, Role.ADMIN).get("/outbox").text
