"""Answers plain polls as soon as their bytes arrive, before a request is made of them.

Programs poll with the same few hundred bytes, over and over. What a head of such bytes asks for
is worked out once and remembered; the answer is written at once, from memory. Whatever is not as
plain as that (a body, a proxy's header, HTTP/1.0, half a head) goes the usual way, which gives
the same answers.
"""

import asyncio
from functools import lru_cache
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from colporteur.web.feeds import FeedsInFront
from colporteur.web.polling import Asked, asked_in, judge

_START, _END = b"GET /feeds", b"\r\n\r\n"
_HEAD_AT_MOST = 2048
_HEADS_KEPT = 4096
_HEAD_KEPT_AT_MOST = 32 * 1024
_HEAD_SECONDS = 20.0
_SERVED = {200, 304}
# They change what a request is, or whose it is.
_NOT_PLAIN = frozenset(
    [
        b"connection",
        b"content-length",
        b"expect",
        b"forwarded",
        b"te",
        b"transfer-encoding",
        b"upgrade",
        b"x-forwarded-for",
        b"x-forwarded-proto",
    ]
)


class FeedsProtocol(HttpToolsProtocol):
    """An HTTP/1.1 connection that knows polls at sight. ``feeds`` is set by ``protocol_for``."""

    feeds: FeedsInFront

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._between_messages = True  # nothing of a request has come that is not answered
        self._answered = False  # since the keep-alive timer was set
        self._dated: tuple[object, bytes] = (None, b"")
        self._in_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Answer a plain poll; hand on everything else."""
        if data.startswith(_START) and self._idle() and self._answer(data):
            self._in_time()
            return
        super().data_received(data)
        if self._in_head:
            self._bound_head(len(data))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the client some seconds to ask for something."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._in_time()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a request has begun to come."""
        self._between_messages = False
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that a request's head has come."""
        self._in_head = False
        self._in_time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that all of a request has come."""
        self._between_messages = True
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one that was answered since then is given as long again."""
        if self._answered and not self.transport.is_closing():
            self._answered = False
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _bound_head(self, more: int) -> None:
        """End a head that does not end by itself: its bytes are all kept (RFC 6585 section 5)."""
        self._head_bytes += more
        if self._head_bytes > _HEAD_KEPT_AT_MOST and not self.transport.is_closing():
            lines = b"content-length: 0\r\nconnection: close\r\n"
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + lines + _END[2:]
            )
            self.transport.close()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._too_slow)

    def _in_time(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        self.transport.close()

    def _idle(self) -> bool:
        """Whether what comes now begins a request, and the client reads what it is sent."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first
        answered = cycle is None or cycle.response_complete
        return (
            self._between_messages
            and answered
            and not self.access_log_wanted
            and not self.flow.write_paused
        )

    @property
    def access_log_wanted(self) -> bool:
        """Whether each request must be logged, which only the usual way does."""
        return self.config.access_log and self.access_log

    def _answer(self, data: bytes) -> bool:
        plain = _plain_poll(data) if len(data) <= _HEAD_AT_MOST else None
        if plain is None or self.client is None:
            return False
        path, asked = plain
        found = self.feeds.documents.get(path)
        if found is None:
            return False
        status, _ = judge(found, path, asked, self.client[0], self.feeds.politeness)
        if status not in _SERVED:
            return False
        self.feeds.documents.tally.note(path, status, asked.told)
        if status == 200:  # noqa: PLR2004
            head, body = found.wire[asked.coding], found.body(asked.coding)
            self.transport.writelines([head, self._date(), body])
        else:
            self.transport.write(found.wire_304 + self._date())
        self._stay()
        return True

    def _stay(self) -> None:
        self.server_state.total_requests += 1
        self._answered = True
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _date(self) -> bytes:
        """The server's own headers, Date among them, and the end of the head."""
        headers = self.server_state.default_headers  # a new list each second
        if self._dated[0] is not headers:
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
            self._dated = (headers, lines + b"\r\n")
        return self._dated[1]


def protocol_for(feeds: FeedsInFront) -> type[FeedsProtocol]:
    """The protocol of connections that are answered from these feeds."""
    return type("FeedsProtocol", (FeedsProtocol,), {"feeds": feeds})


@lru_cache(maxsize=_HEADS_KEPT)
def _plain_poll(data: bytes) -> tuple[str, Asked] | None:
    """What a request's bytes ask for, if they are a whole, plain poll and nothing else."""
    if not (data.startswith(_START) and data.endswith(_END) and data.count(_END) == 1):
        return None
    first, *lines = data[: -len(_END)].split(b"\r\n")
    _, _, rest = first.partition(b" /")
    target, _, version = rest.partition(b" ")
    if version != b"HTTP/1.1" or not target.isascii() or any(char in target for char in b"%?#\\ "):
        return None
    headers = _headers(lines)
    if headers is None or any(name in _NOT_PLAIN for name in headers) or b"host" not in headers:
        return None
    asked = asked_in(headers.items())
    return None if asked.navigates else (target.decode("ascii"), asked)


def _headers(lines: list[bytes]) -> dict[bytes, bytes] | None:
    """Headers by name in small letters; None if one is odd or stands there twice."""
    found: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.lower()
        odd = not colon or not name.replace(b"-", b"").isalnum() or name in found
        if odd or not value.isascii() or any(char < 32 for char in value if char != 9):  # noqa: PLR2004
            return None
        found[name] = value.strip()
    return found
