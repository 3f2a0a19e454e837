"""Signing in and out."""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from colporteur.clock import utcnow
from colporteur.db import reading, writing
from colporteur.exceptions import TokenInvalid
from colporteur.staff import credentials, sessions, signing_in
from colporteur.staff.credentials import Known
from colporteur.staff.signing_in import Browser
from colporteur.tokens import fingerprint, make_passing, read_passing
from colporteur.web.bodies import Form, read_form
from colporteur.web.clients import client_of
from colporteur.web.newsroom.cookies import (
    cookie_of,
    drop_cookie,
    drop_short,
    keep_short,
    set_cookie,
    short_cookie,
)
from colporteur.web.newsroom.forms import read_sent
from colporteur.web.newsroom.people.doorway import SIGN_IN, Doorway, inside, minutes, waiting
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import HEADERS, Room
from colporteur.web.newsroom.visiting import Visit

_KNOWN_COOKIE = "newsroom_known"
_KNOWN_FOR_S = 365 * 86_400
_HALF_COOKIE = "newsroom_half"
_HALF_FOR = timedelta(minutes=10)
_HALF = "second-factor"
_CODE = f"{SIGN_IN}/code"
_LONGEST_ADDRESS = 320


def signing_in_routes(room: Room) -> list[BaseRoute]:
    """The pages to sign in, which nobody needs to be signed in for."""
    door = _Door(Doorway(room))
    return [
        Route(SIGN_IN, door.look, methods=["GET"]),
        Route(SIGN_IN, door.enter, methods=["POST"]),
        Route(_CODE, door.look_for_code, methods=["GET"]),
        Route(_CODE, door.prove, methods=["POST"]),
    ]


def door_places(room: Room) -> list[Place]:
    """What is done at the door by whoever is signed in."""
    return [Place("POST", "/newsroom/sign-out", None, _Leaving(room).leave)]


class _Leaving:
    """Signing out."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def leave(self, visit: Visit) -> Response:
        """End this session, and have the browser forget what it showed."""
        with writing(self._room.runtime.engine) as connection:
            sessions.end(connection, visit.session.id, visit.person.id)
        headers = {**HEADERS, "Clear-Site-Data": '"cache"'}
        response = RedirectResponse(SIGN_IN, 303, headers=headers)
        drop_cookie(visit.request, response)
        return response


class _Door:
    """The pages to sign in."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._engine = doorway.runtime.engine

    async def look(self, request: Request) -> Response:
        """The form."""
        asked = read_form(request.url.query[:8000].encode())
        return await run_in_threadpool(self._form, request, asked)

    async def enter(self, request: Request) -> Response:
        """Sign in, and go on with what was wanted."""
        sent, _ = await read_sent(request, 0)
        return await run_in_threadpool(self._enter, request, sent)

    async def look_for_code(self, request: Request) -> Response:
        """The form for the second factor."""
        asked = read_form(request.url.query[:8000].encode())
        return await run_in_threadpool(self._code_form, request, asked)

    async def prove(self, request: Request) -> Response:
        """Sign in who has their second factor too."""
        sent, _ = await read_sent(request, 0)
        return await run_in_threadpool(self._prove, request, sent)

    # Address and password

    def _form(
        self, request: Request, said: Form, fault: str = "", code: int = 200, wait: int = 0
    ) -> Response:
        return self._doorway.page(
            request,
            "sign_in",
            "Sign in",
            code=code,
            to=inside(said.one("to")),
            address=said.one("address")[:_LONGEST_ADDRESS],
            done=said.one("done"),
            fault=fault,
            wait=wait,
        )

    def _enter(self, request: Request, sent: Form) -> Response:
        if not self._doorway.own_form(request, sent):
            return self._form(request, sent, "form", 422)
        address = sent.one("address")
        browser = short_cookie(request, _KNOWN_COOKIE)
        wait = self._doorway.gates.password(client_of(request), address, browser)
        if wait:
            return waiting(self._form(request, sent, "wait", 429, minutes(wait)), wait)
        password = "".join(sent.all("password")[-1:])
        known = signing_in.recognise(self._engine, address, password)
        if known is None:
            return self._form(request, sent, "wrong", 422)
        if known.second_factor:
            return self._ask_for_code(request, known, inside(sent.one("to")))
        return self._let_in(request, known, sent)

    def _let_in(self, request: Request, known: Known, sent: Form) -> Response:
        """In, on a new session: whatever the browser held before opens nothing more."""
        agent = request.headers.get("user-agent", "")
        browser = Browser(agent, client_of(request) or None, cookie_of(request))
        entered = signing_in.enter(self._engine, known, browser)
        if entered is None:
            return self._form(request, sent, "wrong", 422)
        response = RedirectResponse(inside(sent.one("to")), 303, headers=HEADERS)
        set_cookie(request, response, entered)
        drop_short(request, response, _HALF_COOKIE)
        mark = self._doorway.gates.remember(known.person.address)
        keep_short(request, response, _KNOWN_COOKIE, mark, seconds=_KNOWN_FOR_S)
        return response

    # The second factor

    def _ask_for_code(self, request: Request, known: Known, to: str) -> Response:
        """Lead on to it: this browser may try for some minutes, while the password is the same."""
        mark, until = self._password_mark(known), utcnow() + _HALF_FOR
        half = make_passing(self._doorway.key, _HALF, known.person.id, until, mark)
        response = self._doorway.lead(f"{_CODE}?to={to}")
        lasts = int(_HALF_FOR.total_seconds())
        keep_short(request, response, _HALF_COOKIE, half, seconds=lasts)
        return response

    def _code_form(
        self, request: Request, said: Form, fault: str = "", code: int = 200, wait: int = 0
    ) -> Response:
        return self._doorway.page(
            request,
            "sign_in_code",
            "The code of your phone",
            code=code,
            to=inside(said.one("to")),
            fault=fault,
            wait=wait,
        )

    def _prove(self, request: Request, sent: Form) -> Response:
        known = self._half_in(request)
        if known is None or not self._doorway.own_form(request, sent):
            return self._form(request, sent, "form", 422)
        wait = self._doorway.gates.code(known.person.id)
        if wait:
            return waiting(self._code_form(request, sent, "wait", 429, minutes(wait)), wait)
        if not signing_in.prove(self._engine, self._doorway.key, known, sent.one("code")):
            return self._code_form(request, sent, "wrong", 422)
        return self._let_in(request, known, sent)

    def _half_in(self, request: Request) -> Known | None:
        """Who gave their password to this browser a moment ago."""
        half = short_cookie(request, _HALF_COOKIE)
        try:
            person_id, mark = read_passing(self._doorway.key, _HALF, half, utcnow())
        except TokenInvalid:
            return None
        with reading(self._engine) as connection:
            known = credentials.of_person(connection, person_id)
        return known if known and self._password_mark(known) == mark else None

    def _password_mark(self, known: Known) -> str:
        return fingerprint(self._doorway.key, _HALF, known.password_hash or "")
