"""Serves stored documents in front of the framework: their bytes as they are, or 304."""

import logging
from typing import cast

from anyio import to_thread
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Receive, Scope, Send

from colporteur.db import reading
from colporteur.exceptions import ServiceUnavailable
from colporteur.publication.revisions import current
from colporteur.syndication.documents import OPML_PATH, Document, document
from colporteur.tasks import Runtime
from colporteur.web.conditional import choose_coding, http_date, not_modified

CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
_ALLOWED = {"GET", "HEAD"}
_log = logging.getLogger(__name__)
Headers = list[tuple[bytes, bytes]]


class FeedsInFront:
    """An ASGI application that answers ``/feeds/…`` and ``/feeds.opml``, else asks the next."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a document, or hand the request on."""
        path = cast("str", scope.get("path", "")).lstrip("/")
        if scope["type"] != "http" or not (path.startswith("feeds/") or path == OPML_PATH):
            await self._app(scope, receive, send)
            return
        if scope["method"] not in _ALLOWED:
            await _plain(send, 405, "Only GET and HEAD.", [(b"allow", b"GET, HEAD")])
            return
        try:
            found, site = await to_thread.run_sync(self._find, path)
        except (ServiceUnavailable, DBAPIError) as error:
            _log.warning("The feeds cannot be read: %s", error)
            await _plain(send, 503, "Away for a moment.", [(b"retry-after", b"30")])
            return
        if found is None:
            await _plain(send, 404, "There is no such feed. See /feeds.opml for those there are.")
            return
        await _serve(scope, send, found, site)

    def _find(self, path: str) -> tuple[Document | None, str]:
        with reading(self._runtime.engine) as connection:
            revision = current(connection)
            base = revision.publication.base_url if revision else ""
            return document(connection, path), self._runtime.settings.site(base)


async def _serve(scope: Scope, send: Send, found: Document, site: str) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    shared = [
        ("etag", found.etag),
        ("last-modified", http_date(found.last_modified)),
        ("cache-control", CACHE_CONTROL),
        ("vary", "Accept-Encoding"),
        ("link", f'<{site}/{found.path}>; rel="self"'),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "ETag, Last-Modified, Link"),
        ("x-content-type-options", "nosniff"),
    ]
    if not_modified(headers, found.etag, found.last_modified):
        await _respond(send, 304, shared, b"")
        return
    coding = choose_coding(headers.get("accept-encoding", ""), ("br", "gzip"))
    body = {"br": found.body_br, "gzip": found.body_gzip}.get(coding, found.body)
    own = [("content-type", found.content_type), ("content-length", str(len(body)))]
    if coding:
        own.append(("content-encoding", coding))
    await _respond(send, 200, shared + own, b"" if scope["method"] == "HEAD" else body)


async def _plain(send: Send, status: int, text: str, headers: Headers | None = None) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), *(headers or [])],
        }
    )
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})


async def _respond(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
