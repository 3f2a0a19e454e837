"""What a program is told when something is wrong: problem details (RFC 9457)."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from colporteur.exceptions import (
    ArticleRefused,
    ColporteurError,
    Forbidden,
    ServiceUnavailable,
    UnknownName,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 10
_TYPES = "tag:colporteur,2026:problem:"  # RFC 4151; docs/api.md explains each
_log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """An answer that says what is wrong and what to do about it.

    ``kind`` ends its type's URI; without one the status says it all. ``members`` extend it
    (RFC 9457, section 3.2).
    """

    def __init__(
        self,
        status: int,
        detail: str,
        cure: str = "",
        *,
        kind: str = "",
        title: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.cure = cure
        self.kind = kind
        self.title = title or HTTPStatus(status).phrase
        self.errors = errors
        self.members = members or {}
        self.headers = headers or {}


def refused(error: ArticleRefused) -> Problem:
    """An article that cannot be taken."""
    return Problem(
        422,
        error.message,
        error.cure,
        kind="article-refused",
        title="The article was refused",
        errors=[{"detail": error.message, "cure": error.cure}],
    )


def unknown_article(key: str) -> Problem:
    """There is no article of this id."""
    return Problem(
        404,
        f"There is no article {key[:100]!r}.",
        "GET /api/v1/articles lists the articles there are.",
        kind="unknown-article",
        title="Unknown article",
    )


def not_allowed(detail: str, cure: str) -> Problem:
    """The role of the token's holder does not allow this."""
    return Problem(403, detail, cure, kind="not-allowed", title="Not allowed")


def handle_problems(app: FastAPI) -> None:
    """Have an application answer every error with problem details."""
    app.add_exception_handler(Problem, _said)
    app.add_exception_handler(ColporteurError, _ours)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def respond(request: Request, problem: Problem) -> Response:
    """The answer, with the request's path as the instance."""
    content: dict[str, Any] = {
        "type": _TYPES + problem.kind if problem.kind else "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "cure": problem.cure,
        "instance": quote(request.scope["path"], errors="replace"),
        **problem.members,
    }
    if problem.errors:
        content["errors"] = list(problem.errors)
    # ASCII: a detail may quote a lone surrogate that the caller sent, which UTF-8 cannot say.
    body = json.dumps(content).encode()
    return Response(body, problem.status, dict(problem.headers), media_type=MEDIA_TYPE)


def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return respond(request, error)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ColporteurError)
    if isinstance(error, ArticleRefused):
        return respond(request, refused(error))
    if isinstance(error, UnknownName):
        return respond(request, Problem(404, error.message, error.cure))
    if isinstance(error, Forbidden):
        return respond(request, not_allowed(error.message, error.cure))
    _log.error("%s: %s", request.url.path, error.message)
    return respond(request, _away() if isinstance(error, ServiceUnavailable) else _failed())


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    reason = str(error.orig).strip().partition("\n")[0]  # the rest may hold rows
    _log.error("%s: %s: %s", request.url.path, type(error.orig).__name__, reason)
    return respond(request, _away())


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"detail": f"{one['msg']}.", "parameter": str(one["loc"][-1])} for one in error.errors()
    ]
    first = errors[0]
    return respond(
        request,
        Problem(422, f"{first['parameter']}: {first['detail']}", "Correct it.", errors=errors),
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _allowed(request)
        headers["Allow"] = allowed
        problem = Problem(405, f"{request.method} is not for this.", f"Use one of: {allowed}.")
    elif error.status_code == HTTPStatus.NOT_FOUND:
        problem = Problem(404, "There is nothing here.", "See /api/openapi.json for what there is.")
    else:
        problem = Problem(error.status_code, f"{error.detail}.")
    problem.headers = headers
    return respond(request, problem)


def _unexpected(request: Request, error: Exception) -> Response:
    """Starlette raises it again afterwards, so the server logs where it came from."""
    _log.error("%s: unexpected %s", request.url.path, type(error).__name__)
    return respond(request, _failed())


def _allowed(request: Request) -> str:
    """Every method that some route has for this path (RFC 9110, section 10.2.1)."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _failed() -> Problem:
    return Problem(500, "Something went wrong on our side, and we have noted it.")


def _away() -> Problem:
    return Problem(
        503,
        "We are away for a moment; what was taken before stays.",
        "Send it again in a moment: the same article twice is one.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
