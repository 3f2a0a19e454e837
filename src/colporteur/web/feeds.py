"""Serves documents in front of the framework: their bytes as they are, or 304."""

import time
from functools import lru_cache
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from colporteur.syndication.addresses import is_gone, moved_to
from colporteur.syndication.archives import lasting_path
from colporteur.syndication.documents import OPML_PATH
from colporteur.web.conditional import choose_coding, not_modified
from colporteur.web.document_cache import DocumentCache, Headers, Served
from colporteur.web.head import without_body
from colporteur.web.politeness import Politeness

_ALLOWED = {"GET", "HEAD"}
_CODINGS = ("br", "gzip")
_ANYONE = (b"access-control-allow-origin", b"*")  # readers that are web pages
_CONDITIONS = ("if-none-match", "if-modified-since")
_LOOKED_AT = frozenset(
    [*(name.encode() for name in _CONDITIONS), b"accept-encoding", b"sec-fetch-mode", b"user-agent"]
)
Asked = dict[bytes, bytes]


class FeedsInFront:
    """An ASGI application that answers ``/feeds/…`` and ``/feeds.opml``, else asks the next.

    A browser that opens a feed is led to the next too, for a page on how to subscribe.
    """

    def __init__(self, app: ASGIApp, documents: DocumentCache) -> None:
        self._app = app
        self.documents = documents
        self._politeness = Politeness()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or hand the request on."""
        path = cast("str", scope.get("path", "")).lstrip("/")
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif "\0" in path:  # no name has it, PostgreSQL and file systems refuse it
            await _say(_fitting(scope, send), 404, "There is no such page.")
        elif not (path.startswith("feeds/") or path == OPML_PATH):
            await self._app(scope, receive, send)
        elif scope["method"] not in _ALLOWED:
            await _say(send, 405, "Only GET and HEAD.", [(b"allow", b"GET, HEAD")])
        elif (found := self.documents.get(path)) is None:
            await self._explain(_fitting(scope, send), path)
        else:
            asked = {name: value for name, value in scope["headers"] if name in _LOOKED_AT}
            if path != OPML_PATH and asked.get(b"sec-fetch-mode") == b"navigate":
                await self._app(scope, receive, send)  # a person in a browser, not a program
            else:
                await self._serve(scope, send, found, path, asked)

    async def _serve(
        self, scope: Scope, send: Send, found: Served, path: str, asked: Asked
    ) -> None:
        agent = asked.get(b"user-agent", b"")
        address = scope["client"][0] if scope.get("client") else ""
        conditions = {
            name: asked[name.encode()].decode("latin-1")
            for name in _CONDITIONS
            if name.encode() in asked
        }
        if conditions:
            self._politeness.conditional(address, time.monotonic())
        elif wait := self._politeness.wait(address, agent, path, time.monotonic()):
            self.documents.tally.note(path, 429, agent)
            await _slow_down(_fitting(scope, send), wait)
            return
        if conditions and not_modified(conditions, found.etag, found.last_modified):
            self.documents.tally.note(path, 304, agent)
            await _respond(send, 304, found.headers_304, b"")
            return
        self.documents.tally.note(path, 200, agent)
        coding = _coding(asked.get(b"accept-encoding", b""))
        body = b"" if scope["method"] == "HEAD" else found.body(coding)
        await _respond(send, 200, found.headers[coding], body)

    async def _explain(self, send: Send, path: str) -> None:
        """A former address leads on for ever (301); a removed feed is gone (410)."""
        names = self.documents.former_names
        page = self.documents.archived_at(path)
        there = moved_to(path, names) if names else None
        if page is not None:  # what is at the lasting address may move on; a former one never does
            lasting = path == lasting_path(path)
            await _lead(send, 302 if lasting else 301, page)
        elif there is not None and (self.documents.get(there) or self.documents.archived_at(there)):
            await _lead(send, 301, there)
        elif names and is_gone(path, names):
            await _say(send, 410, "This feed has ended. See /feeds.opml for those there are.")
        else:
            await _say(send, 404, "There is no such feed. See /feeds.opml for those there are.")


@lru_cache(maxsize=512)
def _coding(accepted: bytes) -> str:
    return choose_coding(accepted.decode("latin-1"), _CODINGS)


async def _slow_down(send: Send, seconds: int) -> None:
    headers = [(b"retry-after", str(seconds).encode()), (b"cache-control", b"no-store")]
    cure = "Send back the ETag as If-None-Match, and polls are as cheap as you like."
    await _say(send, 429, f"The same feed, again and again. {cure}", headers)


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
