"""What the pages share that nobody needs to be signed in for: their mark, their language."""

import math
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from colporteur.tokens import fingerprint, is_fingerprint
from colporteur.web.bodies import Form
from colporteur.web.clients import client_of
from colporteur.web.newsroom.cookies import drop_short, keep_short, new_mark, short_cookie
from colporteur.web.newsroom.people.gates import DoorGates
from colporteur.web.newsroom.room import HEADERS, Room, same_site

FORM_COOKIE = "newsroom_form"
HOME = "/newsroom/"
SIGN_IN = "/newsroom/sign-in"
_MINUTE_S = 60
_FORM = "sign-in"
"""What the mark of a form is made for."""


class Doorway:
    """The doorway of one newsroom."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.runtime = room.runtime
        self.key = room.runtime.settings.secret_keys
        self.gates = DoorGates(room.runtime.limits, self.key)

    def page(
        self, request: Request, template: str, title: str, *, code: int = 200, **context: Any
    ) -> Response:
        """A page with a form of this browser; its ``title`` is a message of the catalogues."""
        tag = self.room.language_of(request, None)
        mark = short_cookie(request, FORM_COOKIE) or new_mark()
        words = self.runtime.templates.catalogue(tag)
        response = self.room.plain(
            tag,
            template,
            words.gettext(title),
            code=code,
            csrf_token=self._csrf(mark),
            **context,
        )
        keep_short(request, response, FORM_COOKIE, mark)
        return response

    def own_form(self, request: Request, sent: Form) -> bool:
        """Whether a form was made for the browser that sends it."""
        mark = short_cookie(request, FORM_COOKIE)
        ours = is_fingerprint(self.key, _FORM, mark, sent.one("csrf"))
        return bool(mark) and ours and same_site(request)

    def lead(self, path: str) -> Response:
        """Lead on after a form."""
        return RedirectResponse(path, 303, headers=HEADERS)

    def forget(self, request: Request, response: Response, name: str) -> None:
        """Have the browser forget a cookie of the doorway."""
        drop_short(request, response, name)

    def whence(self, request: Request) -> str:
        """Where a request comes from, to be counted."""
        return client_of(request)

    def _csrf(self, mark: str) -> str:
        return fingerprint(self.key, _FORM, mark)


def waiting(response: Response, wait: timedelta) -> Response:
    """The answer to who must wait."""
    response.headers["Retry-After"] = str(max(1, math.ceil(wait.total_seconds())))
    return response


def minutes(wait: timedelta) -> int:
    """Whole minutes to wait, for a sentence."""
    return max(1, math.ceil(wait.total_seconds() / _MINUTE_S))


def inside(to: str) -> str:
    """A page of the newsroom to go on to; never another site's, which an address may name."""
    fine = to.startswith(HOME) and to.isprintable() and "\\" not in to and "//" not in to
    return to[:2000] if fine else HOME
