"""A connection to a relay: bytes out, replies in, each within its time."""

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from colporteur.delivery.transports.reply import Reply
from colporteur.delivery.transports.smtp.replies import MalformedReply, ReplyReader


@dataclass(frozen=True)
class Timeouts:
    """How long we wait, in seconds: RFC 5321 section 4.5.3.2; connecting and parting are ours."""

    connect: float = 30
    greeting: float = 300
    command: float = 300  # MAIL and RCPT; EHLO, STARTTLS, AUTH and RSET have the same
    data: float = 120  # the answer to DATA
    block: float = 180  # some bytes of a message
    final: float = 600  # the answer to a message
    check: float = 10  # whether a connection that was idle still serves
    quit: float = 2
    idle: float = 5  # unused for so long, a connection is asked whether it still serves


class Lost(Exception):  # noqa: N818 - named for what it is; it never leaves these modules
    """The connection is of no use any more. ``sent``: bytes of the last write that had gone."""

    def __init__(self, why: str, *, sent: int = 0, perhaps_taken: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent
        self.perhaps_taken = perhaps_taken


class Line:
    """An open connection, in clear until ``secure``."""

    def __init__(self, host: str, port: int, timeouts: Timeouts) -> None:
        """Connect.

        Raises:
            Lost: nobody answers there.
        """
        self._timeouts = timeouts
        self._reader = ReplyReader()
        self.encrypted = False
        try:
            connected = socket.create_connection((host, port), timeouts.connect)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, UnicodeError) as error:  # UnicodeError: a host that is no name
            raise Lost(_say(error)) from error
        self._socket: socket.socket = connected

    @property
    def here(self) -> str:
        """Our end's address, as EHLO names a host without a name (RFC 5321 section 4.1.3)."""
        address = str(self._socket.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    @property
    def quiet(self) -> bool:
        """Whether nothing has come that nobody asked for, not even a farewell."""
        if not self._reader.empty:
            return False
        try:
            self._socket.settimeout(0)
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except (OSError, ValueError):
            return False
        return False

    @property
    def last_lines(self) -> list[str]:
        """The lines of the last reply, without their codes."""
        return [line.decode("ascii", "replace") for line in self._reader.lines]

    @property
    def protocol(self) -> str:
        """The version of TLS that is spoken, such as ``TLSv1.3``; '' in clear."""
        return (self._socket.version() or "") if isinstance(self._socket, ssl.SSLSocket) else ""

    @property
    def certificate_ends(self) -> datetime | None:
        """When the verified certificate of the other end ends; None in clear."""
        if not isinstance(self._socket, ssl.SSLSocket):
            return None
        said = (self._socket.getpeercert() or {}).get("notAfter")
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said)), UTC) if said else None

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS, the certificate verified for this host (RFC 3207 section 4).

        Raises:
            Lost: it is not this host's, or words in clear came after the answer to STARTTLS.
        """
        if not self._reader.empty:
            raise Lost("it spoke on in clear after STARTTLS")
        try:
            self._socket.settimeout(self._timeouts.command)
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except (OSError, ValueError) as error:
            raise Lost(_say(error)) from error
        self.encrypted = True

    def write(self, data: bytes) -> None:
        """Send all of this.

        Raises:
            Lost: the connection broke, or took nothing for a while; ``sent`` bytes had gone.
        """
        sent = 0
        try:
            self._socket.settimeout(self._timeouts.block)
            sent = self._socket.send(data)
            rest = memoryview(data)
            while sent < len(data):
                sent += self._socket.send(rest[sent:])
        except (OSError, ValueError) as error:
            raise Lost(_say(error), sent=sent) from error

    def reply(self, within: float) -> Reply:
        """The next reply, which may take ``within`` seconds in all.

        Raises:
            Lost: the connection broke, nothing came in time, or what came is no reply.
        """
        try:
            reply = self._reader.next()
            until = time.monotonic() + within if reply is None else 0
            while reply is None:
                self._socket.settimeout(max(until - time.monotonic(), 0.001))
                data = self._socket.recv(65_536)
                if not data:
                    raise Lost("it hung up")
                self._reader.feed(data)
                reply = self._reader.next()
        except MalformedReply as error:
            raise Lost(str(error)) from error
        except (OSError, ValueError) as error:
            raise Lost(_say(error)) from error
        return reply

    def ask(self, command: bytes, within: float) -> Reply:
        """One command and its reply; raises Lost as both do."""
        self.write(command)
        return self.reply(within)

    def drop(self) -> None:
        """Hang up without a word: a message without its final dot is not taken."""
        self._socket.close()

    def __del__(self) -> None:
        """Whoever held it is gone."""
        with contextlib.suppress(AttributeError):  # it never connected
            self.drop()

    def interrupt(self) -> None:
        """End whatever another thread waits for on this line: it gets Lost."""
        with contextlib.suppress(OSError):
            # Of the file itself: a TLS socket's own method would end its session first.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _say(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
