"""What a visitor is told when something is wrong; the details go to the log."""

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from colporteur.exceptions import (
    ColporteurError,
    ServiceUnavailable,
    TokenInvalid,
    UnknownName,
    Withdrawn,
)
from colporteur.web.pages import Pages

Handler = Callable[[Request, Exception], Response]
_BAD_LINK = "This link is not complete or not ours. Copy the whole link from the message."
_WITHDRAWN = "This article has been withdrawn."
_log = logging.getLogger(__name__)


def handle_errors(app: FastAPI, pages: Pages) -> None:
    """Have an application answer errors with pages."""
    app.add_exception_handler(ColporteurError, _ours(pages))
    app.add_exception_handler(DBAPIError, _database(pages))
    app.add_exception_handler(HTTPException, _http(pages))


def _ours(pages: Pages) -> Handler:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, ColporteurError)
        if isinstance(error, TokenInvalid):
            return pages.error(404, _BAD_LINK)
        if isinstance(error, Withdrawn):
            return pages.error(410, _WITHDRAWN)
        if isinstance(error, UnknownName):
            # In plain text where there is no publication yet, and so no page: it says so.
            return pages.error(404, plain=f"{error.message} {error.cure}".strip())
        _log.error("%s: %s", _place(request), error.message)
        return pages.error(503 if isinstance(error, ServiceUnavailable) else 500)

    return handle


def _database(pages: Pages) -> Handler:
    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)
        # Its own text holds the statement's parameters, and its details rows: readers' addresses.
        reason = str(error.orig).strip().partition("\n")[0]
        _log.error("%s: %s: %s", _place(request), type(error.orig).__name__, reason)
        return pages.error(503)

    return handle


def _place(request: Request) -> str:
    """The path without its parts that are somebody's: a token in it opens what is theirs."""
    path = request.url.path
    for name, part in request.path_params.items():
        path = path.replace(str(part), f"{{{name}}}")
    return path


def _http(pages: Pages) -> Handler:
    def handle(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = pages.error(error.status_code)
        response.headers.update(error.headers or {})
        return response

    return handle
