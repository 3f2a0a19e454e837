"""Serves documents in front of the framework: their bytes as they are, or 304."""

from collections.abc import Callable
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from colporteur.syndication.addresses import is_gone, moved_to
from colporteur.syndication.archives import feed_of
from colporteur.syndication.documents import OPML_PATH
from colporteur.syndication.polls import unknown_path
from colporteur.web.document_cache import DocumentCache, Headers, Served
from colporteur.web.head import without_body
from colporteur.web.politeness import Politeness
from colporteur.web.polling import Asked, asked_in, judge
from colporteur.web.safeguards import kept_to_tls, safeguarded

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
_PRIVATE = "feeds/private/"  # made for one reader each: nothing of it is kept here
_MOVED, _FOUND, _NOT_FOUND, _GONE, _TOO_MANY = 301, 302, 404, 410, 429


class FeedsInFront:
    """An ASGI application that answers ``/feeds/…`` and ``/feeds.opml``, else asks the next.

    A browser that opens a feed is led to the next too, for a page on how to subscribe.
    """

    def __init__(self, app: ASGIApp, documents: DocumentCache, closing: Callable[[], None]) -> None:
        self._app = app
        self.close = closing  # ends the answers that last, before whoever serves stops
        self.documents = documents
        self.politeness = Politeness()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or hand the request on."""
        path = cast("str", scope.get("path", "")).lstrip("/")
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        plainly, send = send, safeguarded(scope, send)
        # No name has NUL, PostgreSQL and file systems refuse it; the API says so in its own way.
        if "\0" in path and not path.startswith("api/"):
            await _say(_fitting(scope, send), 404, "There is no such page.")
        elif path.startswith(_PRIVATE) or not (path.startswith("feeds/") or path == OPML_PATH):
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
                await self._serve(scope, _fitting(scope, plainly), found, path, asked)

    async def _serve(
        self, scope: Scope, send: Send, found: Served, path: str, asked: Asked
    ) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        status, wait = judge(found, path, asked, address, self.politeness)
        self.documents.tally.note(path, status, asked.told)
        if status == _TOO_MANY:
            await _slow_down(safeguarded(scope, send), wait)
        elif status == 200:  # noqa: PLR2004
            headers, body = found.headers[asked.coding], found.body(asked.coding)
            await _respond(kept_to_tls(scope, send), status, headers, body)
        else:
            await _respond(kept_to_tls(scope, send), status, found.headers_304, b"")

    async def _explain(self, send: Send, path: str) -> None:
        """A former address leads on for ever (301); a removed feed is gone (410)."""
        there, status = self._elsewhere(path)
        known = path if status == _GONE else there or unknown_path(path)
        self.documents.tally.note(known, status, None)
        if there:
            await _lead(send, status, there)
        elif status == _GONE:
            await _say(send, status, "This feed has ended. See /feeds.opml for those there are.")
        else:
            await _say(send, status, "There is no such feed. See /feeds.opml for those there are.")

    def _elsewhere(self, path: str) -> tuple[str, int]:
        """Where a path leads that has no document, and with which status.

        An archive page's address names its content, and may be its address again some day: only
        renamed feeds have moved for ever.
        """
        names, documents = self.documents.former_names, self.documents
        if page := documents.archived_at(path):
            return page, _FOUND
        feed = feed_of(path)
        if feed and documents.get(feed):  # it holds everything now, and has no past
            return feed, _FOUND
        there = moved_to(path, names) if names else None
        if there and (documents.get(there) or documents.archived_at(there)):
            return there, _MOVED
        return "", _GONE if names and is_gone(path, names) else _NOT_FOUND


async def _slow_down(send: Send, seconds: int) -> None:
    headers = [(b"retry-after", str(seconds).encode()), (b"cache-control", b"no-store")]
    cure = "Send back the ETag as If-None-Match, and polls are as cheap as you like."
    await _say(send, _TOO_MANY, f"The same feed, again and again. {cure}", headers)


async def _lead(send: Send, status: int, there: str) -> None:
    await _say(send, status, "It has moved.", [(b"location", f"/{there}".encode())])


def _fitting(scope: Scope, send: Send) -> Send:
    return without_body(send) if scope["method"] == "HEAD" else send


async def _say(send: Send, status: int, text: str, headers: Headers | None = None) -> None:
    body = f"{text}\n".encode()
    own = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        _ANYONE,
        *(headers or []),
    ]
    await _respond(send, status, own, body)


async def _respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
