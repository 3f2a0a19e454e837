"""The site, at its public address: who answers there, with which certificate, to which clicks.

The operator's own setting names that address, so it is asked wherever it leads, and not through
``fetch``; whether the world could ask there too is judged by that guard's rule.
"""

import contextlib
import http.client
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.config.relay import is_loopback
from colporteur.doctor.asking.clocks import read_date
from colporteur.doctor.judging.clocks import ahead
from colporteur.doctor.judging.site import Door, OneClick, Site
from colporteur.doctor.names import Names
from colporteur.fetch.guard import Target, allowed, parse_target
from colporteur.tokens import UNSUBSCRIBE, make_token

WITHIN_S = 8.0
_BODY_AT_MOST = 100_000
_MOVED, _GONE = range(300, 400), 404
_NOBODY = 0
"""The number of no subscription: a link for it is ours and unsubscribes nobody."""


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    date: str


@dataclass(frozen=True)
class _Asker:
    """Asks one address of a site."""

    target: Target
    address: str
    tls: ssl.SSLContext

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        where = self.address, self.target.port
        with socket.create_connection(where, WITHIN_S) as plain:
            if self.target.scheme != "https":
                yield plain
                return
            with self.tls.wrap_socket(plain, server_hostname=self.target.host) as secured:
                yield secured

    def ask(self, method: str, path: str, body: bytes = b"") -> _Answer:
        headers = {"Host": self.target.authority, "Connection": "close", "User-Agent": "Colporteur"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self.connection() as line, _ending(line):
            asked = http.client.HTTPConnection(self.target.host, timeout=WITHIN_S)
            asked.sock = line
            asked.request(method, self.target.path.rstrip("/") + path, body or None, headers)
            answer = asked.getresponse()
            return _Answer(answer.status, answer.read(_BODY_AT_MOST), answer.getheader("Date", ""))


@contextlib.contextmanager
def _ending(line: socket.socket) -> Iterator[None]:
    """Hang up in time: one octet now and then keeps nobody waiting."""
    hangs_up = threading.Timer(WITHIN_S, lambda: socket.socket.shutdown(line, socket.SHUT_RDWR))
    hangs_up.daemon = True
    hangs_up.start()
    try:
        yield
    finally:
        hangs_up.cancel()


def on_this_machine(url: str) -> bool:
    """Whether an address leads each reader to their own machine."""
    host = urlsplit(url).hostname or ""
    return is_loopback(host) or host.endswith(".localhost")


def look_at_site(names: Names, url: str, settings: Settings, tls: ssl.SSLContext) -> Site:
    """Meet the site at each of its addresses, then ask the first that serves.

    Raises:
        ServiceUnavailable: the name servers do not answer.
        FetchRefused: nobody can fetch from there: another protocol's port, say.
    """
    target = parse_target(url)
    addresses = names.addresses(target.host)
    public = set(allowed(addresses, loopback=settings.fetch_loopback))
    askers = [_Asker(target, one, tls) for one in addresses]
    doors = tuple(_door(one, public=one.address in public) for one in askers)
    open_ones = [one for one, door in zip(askers, doors, strict=True) if not door.trouble]
    alive, status, ahead, click = False, 0, None, OneClick.UNANSWERED
    if open_ones:
        alive, status, ahead = _health(open_ones[0])
        click = _click(open_ones[0], settings.secret_key)
    return Site(url, target.scheme == "https", doors, alive, status, click, ahead)


def _door(asker: _Asker, *, public: bool) -> Door:
    try:
        with asker.connection() as line:
            ends = _certificate_ends(line)
    except (OSError, ValueError) as error:
        return Door(asker.address, public, _said(error), None)
    return Door(asker.address, public, "", ends)


def _certificate_ends(line: socket.socket) -> datetime | None:
    if not isinstance(line, ssl.SSLSocket):
        return None
    until = (line.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(until)), UTC) if until else None


def _health(asker: _Asker) -> tuple[bool, int, timedelta | None]:
    before = utcnow()
    try:
        answer = asker.ask("GET", "/healthz")
    except (OSError, http.client.HTTPException):
        return False, 0, None
    after, said = utcnow(), read_date(answer.date)
    try:
        alive = answer.status == http.HTTPStatus.OK and json.loads(answer.body)["status"] == "ok"
    except (ValueError, TypeError, KeyError, RecursionError):
        alive = False
    return alive, answer.status, ahead(said, before, after) if said else None


def _click(asker: _Asker, secret_key: str) -> OneClick:
    """Two POSTs as a mail provider sends them: a forged link, and one of ours for nobody.

    Both are answered with 404, by whoever has our key with different words.
    """
    body = b"List-Unsubscribe=One-Click"
    forged = f"{secrets.token_urlsafe(6)}.{secrets.token_urlsafe(32)}"
    ours = make_token(secret_key, UNSUBSCRIBE, _NOBODY)
    try:
        first, second = (asker.ask("POST", f"/unsubscribe/{one}", body) for one in (forged, ours))
        return _judged(asker, first, second)
    except (OSError, http.client.HTTPException):
        return OneClick.UNANSWERED


def _judged(asker: _Asker, first: _Answer, second: _Answer) -> OneClick:
    """What the answers to a forged link and to ours say, in this order."""
    if first.status in _MOVED or second.status in _MOVED:
        return OneClick.REDIRECTED
    if {first.status, second.status} != {_GONE}:
        return OneClick.ELSEWHERE
    if first.body != second.body:
        return OneClick.OURS
    return OneClick.OTHER_KEY if _is_ours(asker) else OneClick.ELSEWHERE


def _is_ours(asker: _Asker) -> bool:
    """Whether a link that is not ours is told apart from a page that there is not."""
    forged, nowhere = (
        asker.ask("POST", f"{path}{secrets.token_urlsafe(6)}", b"x=y")
        for path in ("/unsubscribe/", "/unsubscribe-nowhere-")
    )
    return forged.body != nowhere.body or forged.status != nowhere.status


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
