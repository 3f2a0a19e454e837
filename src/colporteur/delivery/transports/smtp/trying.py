"""Tries a relay as far as one can without a message: greets it, signs in, names a sender."""

import contextlib
import ssl
from dataclasses import dataclass
from datetime import datetime

from colporteur.config.relay import Relay
from colporteur.delivery.transports.smtp.commands import RESET
from colporteur.delivery.transports.smtp.handshake import connect
from colporteur.delivery.transports.smtp.line import Line, Lost, Timeouts
from colporteur.exceptions import ServiceUnavailable


@dataclass(frozen=True)
class Tried:
    """A relay that serves. ``sender_refused`` is its answer to the sender, '' where it takes it."""

    protocol: str  # of TLS; '' in clear
    certificate_ends: datetime | None
    pipelining: bool
    size: int | None
    sender_refused: str


def try_relay(
    relay: Relay, sender: str, timeouts: Timeouts, tls: ssl.SSLContext | None = None
) -> Tried:
    """Connect as for sending, and ask whether this sender may; no message is begun.

    Raises:
        ServiceUnavailable: nobody serves there, or not as securely as asked.
    """
    try:
        line, able = connect(relay, timeouts, tls)
        try:
            refused = _ask_for(line, sender, timeouts)
            return Tried(line.protocol, line.certificate_ends, able.pipelining, able.size, refused)
        finally:
            line.drop()
    except Lost as lost:
        raise ServiceUnavailable(
            f"The relay {relay.name} does not serve: {lost.why}.",
            cure="Check COLPORTEUR_MAIL_URL and the relay.",
        ) from lost


def _ask_for(line: Line, sender: str, timeouts: Timeouts) -> str:
    reply = line.ask(f"MAIL FROM:<{sender}>\r\n".encode(), timeouts.command)
    with contextlib.suppress(Lost):
        line.ask(RESET, timeouts.command)
        line.ask(b"QUIT\r\n", timeouts.quit)
    return "" if reply.taken else f"{reply.code} {reply.text[:200]}".strip()
