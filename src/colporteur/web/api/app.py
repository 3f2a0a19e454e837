"""Puts the API together: an application of its own, whose every error is a problem."""

from collections.abc import Callable
from functools import cached_property

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colporteur import __version__
from colporteur.tasks import Runtime
from colporteur.web.api.articles import reading_routes, writing_routes
from colporteur.web.api.callers import Callers
from colporteur.web.api.channels import channel_routes
from colporteur.web.api.editing import Editing
from colporteur.web.api.editions import reading_editions, special_editions, steering_editions
from colporteur.web.api.ghost import ghost_routes
from colporteur.web.api.intake import Intake
from colporteur.web.api.problems import handle_problems
from colporteur.web.api.rates import Allowances, Rates, SaysStanding
from colporteur.web.api.reference import reference_routes
from colporteur.web.api.reports import report_routes
from colporteur.web.api.sending import sending_routes
from colporteur.web.api.signups import signup_routes
from colporteur.web.api.subscribers import reading_subscribers, writing_subscribers
from colporteur.web.api.tokens import token_routes
from colporteur.web.routing import take_over

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


def api_app(runtime: Runtime, allowances: Allowances | None = None) -> FastAPI:
    """The API of one installation."""
    app = FastAPI(
        title="Colporteur",
        version=__version__,
        summary="Articles in; feeds and digests out.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    callers = Callers(runtime, Rates(runtime.settings, allowances or Allowances()))
    intake = Intake(runtime)
    desk = Editing(runtime)
    take_over(
        app,
        writing_routes(intake, callers),
        reading_routes(intake, callers),
        ghost_routes(intake, callers),
        sending_routes(runtime, callers),
        signup_routes(runtime, callers),
        reading_editions(desk, callers),
        special_editions(desk, callers),
        steering_editions(desk, callers),
        channel_routes(runtime, callers),
        report_routes(runtime, callers),
        reading_subscribers(runtime, callers),
        writing_subscribers(runtime, callers),
        token_routes(runtime, callers),
    )
    app.routes.extend(reference_routes(runtime, app.openapi).routes)
    handle_problems(app)
    app.add_middleware(SaysStanding)
    return app


class ApiInFront:
    """An ASGI application that hands ``/api`` to the API, and the rest to the pages.

    The API is put together for its first caller: it has more routes than all pages, each takes a
    millisecond or two, and many an installation is never asked for one.
    """

    def __init__(self, make_api: Callable[[], ASGIApp], pages: ASGIApp) -> None:
        self._make_api = make_api
        self._pages = pages

    @cached_property
    def _api(self) -> ASGIApp:
        return self._make_api()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the API or the pages."""
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and (path == "/api" or path.startswith("/api/")):
            await self._api(scope, receive, _with_headers(send))
        else:
            await self._pages(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_HEADERS]}
        await send(message)

    return sending
