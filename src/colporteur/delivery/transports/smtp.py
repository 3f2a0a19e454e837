"""An SMTP relay: ``smtp://user:password@host:587?starttls=require`` or ``smtps://…``."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from typing import TypeVar

from colporteur.config.relay import Relay, parse_relay
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports.reply import Reply
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable

__all__ = ["SmtpTransport", "parse_relay"]

_T = TypeVar("_T")
_TIMEOUT_S = 60
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class SmtpTransport:
    """One connection to a relay, opened at the first message and again when it was lost."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._connection: smtplib.SMTP | None = None

    def send(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand one message over and return the relay's last word on it.

        A relay may hang up between messages; then a new connection is tried, once.
        """
        reused = self._connection is not None
        try:
            refused = self._attempt(lambda: self._offer(envelope), ServiceUnavailable)
        except ServiceUnavailable:
            if not reused:
                raise
            refused = self._attempt(lambda: self._offer(envelope), ServiceUnavailable)
        if refused is not None:
            return refused
        return self._attempt(lambda: self._data(message), OutcomeUnknown)

    def close(self) -> None:
        """Say QUIT if there is someone to say it to."""
        if self._connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
            self._connection.close()
            self._connection = None

    def _attempt(self, step: Callable[[], _T], failure: type[ServiceUnavailable]) -> _T:
        try:
            return step()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise failure(
                f"The relay {self._relay.name} does not serve: {_say(error)}.",
                cure="Check COLPORTEUR_MAIL_URL and the relay; what waits is sent then.",
            ) from error

    def _offer(self, envelope: Envelope) -> Reply | None:
        """MAIL and RCPT; the refusal of either, None if both were taken."""
        connection = self._connection or self._connect()
        options = [] if envelope.recipient.isascii() else ["SMTPUTF8"]
        if options and not connection.has_extn("smtputf8"):
            return Reply(553, "5.6.7 the relay takes no addresses beyond ASCII")
        code, text = connection.mail(envelope.sender, options)
        if code == 250:  # noqa: PLR2004 - RFC 5321
            code, text = connection.rcpt(envelope.recipient)
        if code in {250, 251}:
            return None
        try:
            connection.rset()
        except (OSError, smtplib.SMTPException):  # it hung up; what it said before stands
            self.close()
        return _reply(code, text)

    def _data(self, message: bytes) -> Reply:
        assert self._connection is not None
        try:
            return _reply(*self._connection.data(message))
        except smtplib.SMTPDataError as refused:
            return _reply(refused.smtp_code, refused.smtp_error)

    def _connect(self) -> smtplib.SMTP:
        relay = self._relay
        context = ssl.create_default_context()
        if relay.implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, timeout=_TIMEOUT_S, context=context
            )
        else:
            connection = smtplib.SMTP(relay.host, relay.port, timeout=_TIMEOUT_S)
        self._connection = connection
        connection.ehlo_or_helo_if_needed()
        if relay.starttls:
            connection.starttls(context=context)
            connection.ehlo()
        if relay.user:
            connection.login(relay.user, relay.password)
        return connection


def _reply(code: int, text: bytes | str) -> Reply:
    said = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return Reply(code, _CONTROLS.sub(" ", said)[:2000])


def _say(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__
