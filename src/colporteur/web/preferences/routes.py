"""The routes of ``/preferences/<token>``.

GET shows and changes nothing. A POST is the reader's own because its address holds their token,
which no other site knows: that is its protection against forged requests, and there is no cookie.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from colporteur.audience.consent import Asked
from colporteur.audience.preferences import end_feed, person, renew_feed
from colporteur.db import database_now, reading, writing
from colporteur.delivery.to_readers import send_erase, send_export, send_preferences
from colporteur.delivery.welcoming.gates import Gates
from colporteur.exceptions import TokenExpired, UnknownName
from colporteur.tasks import Runtime
from colporteur.tokens import PREFERENCES, read_passing
from colporteur.web.bodies import Form, form_of
from colporteur.web.pages import Pages
from colporteur.web.preferences.asking import asking_routes
from colporteur.web.preferences.changing import BY, ask_for_move, change, join, left_lately, part
from colporteur.web.preferences.moving import moving_routes
from colporteur.web.preferences.own_data import own_data_routes
from colporteur.web.preferences.showing import Showing
from colporteur.web.preferences.typed import sent, standing_now, understood
from colporteur.web.preferences.visiting import Visit, at_home, visit
from colporteur.web.private import PRIVATE
from colporteur.web.routing import take_over

_DONE = ("saved", "joined", "left", "feed", "feed-ended", "asked", "mailed")
Posted = Annotated[Form, Depends(form_of)]


def preferences_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """Everything below ``/preferences``."""
    showing = Showing(pages, runtime.templates)
    routes = APIRouter()
    further = (moving_routes(runtime, showing), own_data_routes(runtime, showing))
    take_over(routes, asking_routes(runtime, pages, showing), *further)
    own = _Own(runtime, showing)
    routes.add_api_route("/preferences/{token}", own.renewable(own.look), methods=["GET"])
    acts: dict[str, Callable[..., Response]] = {
        "": own.save,
        "/join": own.join,
        "/leave": own.leave,
        "/feed": own.feed,
        "/address": own.move,
        "/export": own.export,
        "/erase": own.erase,
    }
    for path, act in acts.items():
        routes.add_api_route(f"/preferences/{{token}}{path}", own.renewable(act), methods=["POST"])
    routes.add_api_route("/preferences/{token}/renew", own.renew, methods=["POST"])
    return routes


class _Own:
    """One reader's page."""

    def __init__(self, runtime: Runtime, showing: Showing) -> None:
        self._runtime = runtime
        self._showing = showing

    def look(self, token: str, done: str = "") -> Response:
        """The page; where its link has expired, a button that mails a new one."""
        with reading(self._runtime.engine) as connection:
            now = database_now(connection)
            to = visit(connection, self._runtime.settings, token, now)
            said = done in _DONE and (done != "left" or left_lately(connection, to, now))
        return self._showing.choices(token, to, done=done if said else "")

    def save(self, token: str, form: Posted) -> Response:
        """Keep all choices, or none of them where one is wrong: nothing typed is lost."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            before = standing_now(to.publication, to.courses, to.language)
            typed = sent(form, to.courses)
            wanted, faults = understood(to.publication, to.courses, typed, before, now)
            if not faults:
                change(connection, to, wanted, now)
                return _again(token, "saved")
        return self._showing.choices(token, to, typed=typed, faults=faults)

    def join(self, request: Request, token: str, form: Posted) -> Response:
        """Have another channel sent, at once."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            wording = self._showing.wording(to.language)
            client = request.client.host if request.client else None
            asked = Asked("form", wording, f"{to.links.site}/preferences", ip=client)
            if join(connection, to, _number(form.one("channel")), asked, now):
                return _again(token, "joined")
        return self._showing.choices(token, to, faults={"join": "refused"})

    def leave(self, token: str, form: Posted) -> Response:
        """Leave a channel, or all of them."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            part(connection, to, form.one("channel"), now)
        return _again(token, "left")

    def feed(self, token: str, form: Posted) -> Response:
        """Give a private feed, or a new address to the one there is; or end it."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            if form.one("do") == "end":
                end_feed(connection, to.reader, by=BY, now=now)
                return _again(token, "feed-ended")
            renew_feed(connection, to.reader, by=BY, now=now)
        return _again(token, "feed")

    def move(self, token: str, form: Posted) -> Response:
        """Ask at a new address whether to write there; nothing changes until its button is pressed."""
        text = form.one("address")
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            gates = Gates(self._runtime.limits, to.publication.subscribing.at_most)
            fault = ask_for_move(connection, to, text, gates, now)
        if fault:
            return self._showing.choices(token, to, new_address=text, faults={"address": fault})
        return _again(token, "asked")

    def export(self, token: str) -> Response:
        """Mail them the link that gives all we hold about them."""
        return self._mail(token, send_export)

    def erase(self, token: str) -> Response:
        """Mail them the link that forgets them."""
        return self._mail(token, send_erase)

    def _mail(self, token: str, send: Callable[..., bool]) -> Response:
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, now)
            send(connection, to.reader, to.links, now)
        return _again(token, "mailed")

    def renew(self, token: str) -> Response:
        """Mail a new link to the reader whom an old one names, wherever they are now."""
        secret_key = self._runtime.settings.secret_keys
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            try:
                number, _ = read_passing(secret_key, PREFERENCES, token, now)
            except TokenExpired as over:
                number, _ = over.value
            to = at_home(connection, self._runtime.settings, person(connection, number))
            send_preferences(connection, to.reader, to.links, now)
        return self._showing.notice(to.publication, to.language, "sent")

    def _visit(self, connection: Connection, token: str, now: datetime | None = None) -> Visit:
        """With ``now`` to change something: nobody else does meanwhile."""
        at = now or database_now(connection)
        return visit(connection, self._runtime.settings, token, at, lock=now is not None)

    def renewable(self, answer: Callable[..., Response]) -> Callable[..., Response]:
        """The same, but who comes with an expired token is offered a new one."""

        @wraps(answer)
        def answered(token: str, **given: Any) -> Response:
            try:
                return answer(token=token, **given)
            except TokenExpired as over:
                return self._expired(token, over)

        return answered

    def _expired(self, token: str, over: TokenExpired) -> Response:
        number, _ = over.value
        with reading(self._runtime.engine) as connection:
            to = at_home(connection, self._runtime.settings, person(connection, number))
        return self._showing.notice(
            to.publication,
            to.language,
            "expired",
            action=f"/preferences/{token}/renew",
            code=410,
        )


def _again(token: str, done: str) -> RedirectResponse:
    """Lead back to the page, which says what was done: loading it again repeats nothing."""
    return RedirectResponse(f"/preferences/{token}?done={done}", 303, headers=PRIVATE)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise UnknownName("There is no such channel.", cure="Choose another one.")
    return int(text[:18])
