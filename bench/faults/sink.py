"""An SMTP server of its own process that forgets nothing: ``python -m bench.faults.sink PORT FOLDER``.

Each message that it accepts is a line of ``FOLDER/accepted`` (recipient, Message-ID), written
before its 250 and thus kept though this process is killed. ``FOLDER/orders`` (JSON, read again
when it changes) says how many messages a second it takes, of all connections together
(``rate``, 0: as many as come), how often it hangs up at random (``drops``, a probability for
each message), how often it asks to come back later (``defers``, the same), whose addresses do not
exist (``gone``, a domain), and whether messages are kept whole (``keep``): ``FOLDER/messages`` has
each after a line of its time (monotonic seconds), its size and its recipient. A connection that it
cut is a line of ``FOLDER/cut``, a recipient put off one of ``FOLDER/deferred``.

It offers PIPELINING and takes commands in any packets. A throttled message is written down in
the middle of its wait: the half before its reply is when a client that dies leaves a doubt.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from pathlib import Path

_GREETING = b"220 sink.example ESMTP\r\n"
_EHLO = (
    b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    b"250-ENHANCEDSTATUSCODES\r\n250 SIZE 52428800\r\n"
)
_END = b"\r\n.\r\n"
_FIELD = b"\r\nmessage-id:"
_ORDERS_EVERY_S = 0.1


class Book:
    """What is kept, and what was ordered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._accepted = _append_to(folder / "accepted")
        self._cut = _append_to(folder / "cut")
        self._deferred = _append_to(folder / "deferred")
        self._messages = _append_to(folder / "messages")
        self._read_at = -1
        self._free_at = 0.0
        self.rate, self.drops, self.defers = 0.0, 0.0, 0.0
        self.gone, self.keep = b"", False
        self.look()

    def look(self) -> None:
        """Read the orders, if they are new."""
        path = self._folder / "orders"
        if path.exists() and path.stat().st_mtime_ns != self._read_at:
            self._read_at = path.stat().st_mtime_ns
            orders = json.loads(path.read_text(encoding="utf-8"))
            self.rate, self.drops = orders["rate"], orders["drops"]
            self.defers, self.keep = orders.get("defers", 0.0), orders.get("keep", False)
            self.gone = orders.get("gone", "").encode()

    def accept(self, recipient: bytes, message: bytes) -> None:
        """Write a message down: it is this server's from here on."""
        if self.keep:
            whole = message.removeprefix(b"\r\n") + b"\r\n"
            head = b"%.3f %d %s\n" % (time.monotonic(), len(whole), recipient)
            os.write(self._messages, head + whole)
        os.write(self._accepted, recipient + b"\t" + _message_id(message) + b"\n")

    def answer(self, recipient: bytes) -> bytes:
        """What is said of a recipient: taken, later, or never."""
        if self.gone and recipient.endswith(b"@" + self.gone):
            return b"550 5.1.1 no such user"
        if self.defers and random.random() < self.defers:
            os.write(self._deferred, recipient + b"\n")
            return b"450 4.2.0 mailbox busy"
        return b"250 2.1.5 recipient ok"

    def note_cut(self, where: bytes) -> None:
        """Write down that a connection was cut."""
        os.write(self._cut, where + b"\n")

    def wait(self) -> float:
        """Seconds until the next message may be answered, by the rate of all connections."""
        if not self.rate:
            return 0.0
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + 1 / self.rate
        return self._free_at - now


class Connection(asyncio.Protocol):
    """One client: commands and bodies in order, as they come."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._buffer = bytearray()
        self._replies: deque[bytes] = deque()
        self._recipients: list[bytes] = []
        self._in_body = self._waits = self._lost = False
        self._looked = 0
        self._drop = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(_GREETING)

    def connection_lost(self, _error: Exception | None) -> None:
        """Take nothing more; what had been written down stays so."""
        self._lost = True

    def data_received(self, data: bytes) -> None:
        """Go as far as the bytes reach."""
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while not self._waits and not self._lost and self._step():
            pass
        if self._replies and not self._lost:
            self._transport.write(b"".join(self._replies))
        self._replies.clear()

    def _step(self) -> bool:
        if self._in_body:
            return self._body()
        line, found, rest = self._buffer.partition(b"\r\n")
        if found:
            self._buffer = rest
            self._command(bytes(line))
        return bool(found)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb in {b"EHLO", b"HELO"}:
            self._replies.append(_EHLO)
        elif verb == b"MAIL":
            self._drop = _where(self._book.drops)
            self._recipients.clear()
            self._say(b"250 2.1.0 sender ok", b"mail")
        elif verb == b"RCPT":
            recipient = line.partition(b"<")[2].rpartition(b">")[0]
            said = self._book.answer(recipient)
            if said.startswith(b"250"):
                self._recipients.append(recipient)
            self._say(said, b"rcpt")
        elif verb == b"DATA" and not self._recipients:
            self._say(b"554 5.5.1 no valid recipients", b"data")
        elif verb == b"DATA":
            self._say(b"354 go ahead", b"data")
            self._in_body, self._looked = True, 0
            self._buffer[:0] = b"\r\n"  # so that a body of a dot alone ends like any other
        elif verb == b"QUIT":
            self._replies.append(b"221 2.0.0 bye\r\n")
            self._go_away()
        else:
            self._replies.append(b"250 2.0.0 ok\r\n")

    def _say(self, reply: bytes, where: bytes) -> None:
        if self._drop == where:
            self._cut(where)
        else:
            self._replies.append(reply + b"\r\n")

    def _body(self) -> bool:
        if self._drop == b"body" and self._buffer:
            self._cut(b"body")
            return False
        end = self._buffer.find(_END, max(0, self._looked - len(_END)))
        self._looked = len(self._buffer)
        if end < 0:
            return False
        message, self._buffer = bytes(self._buffer[:end]), self._buffer[end + len(_END) :]
        self._in_body = False
        self._receive(message)
        return True

    def _receive(self, message: bytes) -> None:
        half = self._book.wait() / 2
        if not half:
            if self._take(message):
                self._say(b"250 2.0.0 taken", b"taken")
            return
        self._waits = True
        loop = asyncio.get_running_loop()

        def take() -> None:
            if self._take(message):
                loop.call_later(half, answer)

        def answer() -> None:
            self._waits = False
            self._say(b"250 2.0.0 taken", b"taken")
            self._go_on()

        loop.call_later(half, take)

    def _take(self, message: bytes) -> bool:
        if self._drop == b"dot":
            self._cut(b"dot")
            return False
        for one in self._recipients:
            self._book.accept(one, message)
        return True

    def _cut(self, where: bytes) -> None:
        """Hang up in the middle, as a relay that falls over does."""
        self._book.note_cut(where)
        self._lost = True
        self._transport.abort()

    def _go_away(self) -> None:
        self._transport.write(b"".join(self._replies))
        self._replies.clear()
        self._transport.close()


def _append_to(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _where(probability: float) -> bytes:
    """Where this message's connection is to be cut, if at all."""
    if random.random() >= probability:
        return b""
    return random.choice([b"mail", b"rcpt", b"data", b"body", b"dot", b"taken"])


def _message_id(message: bytes) -> bytes:
    head = message.partition(b"\r\n\r\n")[0] if message[:4] != b"\r\n\r\n" else b""
    at = head.lower().find(_FIELD)
    return b"" if at < 0 else head[at + len(_FIELD) :].strip().partition(b"\r\n")[0]


async def serve(port: int, folder: Path) -> None:
    """Listen until killed."""
    book = Book(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(book), "127.0.0.1", port, reuse_address=True
    )
    async with server:
        while True:
            await asyncio.sleep(_ORDERS_EVERY_S)
            book.look()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
