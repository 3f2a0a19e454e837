"""The cookie of a session: for this host alone, never for scripts, not sent by other sites' forms.

Those of the doorway are as strict, and sent to the newsroom alone.
"""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from colporteur.staff.sessions import LASTS

_NAME = "newsroom"
_SECURE_NAME = "__Host-newsroom"  # the prefix binds it to https, this host and every path
_SHORT_AT_MOST = 400


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


def new_mark() -> str:
    """What a browser is known by before anybody signed in."""
    return secrets.token_urlsafe(16)


def short_cookie(request: Request, name: str) -> str:
    """A cookie of the doorway; empty without one."""
    return request.cookies.get(name, "")[:_SHORT_AT_MOST]


def keep_short(
    request: Request, response: Response, name: str, text: str, *, seconds: int | None = None
) -> None:
    """Have the browser keep a cookie of the doorway: so long, or until it is closed."""
    response.set_cookie(
        name,
        text,
        max_age=seconds,
        path="/newsroom",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_short(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a cookie of the doorway."""
    response.delete_cookie(
        name, path="/newsroom", secure=_secure(request), httponly=True, samesite="lax"
    )


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request) -> str:
    return _SECURE_NAME if _secure(request) else _NAME
