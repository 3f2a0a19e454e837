"""Somebody of the newsroom at their browser, asking over ASGI."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from asking import Ask
from house import House

from colporteur.db import database_now, writing
from colporteur.staff import people, sessions
from colporteur.staff.people import Person, Role
from colporteur.web.newsroom.cookies import _NAME

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what a page says, once the stores behind it have been tried on both databases."""


def add_person(house: House, role: Role = Role.EDITOR, address: str = "") -> Person:
    """Somebody of a role."""
    with writing(house.engine) as connection:
        where = address or f"{role}@relais.example"
        return people.add(connection, where, name=role.title(), role=role, now=house.now)[0]


@dataclass
class Editor:
    """Somebody who is signed in."""

    ask: Ask
    person: Person
    cookie: str
    csrf: str = field(default="", repr=False)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page; it is remembered for the mark that its forms carry."""
        answer = self.ask("GET", path, **self._mine(options))
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = html.unescape(found[1])
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """A form, with the mark that the pages of this session carry."""
        if not self.csrf:
            self.get("/newsroom/profile")
        sent = {"csrf": self.csrf} | (data or {})
        return self.ask("POST", path, data=sent, **self._mine(options))

    def _mine(self, options: dict[str, Any]) -> dict[str, Any]:
        given = options.pop("headers", {})
        headers = {"Accept-Language": "en", "Cookie": f"{_NAME}={self.cookie}"}
        return {"headers": headers | given, **options}


def sign_in(house: House, ask: Ask, role: Role = Role.EDITOR, address: str = "") -> Editor:
    """Somebody of a role, signed in since now (by the database's clock)."""
    person = add_person(house, role, address)
    with writing(house.engine) as connection:
        now = database_now(connection)
        text = sessions.begin(connection, person, agent="a test", ip=None, now=now)
    return Editor(ask, person, text)
