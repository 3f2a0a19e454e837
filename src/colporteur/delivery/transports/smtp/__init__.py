"""SMTP: replies, extensions and commands know no network; lines, handshake and transport do."""

from colporteur.delivery.transports.smtp.line import Timeouts
from colporteur.delivery.transports.smtp.transport import SmtpTransport

__all__ = ["SmtpTransport", "Timeouts"]
