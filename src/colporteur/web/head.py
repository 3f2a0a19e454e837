"""HEAD as GET without the body (RFC 9110, section 9.3.2), for a framework that refuses it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = "colporteur.head"


def asked_for_head(scope: Scope) -> bool:
    """Whether what comes as GET was HEAD, for who does more than answer."""
    return _HEAD in scope


class HeadAsGet:
    """An ASGI application in front of another that knows GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for GET, and keep the body back."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET", _HEAD: True}, receive, without_body(send))
        else:
            await self._app(scope, receive, send)


def without_body(send: Send) -> Send:
    """A ``send`` that passes the headers on as they are, and empties the body."""

    async def passing(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return passing
