"""Counts requests and how long their answers took, by the route that they found."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colporteur.counting import ANSWERS, REQUESTS
from colporteur.web.head import asked_for_head

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NOWHERE = "none"
_FOLDERS = ("/static", "/newsroom/static")


class Counted:
    """An ASGI application that counts what another answers.

    Addresses are made up by strangers, and hold what is nobody's business: only the route is
    kept, as it is written in the code, and ``none`` for what leads nowhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, took = time.monotonic(), 0, 0.0

        async def noting(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], time.monotonic() - began
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            # No answer at all: what the server makes of it is a 500.
            route = _route(scope)
            ANSWERS.labels(_method(scope), route, status or 500).inc()
            REQUESTS.labels(route).observe(took or time.monotonic() - began)


def _method(scope: Scope) -> str:
    if asked_for_head(scope):
        return "HEAD"
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str:
    found = scope.get("route")
    if found is not None:
        return str(getattr(found, "path", _NOWHERE))
    path = str(scope.get("path", ""))
    return next((one for one in _FOLDERS if path.startswith(f"{one}/")), _NOWHERE)
