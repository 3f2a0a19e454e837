"""What is said to a relay about one parcel: MAIL, RCPT, DATA and the message. Pure."""

import re

from colporteur.delivery.transports.reply import Parcel, Reply
from colporteur.delivery.transports.smtp.extensions import Extensions

RESET = b"RSET\r\n"
DATA = b"DATA\r\n"
# A path's local part, quoted or not, and its domain (RFC 5321 section 4.1.2, RFC 6531): above
# all nothing that ends the command, and no bracket that ends the path.
_PATH = re.compile(
    r'(?:"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\[\x20-\x7e])*"|[^\s"<>()\[\],;:@\\\x00-\x1f\x7f-\x9f]+)'
    r"@(?:\[[^\s\[\]<>\x00-\x1f\x7f-\x9f]+\]|[^\s\"<>()\[\],;:@\\\x00-\x1f\x7f-\x9f]+)"
)
_LONGEST = 64 + 1 + 255  # octets (RFC 5321 section 4.5.3.1)
_XTEXT = re.compile(r"[^!-*,-<>-~]")  # RFC 3461 section 4
_BARE = re.compile(rb"\r\n|\r|\n")


def refusal(parcel: Parcel, able: Extensions) -> Reply | None:
    """Why a parcel cannot be offered to such a relay: a reply as it would give, or None."""
    return _address_refusal(parcel, able) or _message_refusal(parcel.message, able)


def _address_refusal(parcel: Parcel, able: Extensions) -> Reply | None:
    sender, recipient = parcel.envelope.sender, parcel.envelope.recipient
    if sender and not _is_path(sender):
        return Reply(553, "5.1.7 The sender's address is malformed.")
    if not _is_path(recipient):
        return Reply(553, "5.1.3 The address is malformed.")
    if not able.utf8 and not (sender.isascii() and recipient.isascii()):
        return Reply(
            553, "5.6.7 The relay takes no addresses beyond ASCII (no SMTPUTF8).", ours=True
        )
    return None


def _message_refusal(message: bytes, able: Extensions) -> Reply | None:
    if able.size is not None and len(message) > able.size:
        most = f"{able.size:,} octets"
        return Reply(552, f"5.3.4 The message is larger than the relay takes ({most}).", ours=True)
    if (able.eight_bit and able.utf8) or message.isascii():
        return None
    if not able.eight_bit:
        return Reply(554, "5.6.3 The relay takes no message beyond ASCII (no 8BITMIME).", ours=True)
    if not able.utf8 and not _head_is_ascii(message):
        return Reply(554, "5.6.7 The relay takes no headers beyond ASCII (no SMTPUTF8).", ours=True)
    return None


def envelope_commands(parcel: Parcel, able: Extensions) -> tuple[bytes, bytes, bytes]:
    """MAIL, RCPT and DATA of a parcel that may be offered (RFC 1870, 3461, 6152, 6531)."""
    envelope, message = parcel.envelope, parcel.message
    mail = f"MAIL FROM:<{envelope.sender}>"
    rcpt = f"RCPT TO:<{envelope.recipient}>"
    if able.sizes:
        mail += f" SIZE={len(message)}"
    plain = envelope.sender.isascii() and envelope.recipient.isascii()
    if not message.isascii():
        mail += " BODY=8BITMIME"
        plain = plain and _head_is_ascii(message)
    if not plain:
        mail += " SMTPUTF8"
    if able.dsn:
        mail += f" RET=HDRS ENVID={parcel.delivery_id}"
        rcpt += " NOTIFY=FAILURE"
        if envelope.recipient.isascii():
            rcpt += f" ORCPT=rfc822;{_xtext(envelope.recipient)}"
    return f"{mail}\r\n".encode(), f"{rcpt}\r\n".encode(), DATA


def message_and_dot(parcel: Parcel) -> bytes:
    """A parcel's message as it goes after DATA."""
    if parcel.plain and parcel.message.endswith(b"\r\n"):
        return parcel.message + b".\r\n"
    return stuffed(parcel.message)


def stuffed(message: bytes) -> bytes:
    """A message as it goes after DATA, with its final dot (RFC 5321 section 4.5.2).

    Lone CRs and LFs, which composed messages do not have, become CRLF: between two servers
    that read them differently, one message could turn into two.
    """
    lines = message.count(b"\r\n")
    if message.count(b"\n") != lines or message.count(b"\r") != lines:
        message = _BARE.sub(b"\r\n", message)
    if b"\n." in message:
        message = message.replace(b"\n.", b"\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message + (b".\r\n" if message.endswith(b"\r\n") or not message else b"\r\n.\r\n")


def _is_path(address: str) -> bool:
    return len(address.encode(errors="replace")) <= _LONGEST and bool(_PATH.fullmatch(address))


def _head_is_ascii(message: bytes) -> bool:
    return message.partition(b"\r\n\r\n")[0].isascii()


def _xtext(text: str) -> str:
    return _XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)
