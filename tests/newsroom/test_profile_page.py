"""What somebody settles for themselves: password, second factor, sessions, tokens."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import House
from newsroom import ON_SQLITE, Editor, Stranger, give_password, sign_in
from pyotp import TOTP
from sqlalchemy import update

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.staff import api_tokens, users
from colporteur.staff import audit, sessions, standing, tokens
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

PROFILE = "/newsroom/profile"
WORDS, OTHERS = "four words in a row", "four other words in a row"
pytestmark = ON_SQLITE


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def lea(house: House, ask: Ask) -> Editor:
    found = sign_in(house, ask, Role.EDITOR, "lea@relais.example")
    give_password(house, found.person, WORDS)
    return sign_in(house, ask, Role.EDITOR, "lea@relais.example")


def noted(house: House) -> list[tuple[str, dict[str, object]]]:
    with reading(house.engine) as connection:
        return [(one.action, one.detail) for one in audit.noted(connection, limit=20)]


def test_name_and_language_are_ones_own_choice(house: House, lea: Editor):
    assert 'lang="en"' in lea.get(PROFILE).text
    kept = lea.post(PROFILE, {"name": "Léa <b>", "language": "ar"})
    assert kept.headers["location"] == f"{PROFILE}?done=kept"
    page = lea.get(PROFILE).text
    assert '<html lang="ar" dir="rtl">' in page
    assert "Léa &lt;b&gt;" in page
    assert noted(house)[0] == ("person.described", {"name": "Léa <b>"})


def test_a_name_that_is_none_is_said_beside_its_field_and_kept_as_typed(lea: Editor):
    answer = lea.post(PROFILE, {"name": "x" * 10_000, "language": "fr"})
    assert answer.status_code == 422
    assert 'aria-describedby="name-fault"' in answer.text
    assert f'value="{"x" * 1000}"' in answer.text


def test_another_password_asks_for_the_present_one_and_signs_out_elsewhere(
    house: House, ask: Ask, lea: Editor
):
    elsewhere = sign_in(house, ask, Role.EDITOR, "lea@relais.example")
    typed = {"present_password": "wrong", "password": OTHERS, "password_again": OTHERS}
    refused = lea.post(f"{PROFILE}/password", typed)
    assert "This is not your password." in refused.text
    assert OTHERS not in refused.text
    short = lea.post(f"{PROFILE}/password", typed | {"password": "short"})
    assert "Take at least 12 characters." in short.text
    before = lea.cookie
    done = lea.post(f"{PROFILE}/password", typed | {"present_password": WORDS})
    assert done.headers["location"] == f"{PROFILE}?done=password"
    lea.cookie = done.cookies["newsroom"]
    assert lea.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 303
    lea.cookie = before
    assert lea.get(PROFILE).status_code == 303
    assert Stranger(ask).enter("lea@relais.example", OTHERS).status_code == 303
    assert noted(house)[1][0] == "person.password"


def test_sessions_are_listed_and_ended_by_their_holder_alone(house: House, ask: Ask, lea: Editor):
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    with writing(house.engine) as connection:
        now = database_now(connection)
        sessions.begin(connection, lea.person, agent=agent, ip="203.0.113.9", now=now)
        of_lea = sessions.sessions_of(connection, lea.person.id)
    there = next(one for one in of_lea if one.agent == agent)
    assert "Firefox, Linux" in lea.get(PROFILE).text
    stranger = sign_in(house, ask, Role.ADMIN)
    stranger.post(f"{PROFILE}/sessions/{there.id}/end")
    assert "Firefox, Linux" in lea.get(PROFILE).text
    assert lea.post(f"{PROFILE}/sessions/{there.id}/end").status_code == 303
    assert "Firefox, Linux" not in lea.get(PROFILE).text
    lea.post(f"{PROFILE}/sessions/end")
    with reading(house.engine) as connection:
        assert len(sessions.sessions_of(connection, lea.person.id)) == 1


def test_the_second_factor_is_turned_on_by_a_code_and_off_by_the_password(
    house: House, lea: Editor
):
    here = f"{PROFILE}/second-factor"
    assert lea.post(here, {"do": "begin", "present_password": "no"}).status_code == 422
    assert lea.post(here, {"do": "begin", "present_password": WORDS}).status_code == 303
    page = lea.get(here)
    assert page.headers["cache-control"] == "no-store"
    assert "data:image/svg+xml" in page.text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert secret is not None
    assert lea.post(here, {"do": "prove", "code": "000000"}).status_code == 422
    with reading(house.engine) as connection:
        step = database_now(connection) - timedelta(seconds=30)
    shown = lea.post(here, {"do": "prove", "code": TOTP(secret[1].replace(" ", "")).at(step)})
    codes = re.findall(r"<code>((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})</code>", shown.text)
    assert len(set(codes)) == 10
    later = lea.get(here).text
    assert "10 recovery codes are left" in later
    assert not any(one in later or secret[1] in later for one in codes)
    anew = lea.post(here, {"do": "codes", "present_password": WORDS})
    assert codes[0] not in anew.text
    assert lea.post(here, {"do": "off", "present_password": WORDS}).status_code == 303
    actions = [action for action, _ in noted(house)]
    assert actions == ["person.factor_off", "person.new_codes", "person.factor_on"]
    with reading(house.engine) as connection:
        assert str(connection.execute(users.select()).all()).count("totp") == 0


def test_a_token_is_shown_once_and_allows_no_more_than_the_role(
    house: House, ask: Ask, lea: Editor
):
    here = f"{PROFILE}/tokens"
    offered = lea.get(here).text
    assert 'value="editions:write"' in offered
    assert 'value="editions:approve"' not in offered
    wanted = {"name": "our <CMS>", "scope": ["articles:read", "editions:approve"], "days": "30"}
    made = lea.post(here, wanted)
    text = re.search(r"col_[\w-]{43}", html.unescape(made.text))
    assert text is not None
    assert made.headers["cache-control"] == "no-store"
    assert text[0] not in lea.get(here).text
    assert "our &lt;CMS&gt;" in lea.get(here).text
    twice = lea.post(here, wanted)  # a second click
    assert "You have a token of this name that works." in twice.text
    with reading(house.engine) as connection:
        (token,) = tokens.of_person(connection, lea.person.id)
        known = tokens.valid(connection, text[0], database_now(connection))
    assert known == token
    assert token.scopes == {Scope.ARTICLES_READ}
    assert token.expires_at == token.created_at + timedelta(days=30)
    other = sign_in(house, ask, Role.EDITOR, "other@relais.example")
    assert other.post(f"{here}/{token.id}/revoke").status_code == 404
    assert lea.post(f"{here}/{token.id}/revoke").status_code == 303
    with reading(house.engine) as connection:
        assert tokens.valid(connection, text[0], database_now(connection)) is None


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "x" * 10_000, "scope": "articles:read"},
        {"name": "cms", "scope": "everything"},
        {"name": "", "scope": "articles:read", "days": "-5"},
    ],
)
def test_a_token_that_cannot_be_is_refused_with_what_was_typed(lea: Editor, typed: dict[str, str]):
    answer = lea.post(f"{PROFILE}/tokens", typed)
    assert answer.status_code == 422
    assert 'class="fault"' in answer.text
    assert f'value="{typed["name"][:1000]}"' in answer.text


def test_tokens_that_end_answer_alike(house: House, ask: Ask, lea: Editor):
    with writing(house.engine) as connection:
        now = database_now(connection)
        scopes = [Scope.ARTICLES_READ]
        made = [tokens.mint(connection, lea.person.id, name, scopes, now) for name in "abc"]
        tokens.revoke(connection, made[0][1].hint, now)
        ended = update(api_tokens).where(api_tokens.c.id == made[1][1].id)
        connection.execute(ended.values(expires_at=house.now))
        standing.disable(connection, lea.person.id, now)
    answers = set()
    for text in [*(text for text, _ in made), "col_" + "x" * 43, "nothing"]:
        headers = {"Authorization": f"Bearer {text}"}
        answer = ask("GET", "/api/v1/articles", headers=headers)
        answers.add((answer.status_code, answer.text, answer.headers["www-authenticate"]))
    assert len(answers) == 1
    assert answers.pop()[0] == 401


def test_what_a_token_allows_is_said_in_words(house: House, ask: Ask):
    page = sign_in(house, ask, Role.ADMIN).get("/newsroom/profile/tokens").text
    said = dict(re.findall(r'value="([a-z:]+)"[^>]*>\s*<span>([^<]+)</span>', page))
    assert "subscribers:write" in said
    assert [name for name, words in said.items() if words.strip() == name] == []
