"""An SMTP relay that does as it is told, to the byte: for what no well-behaved server does."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ABLE = ("PIPELINING", "8BITMIME", "SIZE 1000000", "ENHANCEDSTATUSCODES")


@dataclass
class Script:
    """What it answers, by command (``GREETING``; ``BODY`` for a message,
    ``NOBODY`` for one to nobody, ``EARLY`` in the midst of one); ``None``: hangs up.

    A list is used up answer by answer, its last one for good. ``...`` stands for silence.
    """

    able: tuple[str, ...] = ABLE
    able_in_tls: tuple[str, ...] | None = None
    answers: dict[str, object] = field(default_factory=dict)
    hangs_up_after: int | None = None  # octets received on the first connection
    cuts_after: int | None = None  # octets sent on the first connection
    dribbles: bool = False  # an octet at a time
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    injects: bytes = b""  # in clear, behind the answer to STARTTLS


@dataclass
class Relay:
    """A running one, and what it saw."""

    port: int
    script: Script
    taken: list[bytes] = field(default_factory=list)  # messages answered with 2xx, unstuffed
    ended: list[bytes] = field(default_factory=list)  # messages whose final dot came
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


USUAL: Mapping[str, str] = {
    "GREETING": "220 scripted ESMTP",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    "BODY": "250 2.0.0 queued as 4F2A",
    "NOBODY": "554 5.5.1 No valid recipients",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "AUTH": "235 2.7.0 Welcome",
    "STARTTLS": "220 2.0.0 Ready",
}


class _Gone(Exception):  # noqa: N818 - the end of a connection, no error
    pass


class _Session:
    """One connection, served to its end."""

    def __init__(self, relay: Relay, connection: socket.socket) -> None:
        self._relay, self._script = relay, relay.script
        self._socket = connection
        self._first = relay.connections == 1
        self._in, self._received, self._sent = b"", 0, 0
        self._sender, self._recipients, self._encrypted = False, 0, False

    def serve(self) -> None:
        if self._script.implicit_tls:
            self._encrypt()
        self._say("GREETING")
        while True:
            line = self._line()
            self._relay.commands.append(line.decode("utf-8", "replace"))
            verb = line.split(b" ")[0].split(b":")[0].decode("ascii", "replace").upper()
            self._obey(verb, line)

    def _obey(self, verb: str, line: bytes) -> None:
        if verb in {"EHLO", "HELO"}:
            self._hello(verb)
        elif verb in {"RCPT", "DATA"} and not self._sender:
            self._send(b"503 5.5.1 MAIL first\r\n")
        elif verb == "AUTH":
            self._authenticate(line)
        else:
            taken = self._say(verb if verb in USUAL else "OTHER")[0] in "23"
            self._go_on(verb, taken=taken)

    def _go_on(self, verb: str, *, taken: bool) -> None:
        if verb == "MAIL":
            self._sender = taken
        elif verb == "RCPT":
            self._recipients += taken
        elif verb == "RSET":
            self._sender, self._recipients = False, 0
        elif verb == "DATA" and taken:
            self._message()
        elif verb == "STARTTLS" and taken:
            self._send(self._script.injects)
            self._encrypt()
        elif verb == "QUIT":
            raise _Gone

    def _authenticate(self, line: bytes) -> None:
        if line.upper() == b"AUTH LOGIN":
            for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                self._send(prompt)
                self._relay.commands.append(self._line().decode())
        self._say("AUTH")

    def _hello(self, verb: str) -> None:
        if verb in self._script.answers:
            self._say(verb)
            return
        able = self._script.able
        if self._encrypted and self._script.able_in_tls is not None:
            able = self._script.able_in_tls
        lines = ["scripted", *(able if verb == "EHLO" else ())]
        said = [f"250{'-' if at < len(lines) - 1 else ' '}{one}" for at, one in enumerate(lines)]
        self._send("".join(f"{one}\r\n" for one in said).encode())

    def _message(self) -> None:
        if self._script.answers.get("EARLY"):
            self._say("EARLY")
        lines: list[bytes] = []
        while (line := self._line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        message = b"".join(line + b"\r\n" for line in lines)
        self._sender = False
        if not self._recipients:
            self._say("NOBODY")
            return
        self._recipients = 0
        self._relay.ended.append(message)
        if self._answer("BODY", peek=True).startswith("2"):
            self._relay.taken.append(message)
        self._say("BODY")

    def _answer(self, verb: str, *, peek: bool = False) -> str:
        answer = self._script.answers.get(verb, USUAL.get(verb, "500 5.5.2 What?"))
        if isinstance(answer, list):
            answer = answer[0] if peek or len(answer) == 1 else answer.pop(0)
        if peek:
            return answer if isinstance(answer, str) else ""
        if answer is ...:
            while self._socket.recv(65_536):
                pass
        if not isinstance(answer, str):
            raise _Gone
        return answer

    def _say(self, verb: str) -> str:
        answer = self._answer(verb)
        self._send(answer.encode() + b"\r\n")
        if answer.startswith("421"):
            raise _Gone
        return answer

    def _send(self, data: bytes) -> None:
        most = self._script.cuts_after if self._first else None
        cut = data if most is None else data[: max(0, most - self._sent)]
        step = 1 if self._script.dribbles else max(1, len(cut))
        for at in range(0, len(cut), step):
            self._socket.sendall(cut[at : at + step])
        self._sent += len(cut)
        if len(cut) < len(data):
            raise _Gone

    def _line(self) -> bytes:
        while b"\r\n" not in self._in:
            most = self._script.hangs_up_after if self._first else None
            room = 65_536 if most is None else min(65_536, most - self._received)
            data = self._socket.recv(room) if room else b""
            if not data:
                raise _Gone
            self._received += len(data)
            self._in += data
        line, _, self._in = self._in.partition(b"\r\n")
        return line

    def _encrypt(self) -> None:
        assert self._script.tls is not None
        self._socket = self._script.tls.wrap_socket(self._socket, server_side=True)
        self._encrypted, self._in = True, b""

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


@contextmanager
def scripted(script: Script | None = None) -> Iterator[Relay]:
    """A relay on loopback that follows a script; each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        relay = Relay(listener.getsockname()[1], script or Script())
        threading.Thread(target=_accept, args=(relay, listener.accept), daemon=True).start()
        yield relay
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(relay: Relay, accept: Callable[[], tuple[socket.socket, object]]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay.connections += 1
            threading.Thread(target=_serve, args=(relay, connection), daemon=True).start()


def _serve(relay: Relay, connection: socket.socket) -> None:
    session = _Session(relay, connection)
    try:
        with suppress(_Gone, OSError):
            session.serve()
    finally:
        session.close()
