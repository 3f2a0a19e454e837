"""Somebody of the newsroom at their browser, asking over ASGI."""

import html
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
import pytest
from asking import Ask
from house import House
from playwright.sync_api import Page

from colporteur.db import database_now, writing
from colporteur.staff import credentials, people, sessions
from colporteur.staff.passwords import hashed
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


@dataclass
class Stranger:
    """Somebody at a browser of their own, before anybody is signed in: it keeps its cookies."""

    ask: Ask
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = field(default="", repr=False)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page; it is remembered for the mark that its form carries."""
        return self._keep(self.ask("GET", path, **self._mine(options)))

    def post(self, path: str, data: dict[str, Any], **options: Any) -> httpx.Response:
        """A form, with the mark of the page before."""
        sent = {"csrf": self.csrf} | data
        return self._keep(self.ask("POST", path, data=sent, **self._mine(options)))

    def enter(self, address: str, password: str, **more: Any) -> httpx.Response:
        """Open the form to sign in, fill it in and send it."""
        self.get("/newsroom/sign-in")
        return self.post("/newsroom/sign-in", {"address": address, "password": password} | more)

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        if found := re.search(r'name="csrf" value="([^"]+)"', answer.text):
            self.csrf = html.unescape(found[1])
        return answer

    def _mine(self, options: dict[str, Any]) -> dict[str, Any]:
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        headers = {"Accept-Language": "en"} | ({"Cookie": held} if held else {})
        return {"headers": headers | options.pop("headers", {}), **options}


def give_password(house: House, person: Person, password: str = "four words in a row") -> str:
    """Let somebody sign in through the form; their password."""
    kept = _hashed_once(password)
    with writing(house.engine) as connection:
        credentials.keep_password(connection, person.id, kept, database_now(connection))
    return password


@cache
def _hashed_once(password: str) -> str:
    return hashed(password)  # slow on purpose


def sign_in_at(page: Page, site: str, address: str, password: str, to: str = "") -> None:
    """Sign in through the real form, in a browser; ``to`` is where it leads on."""
    page.goto(f"{site}/newsroom/sign-in?to={to}")
    page.fill("#address", address)
    page.fill("#password", password)
    page.click("form button")
    page.wait_for_url(re.compile(r"/newsroom/(?!sign-in)"))
