"""Chooses the transport that the mail's URL names."""

from colporteur.config import Settings
from colporteur.delivery.transports.maildir import MaildirTransport
from colporteur.delivery.transports.reply import Transport
from colporteur.delivery.transports.smtp import SmtpTransport, parse_relay


def open_transport(settings: Settings) -> Transport:
    """A transport for one batch; it connects when the first message goes.

    Raises:
        ConfigurationError: the relay's address is malformed.
    """
    if settings.outbox is not None:
        return MaildirTransport(settings.outbox)
    return SmtpTransport(parse_relay(settings.mail))
