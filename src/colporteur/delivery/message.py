"""Composes the bytes of a reader's message: headers, then text and HTML as alternatives."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from colporteur.delivery.headers import address_field, text_field, token_field
from colporteur.digests.encoding import encode_part


@dataclass(frozen=True)
class Envelope:
    """Who a message is from and to, on the wire; domains are ASCII."""

    sender: str
    recipient: str


@dataclass(frozen=True)
class Message:
    """One reader's message, before it is bytes. ``text`` and ``html`` hold their own links."""

    message_id: str  # without angle brackets
    date: datetime
    sender_name: str
    sender: str
    reply_to: str | None
    recipient: str
    subject: str
    text: str
    html: str
    list_id: str = ""  # without angle brackets; empty: a letter, which is of no list
    list_name: str = ""
    unsubscribe_url: str = ""
    archive_url: str = ""
    help_url: str = ""
    feedback_id: str = ""  # of the edition, never of the reader


def compose(message: Message) -> bytes:
    """The message's bytes; the same message gives the same bytes (RFC 5322, 2369, 3834, 8058)."""
    boundary = "=_" + hashlib.sha256(message.message_id.encode()).hexdigest()[:32]
    fields = [
        token_field("Date", [format_datetime(message.date)]),
        address_field("From", message.sender_name, message.sender),
        address_field("To", "", message.recipient),
        token_field("Message-ID", [f"<{message.message_id}>"]),
        text_field("Subject", message.subject),
        *(_list_fields(message) if message.list_id else ()),
        token_field("Auto-Submitted", ["auto-generated"]),
        token_field("X-Auto-Response-Suppress", ["OOF,", "AutoReply"]),
        *([token_field("Precedence", ["bulk"])] if message.list_id else []),
        token_field("MIME-Version", ["1.0"]),
        token_field("Content-Type", ["multipart/alternative;", f'boundary="{boundary}"']),
    ]
    if message.reply_to:
        fields.insert(3, address_field("Reply-To", "", message.reply_to))
    return b"".join(fields) + b"\r\n" + _bodies(message, boundary)


def _list_fields(message: Message) -> list[bytes]:
    return [
        address_field("List-Id", message.list_name, message.list_id),
        token_field("List-Unsubscribe", [f"<{message.unsubscribe_url}>"]),
        token_field("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]),
        token_field("List-Archive", [f"<{message.archive_url}>"]),
        token_field("List-Help", [f"<{message.help_url}>"]),
        token_field("List-Owner", [f"<mailto:{message.reply_to or message.sender}>"]),
        token_field("List-Post", ["NO"]),
        token_field("Feedback-ID", [message.feedback_id]),
    ]


def _bodies(message: Message, boundary: str) -> bytes:
    seam = f"--{boundary}".encode()
    parts = []
    for kind, text in (("plain", message.text), ("html", message.html)):
        part = encode_part(text)
        head = (
            f"Content-Type: text/{kind}; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: {part.encoding}\r\n\r\n"
        )
        parts.append(seam + b"\r\n" + head.encode() + part.lines + b"\r\n")
    return b"".join(parts) + seam + b"--\r\n"
