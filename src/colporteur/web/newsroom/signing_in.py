"""Signing in and out."""

import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from colporteur.db import database_now, writing
from colporteur.staff import sessions, signing_in
from colporteur.tokens import fingerprint
from colporteur.web.bodies import Form, read_form
from colporteur.web.clients import client_of
from colporteur.web.newsroom.cookies import drop_cookie, set_cookie
from colporteur.web.newsroom.forms import read_sent
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import HEADERS, Room, same_site
from colporteur.web.newsroom.visiting import Visit

_FORM_COOKIE = "newsroom_form"
_HOME = "/newsroom/"


def signing_in_routes(room: Room) -> list[BaseRoute]:
    """The page to sign in; it is the only one that nobody needs to be signed in for."""
    door = _Door(room)
    return [
        Route("/newsroom/sign-in", door.look, methods=["GET"]),
        Route("/newsroom/sign-in", door.enter, methods=["POST"]),
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
        response = RedirectResponse("/newsroom/sign-in", 303, headers=headers)
        drop_cookie(visit.request, response)
        return response


class _Door:
    """The page to sign in."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def look(self, request: Request) -> Response:
        """The form; whoever is signed in is led on."""
        asked = read_form(request.url.query[:8000].encode())
        return await run_in_threadpool(self._form, request, to=asked.one("to"))

    async def enter(self, request: Request) -> Response:
        """Sign in, and go on with what was wanted."""
        sent, _ = await read_sent(request, 0)
        return await run_in_threadpool(self._enter, request, sent)

    def _form(
        self,
        request: Request,
        *,
        to: str = "",
        address: str = "",
        fault: str = "",
        kept: list[tuple[str, str]] | None = None,
    ) -> Response:
        tag = self._room.language_of(request, None)
        mark = request.cookies.get(_FORM_COOKIE, "") or secrets.token_urlsafe(16)
        words = self._room.runtime.templates.catalogue(tag)
        response = self._room.plain(
            tag,
            "sign_in",
            words.gettext("Sign in"),
            code=422 if fault else 200,
            csrf_token=self._csrf(mark),
            to=_inside(to),
            address=address[:320],
            fault=fault,
            kept=kept or [],
        )
        response.set_cookie(
            _FORM_COOKIE, mark, path="/newsroom/sign-in", httponly=True, samesite="lax"
        )
        return response

    def _enter(self, request: Request, sent: Form) -> Response:
        mark = request.cookies.get(_FORM_COOKIE, "")
        to, address = sent.one("to"), sent.one("address")
        if not mark or sent.one("csrf") != self._csrf(mark) or not same_site(request):
            return self._form(request, to=to, address=address, fault="form")
        with writing(self._room.runtime.engine) as connection:
            entered = signing_in.enter(
                connection,
                address,
                "".join(sent.all("password")[-1:]),
                agent=request.headers.get("user-agent", ""),
                ip=client_of(request),
                now=database_now(connection),
            )
        if entered is None:
            return self._form(request, to=to, address=address, fault="wrong")
        response = RedirectResponse(_inside(to), 303, headers=HEADERS)
        set_cookie(request, response, entered)
        return response

    def _csrf(self, mark: str) -> str:
        return fingerprint(self._room.runtime.settings.secret_key, "sign-in", mark)


def _inside(to: str) -> str:
    """A page of the newsroom to go on to; never another site's, which an address may name."""
    fine = to.startswith("/newsroom/") and to.isprintable() and "\\" not in to and "//" not in to
    return to if fine else _HOME
