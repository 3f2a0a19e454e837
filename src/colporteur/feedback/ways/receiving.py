"""Connections of LMTP and SMTP: who may have one, and how much of a message is held meanwhile.

The messages of all connections together are held up to ``HELD_AT_MOST``: a client that sends what
there is no more room for is told to come again, and what it sends is let go as it comes.
"""

import asyncio
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope

from colporteur.feedback.mail import AT_MOST
from colporteur.feedback.ways.gate import tagged

UNTAGGED_AT_MOST = 1024 * 1024
"""Bytes of a message to an address that anybody can guess."""
HELD_AT_MOST = 4 * AT_MOST
"""Bytes of messages that are being taken in, over all connections."""
SESSION_S = 600.0
"""How long a connection may last, whatever goes on: each takes a place."""
OF_ONE = 10
"""Connections of one client by SMTP; by LMTP they all are a mail server's."""
_END = b".\r\n"
_TOO_MUCH = "552 5.3.4 Too much mail data"
_FULL = "451 4.3.1 Too much at a time; come again soon"


@dataclass
class Place:
    """The connections that are open, and the bytes of messages that they hold."""

    connections: int
    of_one: int  # client
    held_at_most: int = HELD_AT_MOST
    open: dict["Smtp", str] = field(default_factory=dict)
    held: int = 0

    def enter(self, one: "Smtp", client: str) -> bool:
        """Take a place; False if there is none, or that client has its share."""
        theirs = sum(other == client for other in self.open.values())
        if len(self.open) >= self.connections or theirs >= self.of_one:
            return False
        self.open[one] = client
        return True

    def leave(self, one: "Smtp") -> bool:
        """Leave the place; False if it had none."""
        if one not in self.open:
            return False
        del self.open[one]
        return True


def _client(transport: asyncio.Transport) -> str:
    """Who it is; of IPv6 the network, of which each household has one (RFC 6177)."""
    name = str((transport.get_extra_info("peername") or ("",))[0]).partition("%")[0]
    return str(ip_network(f"{name}/64", strict=False)) if ":" in name else name


class _Held:
    """One message as it comes: its bytes, or why they are not wanted."""

    def __init__(self, place: Place, at_most: int) -> None:
        self.refusal: str | None = None
        self._place, self._at_most = place, at_most
        self._bytes = bytearray()
        self._tail = b"\r\n"  # the command before it ended a line
        self._counted = 0

    def add(self, chunk: bytes) -> bool:
        """Take a chunk; True if it was the last: the end is a dot on a line of its own."""
        self._tail = (self._tail + chunk[-5:])[-5:]
        if self.refusal is None:
            self._keep(chunk)
        return self._tail.endswith(b"\r\n" + _END)

    def _keep(self, chunk: bytes) -> None:
        if self._counted + len(chunk) > self._at_most + len(_END):
            self.refusal = _TOO_MUCH
        elif self._place.held + len(chunk) > self._place.held_at_most:
            self.refusal = _FULL
        else:
            self._bytes += chunk
            self._counted += len(chunk)
            self._place.held += len(chunk)
            return
        self.let_go()

    def message(self) -> bytes:
        """The whole, without the dots that stand for transparency (RFC 5321 section 4.5.2)."""
        del self._bytes[-len(_END) :]
        if self._bytes.startswith(b"."):
            del self._bytes[0]
        whole = bytes(self._bytes)
        self._bytes = bytearray()
        return whole.replace(b"\r\n.", b"\r\n")

    def let_go(self) -> None:
        """Make room for others."""
        self._bytes = bytearray()
        self._place.held -= self._counted
        self._counted = 0


class Smtp(SMTP):
    """One connection. ``place`` is shared by all; ``refused`` counts recipients."""

    place: Place
    line_length_limit = 256 * 1024  # how much is taken in at once
    refused = 0
    _session: asyncio.TimerHandle
    _over = False
    _answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a place, or be sent away."""
        assert isinstance(transport, asyncio.Transport)
        if not self.place.enter(self, _client(transport)):
            transport.write(b"421 4.7.0 Too many connections; come again soon\r\n")
            transport.close()
            return
        super().connection_made(transport)
        self._session = self.loop.call_later(SESSION_S, self._too_long)

    def connection_lost(self, error: Exception | None) -> None:
        """Leave the place."""
        if self.place.leave(self):
            self._session.cancel()
            super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a message in: aiosmtpd's own would make an object of each of its lines."""
        if await self.check_helo_needed():
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Who is it for? RCPT comes first")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        guessed = not all(tagged(one) for one in self.envelope.rcpt_tos)
        held = _Held(self.place, UNTAGGED_AT_MOST if guessed else AT_MOST)
        try:
            while not held.add(await self._chunk()):
                pass
            answer: Any = held.refusal
            if answer is None:
                self.envelope.original_content = self.envelope.content = held.message()
                self._answering = True
                answer = await self._call_handler_hook("DATA")
        finally:
            self._answering = False
            held.let_go()
            self.envelope = Envelope()
        await self.push(answer)
        if self._over and self.transport is not None:
            self.transport.close()

    def _too_long(self) -> None:
        """End it; what is being heard is answered first."""
        self._over = True
        if not self._answering and self.transport is not None:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()  # whoever reads no answers would never let it close

    async def _chunk(self) -> bytes:
        """What came, up to a dot that ends a line or to some limit; the end is never passed."""
        try:
            return await self._reader.readuntil(_END)
        except asyncio.LimitOverrunError as error:
            return await self._reader.read(error.consumed)


class Lmtp(LMTP, Smtp):
    """The same for LMTP."""
