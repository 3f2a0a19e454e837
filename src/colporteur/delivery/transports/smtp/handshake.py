"""From nothing to a relay that takes mail: greeting, EHLO, STARTTLS, EHLO again, AUTH."""

import base64
import functools
import socket
import ssl
from collections.abc import Callable

from colporteur.config.relay import Relay
from colporteur.delivery.transports.reply import Reply
from colporteur.delivery.transports.smtp.extensions import Extensions, read_extensions
from colporteur.delivery.transports.smtp.line import Line, Lost, Timeouts

_READY = 220
_MORE = 334
_NOT_KNOWN = frozenset({500, 501, 502, 504, 550})


@functools.cache  # it reads the system's certificates, which takes longer than many messages
def verifying() -> ssl.SSLContext:
    """TLS as mail needs it: the certificate and its name are verified (SSL_CERT_FILE: against)."""
    return ssl.create_default_context()


def connect(
    relay: Relay,
    timeouts: Timeouts,
    tls: ssl.SSLContext | None,
    begun: Callable[[Line], None] = lambda _: None,
) -> tuple[Line, Extensions]:
    """A connection that mail can be offered on, and what the relay can on it.

    ``begun`` is told of the line before the relay greets.

    Raises:
        Lost: nobody serves there, or not as securely as asked.
    """
    line = Line(relay.host, relay.port, timeouts)
    begun(line)
    try:
        return line, _greet(line, relay, timeouts, tls)
    except BaseException:
        line.drop()
        raise


def _greet(line: Line, relay: Relay, timeouts: Timeouts, tls: ssl.SSLContext | None) -> Extensions:
    if relay.implicit_tls:
        line.secure(tls or verifying(), relay.host)
    greeting = line.reply(timeouts.greeting)
    if greeting.code != _READY:
        raise Lost(f"it greets with {_quoted(greeting)}")
    able = _hello(line, timeouts)
    if relay.starttls:
        if not able.starttls:
            raise Lost("it offers no STARTTLS; only starttls=no would do without")
        _expect(line.ask(b"STARTTLS\r\n", timeouts.command), "STARTTLS")
        line.secure(tls or verifying(), relay.host)
        able = _hello(line, timeouts)  # what it said in clear may have been another's word
    if relay.user:
        _authenticate(line, relay, able, timeouts)
    return able


def _hello(line: Line, timeouts: Timeouts) -> Extensions:
    name = socket.gethostname()
    name = name if "." in name.strip(".") and name.isascii() else line.here
    reply = line.ask(f"EHLO {name}\r\n".encode(), timeouts.command)
    if reply.code in _NOT_KNOWN:  # a server from before 1995 (RFC 5321 section 3.2)
        _expect(line.ask(f"HELO {name}\r\n".encode(), timeouts.command), "HELO")
        return Extensions()
    _expect(reply, "EHLO")
    return read_extensions(line.last_lines[1:])


def _authenticate(line: Line, relay: Relay, able: Extensions, timeouts: Timeouts) -> None:
    """AUTH PLAIN, else LOGIN (RFC 4954, 4616)."""
    if not (line.encrypted or relay.loopback):
        raise Lost("a password would go out in clear")
    user, password = relay.user.encode(), relay.password.encode()
    said = [
        base64.b64encode(b"\0" + user + b"\0" + password),
        *map(base64.b64encode, (user, password)),
    ]
    if "PLAIN" in able.auth:
        reply = line.ask(b"AUTH PLAIN " + said[0] + b"\r\n", timeouts.command)
    elif "LOGIN" in able.auth:
        reply = line.ask(b"AUTH LOGIN\r\n", timeouts.command)
        for word in said[1:]:
            if reply.code == _MORE:
                reply = line.ask(word + b"\r\n", timeouts.command)
    else:
        raise Lost("it offers neither AUTH PLAIN nor AUTH LOGIN")
    _expect(reply, "AUTH", (relay.password, *(word.decode() for word in said)))


def _expect(reply: Reply, command: str, secrets: tuple[str, ...] = ()) -> None:
    if not reply.taken:
        raise Lost(f"it answers {command} with {_quoted(reply, secrets)}")


def _quoted(reply: Reply, secrets: tuple[str, ...] = ()) -> str:
    """What it said; a server may repeat a command, and our secrets with it."""
    text = reply.text
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return f"{reply.code} {text[:200]}".strip().rstrip(".")
