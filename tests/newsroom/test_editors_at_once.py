"""Two people who send forms of the same thing at the same moment."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from asking import Ask, asker, make_app
from house import House
from newsroom import Editor, sign_in
from sqlalchemy import func, select

from colporteur.db import reading
from colporteur.db.tables.staff import api_tokens, staff_links
from colporteur.staff.people import Role

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
pytestmark = ON_POSTGRESQL
Pair = tuple[Editor, Editor]


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def pair(house: House, ask: Ask) -> Pair:
    both = [sign_in(house, ask, Role.ADMIN, f"{name}@relais.example") for name in ("ada", "bea")]
    for one in both:
        one.get("/newsroom/profile")
    return both[0], both[1]


def hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, name
    return html.unescape(found[1])


def at_once(pair: Pair, path: str, *typed: dict[str, str]) -> list[int]:
    """The codes of both answers, in order."""
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(who.post, path, one) for who, one in zip(pair, typed, strict=True)]
        return sorted(one.result().status_code for one in sent)


def test_of_two_who_change_an_article_at_once_one_is_told_of_the_other(pair: Pair):
    key = hidden(pair[0].get("/newsroom/articles/new"), "key")
    typed = {"title": "Un titre", "text": "Un texte.", "language": "fr"}
    made = pair[0].post("/newsroom/articles/new", typed | {"key": key, "do": "publish"})
    path = made.headers["location"].partition("?")[0] + "/edit"
    for turn in range(3):
        typed["seen"] = hidden(pair[0].get(path), "seen")
        both = [typed | {"title": f"{who.person.address} {turn}"} for who in pair]
        assert at_once(pair, path, *both) == [303, 409]


def test_of_two_who_change_settings_at_once_one_is_told_of_the_other(pair: Pair):
    path = "/newsroom/settings/topics/new"
    for turn in range(3):
        seen = hidden(pair[0].get(path), "seen")
        names = [f"{who.person.name} {who.person.id} {turn}" for who in pair]
        both = [
            {"name.fr": one, "name.ar": one, "name.en": one, "seen": seen, "step": "apply"}
            for one in names
        ]
        assert at_once(pair, path, *both) == [303, 409]


def test_a_button_pressed_twice_at_once_invites_once_and_makes_one_token(house: House, pair: Pair):
    ada = pair[0]
    twice = (ada, ada)
    guest = {"address": "new@relais.example", "name": "New", "role": "author"}
    assert at_once(twice, "/newsroom/people", guest, guest) == [303, 422]
    token = {"name": "cms", "scope": "articles:read", "days": "30"}
    assert at_once(twice, "/newsroom/profile/tokens", token, token) == [200, 422]
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(staff_links)) == 1
        assert connection.scalar(select(func.count()).select_from(api_tokens)) == 1
