"""Every place of the newsroom and every operation of the API, with whom it lets in."""

import re
from pathlib import Path

import pytest
from asking import Ask
from house import SITE, TEMPLATES, House
from newsroom import ON_SQLITE, sign_in

from colporteur.config import Settings
from colporteur.staff.people import Role
from colporteur.tasks import Runtime
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.routes import places
from colporteur.web.pages import Pages

TABLE = Path(__file__).with_name("roles.txt")
NOT_FOR_YOU = "This is not for your role"


def every_place(house: House) -> list[Place]:
    runtime = Runtime(Settings(secret_key="k" * 32, base_url=SITE), house.engine, TEMPLATES)
    return places(Room(runtime, Pages(runtime)))


def line(place: Place, roles: list[str]) -> str:
    return f"{place.method:4} {place.path:52} {' '.join(roles)}".rstrip()


@ON_SQLITE
def test_every_place_lets_in_whom_the_table_names_and_nobody_else(house: House, ask: Ask) -> None:
    """Tried, not read: a form without its mark is refused for that only where the role allows it."""
    staff = [sign_in(house, ask, role) for role in Role]
    met: dict[str, list[str]] = {}
    for place in every_place(house):
        path = re.sub(r"\{\w+(:\w+)?\}", "1", place.path)
        let_in = []
        for one in staff:
            one.csrf = "none"
            answer = one.get(path) if place.method == "GET" else one.post(path, {"csrf": "none"})
            assert answer.status_code < 500, (place.path, one.person.role)
            if NOT_FOR_YOU not in answer.text:
                let_in.append(one.person.role.value)
        met[line(place, [])] = let_in
    table = sorted(f"{name:57} {' '.join(let_in)}".rstrip() for name, let_in in met.items())
    assert table == TABLE.read_text().splitlines()


@ON_SQLITE
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_gets_in_without_signing_in(house: House, ask: Ask, method: str) -> None:
    for place in every_place(house):
        if place.method == method:
            path = re.sub(r"\{\w+(:\w+)?\}", "1", place.path)
            answer = ask(method, path)
            assert answer.status_code in {303, 401}, place.path
            assert answer.headers.get("location", "").startswith("/newsroom/sign-in?") or (
                answer.status_code == 401
            )
