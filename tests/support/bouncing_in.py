"""The server that hears what comes back, on a port of its own, and clients that bring it."""

import contextlib
import smtplib
from collections.abc import Iterator

from returns import EARS
from servers import free_port
from sqlalchemy import Engine

from colporteur.config.listening import Listening
from colporteur.feedback.ways.listening import Listener


@contextlib.contextmanager
def hearing(engine: Engine, scheme: str = "lmtp", **limits: int) -> Iterator[int]:
    """A server that listens; its port."""
    port = free_port()
    listener = Listener(engine, EARS, Listening(scheme, "127.0.0.1", port), **limits)
    listener.start()
    try:
        yield port
    finally:
        listener.stop()


@contextlib.contextmanager
def client(port: int, scheme: str = "lmtp") -> Iterator[smtplib.SMTP]:
    """A client that said hello."""
    kind = smtplib.LMTP if scheme == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", port, timeout=20) as made:
        made.ehlo("mx.example.org")
        yield made


def bring(port: int, recipient: str, message: bytes, scheme: str = "lmtp") -> tuple[int, str]:
    """Bring a message from nobody, as bounces are; the last answer."""
    with client(port, scheme) as made:
        made.mail("")
        code, said = made.rcpt(recipient)
        if code == 250:
            code, said = made.data(message)
        return code, said.decode()
