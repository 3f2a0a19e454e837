"""Serves documents in front of the framework: their bytes as they are, or 304."""

from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from colporteur.syndication.addresses import is_gone, moved_to
from colporteur.syndication.archives import lasting_path
from colporteur.syndication.documents import OPML_PATH
from colporteur.web.document_cache import DocumentCache, Headers, Served
from colporteur.web.head import without_body
from colporteur.web.politeness import Politeness
from colporteur.web.polling import Asked, asked_in, judge

_ALLOWED = {"GET", "HEAD"}
_ANYONE = (b"access-control-allow-origin", b"*")  # readers that are web pages
# A page elsewhere that polls with validators is asked for first (Fetch Standard, CORS preflight).
_PREFLIGHT = [
    _ANYONE,
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, OPTIONS"),
]
_MOVED, _FOUND, _TOO_MANY = 301, 302, 429


class FeedsInFront:
    """An ASGI application that answers ``/feeds/…`` and ``/feeds.opml``, else asks the next.

    A browser that opens a feed is led to the next too, for a page on how to subscribe.
    """

    def __init__(self, app: ASGIApp, documents: DocumentCache) -> None:
        self._app = app
        self.documents = documents
        self.politeness = Politeness()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or hand the request on."""
        path = cast("str", scope.get("path", "")).lstrip("/")
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        # No name has NUL, PostgreSQL and file systems refuse it; the API says so in its own way.
        elif "\0" in path and not path.startswith("api/"):
            await _say(_fitting(scope, send), 404, "There is no such page.")
        elif not (path.startswith("feeds/") or path == OPML_PATH):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await _respond(send, 204, _PREFLIGHT, b"")
        elif scope["method"] not in _ALLOWED:
            await _say(send, 405, "Only GET and HEAD.", [(b"allow", b"GET, HEAD, OPTIONS")])
        elif (found := self.documents.get(path)) is None:
            await self._explain(_fitting(scope, send), path)
        else:
            asked = asked_in(scope["headers"])
            if asked.navigates and path != OPML_PATH:
                await self._app(scope, receive, send)
            else:
                await self._serve(scope, _fitting(scope, send), found, path, asked)

    async def _serve(
        self, scope: Scope, send: Send, found: Served, path: str, asked: Asked
    ) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        status, wait = judge(found, path, asked, address, self.politeness)
        self.documents.tally.note(path, status, asked.told)
        if status == _TOO_MANY:
            await _slow_down(send, wait)
        elif status == 200:  # noqa: PLR2004
            await _respond(send, status, found.headers[asked.coding], found.body(asked.coding))
        else:
            await _respond(send, status, found.headers_304, b"")

    async def _explain(self, send: Send, path: str) -> None:
        """A former address leads on for ever (301); a removed feed is gone (410)."""
        names = self.documents.former_names
        page = self.documents.archived_at(path)
        there = moved_to(path, names) if names else None
        if page is not None:  # what is at the lasting address may move on; a former one never does
            await _lead(send, _FOUND if path == lasting_path(path) else _MOVED, page)
        elif there is not None and (self.documents.get(there) or self.documents.archived_at(there)):
            await _lead(send, _MOVED, there)
        elif names and is_gone(path, names):
            await _say(send, 410, "This feed has ended. See /feeds.opml for those there are.")
        else:
            await _say(send, 404, "There is no such feed. See /feeds.opml for those there are.")


async def _slow_down(send: Send, seconds: int) -> None:
    headers = [(b"retry-after", str(seconds).encode()), (b"cache-control", b"no-store")]
    cure = "Send back the ETag as If-None-Match, and polls are as cheap as you like."
    await _say(send, _TOO_MANY, f"The same feed, again and again. {cure}", headers)


async def _lead(send: Send, status: int, there: str) -> None:
    await _say(send, status, "It has moved.", [(b"location", f"/{there}".encode())])


def _fitting(scope: Scope, send: Send) -> Send:
    return without_body(send) if scope["method"] == "HEAD" else send


async def _say(send: Send, status: int, text: str, headers: Headers | None = None) -> None:
    own = [(b"content-type", b"text/plain; charset=utf-8"), _ANYONE, *(headers or [])]
    await _respond(send, status, own, f"{text}\n".encode())


async def _respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
