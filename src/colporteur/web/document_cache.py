"""The stored documents in this process's memory, ready to be sent, and kept fresh.

A poll is answered from here alone: no query, no rendering, and the database may be away.
"""

import gzip
import itertools
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from colporteur.counting import FEED_POLLS
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ServiceUnavailable
from colporteur.publication.identities import removed_names
from colporteur.publication.revisions import last_revision, require
from colporteur.syndication import polls
from colporteur.syndication.addresses import FormerNames
from colporteur.syndication.archives import lasting_path
from colporteur.syndication.documents import OPML_PATH, Servable, written_since
from colporteur.syndication.polls import Tally, suffix_of
from colporteur.tasks import Runtime
from colporteur.web.conditional import http_date
from colporteur.web.safeguards import FOR_DOCUMENTS

REFRESH_S = 0.2
WRITE_DOWN_S = 10.0
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"  # an archive page that is full
VARY = "Accept-Encoding, Sec-Fetch-Mode"  # browsers that navigate are shown a page
Headers = list[tuple[bytes, bytes]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """A document with its headers written out. Identity is unpacked when it is asked for."""

    etag: str
    last_modified: datetime
    coded: Mapping[str, bytes]  # br and gzip
    headers: Mapping[str, Headers]  # by coding, "" for identity
    headers_304: Headers
    wire: Mapping[str, bytes]  # status line and headers as HTTP/1.1 writes them, by coding
    wire_304: bytes

    def body(self, coding: str) -> bytes:
        """The bytes in a coding; identity for ``""``."""
        return self.coded[coding] if coding else gzip.decompress(self.coded["gzip"])


class DocumentCache:
    """Documents by path. Reading it is safe from any thread; one thread refreshes it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._serial = 0
        self._revision = 0
        self._compared = time.monotonic()
        self._documents: dict[str, Served] = {}  # by address
        self._addresses: dict[str, str] = {}  # by lasting path
        self.former_names: FormerNames | None = None
        self.tally = Tally()

    def get(self, address: str) -> Served | None:
        """The document at an address such as ``feeds/actualites.rss``."""
        return self._documents.get(address)

    def archived_at(self, address: str) -> str | None:
        """Where the archive page now is that a lasting or former address leads to, or None."""
        lasting = lasting_path(address)
        return self._addresses.get(lasting) if lasting else None

    def refresh(self) -> None:
        """Take over what was written since the last time; all of it after a new revision."""
        with reading(self._runtime.engine) as connection:
            number = last_revision(connection)
            if number == 0:
                return
            since = self._serial if number == self._revision else 0
            found, serial = written_since(connection, since)
            self._compared = time.monotonic()
            if not found and number == self._revision:
                return
            publication = require(connection).publication
            names = FormerNames(publication, *removed_names(connection))
        site = self._runtime.settings.site(publication.base_url)
        self._take_over(found, site, anew=since == 0)
        self._serial, self._revision, self.former_names = serial, number, names

    def silent_for(self) -> float:
        """Seconds since what is served was last compared with what is stored."""
        return time.monotonic() - self._compared

    def _take_over(self, found: Sequence[Servable], site: str, *, anew: bool) -> None:
        """Replace both tables whole: a poll that is being answered keeps what it holds."""
        served, addresses = ({}, {}) if anew else (dict(self._documents), dict(self._addresses))
        for document in found:
            served.pop(addresses.pop(document.path, ""), None)
            if document.address:
                addresses[document.path] = document.address
                served[document.address] = serve(document, site)
        self._documents, self._addresses = served, addresses

    @contextmanager
    def following(self) -> Iterator[None]:
        """Refresh five times a second, in a thread, for as long as the block lasts."""
        done = threading.Event()
        thread = threading.Thread(target=self._follow, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def write_down(self) -> None:
        """Store what was counted; if the database is away, it is counted on."""
        counted, self.tally = self.tally, Tally()
        if not counted.polls:
            return
        try:
            with writing(self._runtime.engine) as connection:
                polls.write_down(connection, counted, database_now(connection))
        except (ServiceUnavailable, DBAPIError):
            self.tally.add(counted)
            raise
        for (path, status), count in counted.polls.items():
            FEED_POLLS.labels(suffix_of(path), status).inc(count)

    def _follow(self, done: threading.Event) -> None:
        rounds = int(WRITE_DOWN_S / REFRESH_S)
        for number in itertools.count(1):
            try:
                self.refresh()
                if number % rounds == 0 or done.is_set():
                    self.write_down()
            except (ServiceUnavailable, DBAPIError) as error:
                _log.warning("Feeds are served as they were: %s", error)
            except Exception:  # noqa: BLE001 - this thread is the only one to refresh them
                _log.exception("Feeds are served as they were.")
            if done.is_set():
                return
            done.wait(REFRESH_S)


def serve(document: Servable, site: str) -> Served:
    """A document with its headers for each coding and for 304 (RFC 9110)."""
    links = f'<{site}/{document.address}>; rel="self"'
    if not document.of_the_past and document.path != OPML_PATH:  # the hub has no others
        links += f', <{site}/hub>; rel="hub"'
    shared = [
        ("etag", document.etag),
        ("last-modified", http_date(document.last_modified)),
        ("cache-control", FOR_EVER if document.lasting else CACHE_CONTROL),
        ("vary", VARY),
        ("link", links),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "ETag, Last-Modified, Link"),
        *FOR_DOCUMENTS,
    ]
    coded = {"br": document.body_br, "gzip": document.body_gzip}
    sizes = {"": document.size, **{coding: len(body) for coding, body in coded.items()}}
    headers = {
        coding: _encode(
            *shared,
            ("content-type", document.content_type),
            ("content-length", str(size)),
            *([("content-encoding", coding)] if coding else []),
        )
        for coding, size in sizes.items()
    }
    return Served(
        document.etag,
        document.last_modified,
        coded,
        headers,
        _encode(*shared),
        {coding: _wire("200 OK", one) for coding, one in headers.items()},
        _wire("304 Not Modified", _encode(*shared)),
    )


def _wire(status: str, headers: Headers) -> bytes:
    """A head without its end, where the server adds its date."""
    lines = (name + b": " + value + b"\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n".encode() + b"".join(lines)


def _encode(*headers: tuple[str, str]) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
