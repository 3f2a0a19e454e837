"""Choosing a password by a link that was mailed or printed; and asking for such a link."""

import time
from concurrent.futures import ThreadPoolExecutor

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from colporteur.db import database_now, reading, writing
from colporteur.delivery.staff_letters import send_reset
from colporteur.exceptions import AddressRefused, ColporteurError
from colporteur.staff import audit, credentials, links, people
from colporteur.staff.links import Link, Purpose
from colporteur.staff.passwords import AT_LEAST, check_choice, hashed
from colporteur.staff.people import Role
from colporteur.web.bodies import Form
from colporteur.web.newsroom.forms import read_sent
from colporteur.web.newsroom.people.doorway import SIGN_IN, Doorway, minutes, waiting
from colporteur.web.newsroom.people.passwords import fault_of
from colporteur.web.newsroom.room import Room

_LONGEST = 320
_LATER_S = 0.2  # when the answer has long left


def choosing_routes(room: Room) -> list[BaseRoute]:
    """The pages to choose a password, which nobody needs to be signed in for."""
    doorway = Doorway(room)
    forgotten, chooser = _Forgotten(doorway), _Chooser(doorway)
    return [
        Route("/newsroom/forgotten", forgotten.look, methods=["GET"]),
        Route("/newsroom/forgotten", forgotten.ask, methods=["POST"]),
        Route("/newsroom/password/{token}", chooser.look, methods=["GET"]),
        Route("/newsroom/password/{token}", chooser.choose, methods=["POST"]),
    ]


class _Forgotten:
    """The page of who has no password, or forgot it. It says the same for every address."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._later = ThreadPoolExecutor(1, "forgotten")

    async def look(self, request: Request) -> Response:
        """The form."""
        return await run_in_threadpool(self._form, request)

    async def ask(self, request: Request) -> Response:
        """Write a letter, if there is somebody: later, so that nobody can time it by the answer."""
        sent, _ = await read_sent(request, 0)
        return await run_in_threadpool(self._ask, request, sent)

    def _form(
        self, request: Request, kind: str = "ask", address: str = "", code: int = 200, wait: int = 0
    ) -> Response:
        return self._doorway.page(
            request,
            "forgotten",
            "Choose a new password",
            code=code,
            kind=kind,
            address=address[:_LONGEST],
            wait=wait,
        )

    def _ask(self, request: Request, sent: Form) -> Response:
        address = sent.one("address")
        if not self._doorway.own_form(request, sent):
            return self._form(request, "form", address, 422)
        wait = self._doorway.gates.question(self._doorway.whence(request))
        if wait:
            return waiting(self._form(request, "wait", address, 429, minutes(wait)), wait)
        try:
            people.address_key(address)
        except AddressRefused:
            return self._form(request, "address", address, 422)
        response = self._form(request, "sent")
        self._later.submit(self._write, address, time.monotonic() + _LATER_S)
        return response

    def _write(self, address: str, due: float) -> None:
        # Many that wait are written one after the other: a process that ends waits for them.
        time.sleep(max(0.0, due - time.monotonic()))
        if not self._doorway.gates.letter(address):
            return
        with writing(self._doorway.runtime.engine) as connection:
            known = credentials.of_address(connection, address)
            if known is not None:
                now = database_now(connection)
                send_reset(connection, self._doorway.key, known.person, now)


class _Chooser:
    """The page that a link opens."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._engine = doorway.runtime.engine

    async def look(self, request: Request) -> Response:
        """The form; opening it changes nothing, since programs open links too."""
        return await run_in_threadpool(self._look, request)

    async def choose(self, request: Request) -> Response:
        """Keep the password, and lead on to sign in with it."""
        sent, _ = await read_sent(request, 0)
        return await run_in_threadpool(self._choose, request, sent)

    def _look(self, request: Request) -> Response:
        link = self._link(request)
        return self._over(request) if link is None else self._form(request, link, Form({}))

    def _choose(self, request: Request, sent: Form) -> Response:
        wait = self._doorway.gates.question(self._doorway.whence(request))
        link = self._link(request)
        if link is None:
            return self._over(request)
        if wait:
            return waiting(self._form(request, link, sent, {"password": "wait"}, 429), wait)
        if not self._doorway.own_form(request, sent):
            return self._form(request, link, sent, {"form": "form"})
        faults = self._faults(link, sent)
        if faults:
            return self._form(request, link, sent, faults)
        kept = self._keep(request.path_params["token"], sent)
        return self._doorway.lead(f"{SIGN_IN}?done=password") if kept else self._over(request)

    def _keep(self, token: str, sent: Form) -> bool:
        """Keep the password, and use the link up; False where it does not open any more."""
        password_hash = hashed(_password(sent))  # takes long: before the transaction
        with writing(self._engine) as connection:
            now = database_now(connection)
            link = links.opened(connection, token, now)
            if link is None or not links.use(connection, link, now):
                return False
            person = link.person
            if person is None:
                if not credentials.nobody_signs_in(connection):
                    return False
                address, name = sent.one("address"), sent.one("name")
                person, _ = people.add(connection, address, name=name, role=Role.ADMIN, now=now)
            credentials.keep_password(connection, person.id, password_hash, now)
            audit.note(connection, person, "person.password", f"person:{person.id}", {}, now)
        return True

    def _faults(self, link: Link, sent: Form) -> dict[str, str]:
        """What is wrong with what was typed: a word for each field."""
        address = link.person.address if link.person else sent.one("address")
        found = {}
        if link.person is None:
            try:
                people.check_name(sent.one("name"))
            except ColporteurError:
                found["name"] = "name"
            try:
                people.address_key(address)
            except AddressRefused:
                found["address"] = "address"
        try:
            check_choice(_password(sent), address)
        except ColporteurError:
            found["password"] = fault_of(_password(sent))
        if "password" not in found and _password(sent) != "".join(sent.all("password_again")[-1:]):
            found |= {"password_again": "again"}
        return found

    def _link(self, request: Request) -> Link | None:
        with reading(self._engine) as connection:
            now = database_now(connection)
            link = links.opened(connection, request.path_params["token"], now)
            first = link is not None and link.purpose is Purpose.FIRST
            if first and not credentials.nobody_signs_in(connection):
                return None
        return link

    def _form(
        self,
        request: Request,
        link: Link,
        sent: Form,
        faults: dict[str, str] | None = None,
        code: int = 422,
    ) -> Response:
        return self._doorway.page(
            request,
            "choose_password",
            "Choose your password",
            code=code if faults else 200,
            path=request.url.path,
            holder=link.person,
            purpose=link.purpose.value,
            address=sent.one("address")[:_LONGEST],
            name_typed=sent.one("name")[:_LONGEST],
            wrong=faults or {},
            at_least=AT_LEAST,
        )

    def _over(self, request: Request) -> Response:
        return self._doorway.page(
            request, "link_over", "This link does not open any more", code=404
        )


def _password(sent: Form) -> str:
    return "".join(sent.all("password")[-1:])
