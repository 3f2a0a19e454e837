"""The cookie of a session: for this host alone, never for scripts, not sent by other sites' forms."""

from starlette.requests import Request
from starlette.responses import Response

from colporteur.staff.sessions import LASTS

_NAME = "newsroom"
_SECURE_NAME = "__Host-newsroom"  # the prefix binds it to https, this host and every path


def cookie_of(request: Request) -> str:
    """What the browser sent; empty without one."""
    return request.cookies.get(_name(request), "")


def set_cookie(request: Request, response: Response, text: str) -> None:
    """Have the browser keep a session."""
    response.set_cookie(
        _name(request),
        text,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(
        _name(request), path="/", secure=_secure(request), httponly=True, samesite="lax"
    )


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request) -> str:
    return _SECURE_NAME if _secure(request) else _NAME
