"""Composes the bytes of messages: headers, then text and HTML as alternatives, then a signature.

What many readers get is cast in a mould: encoded once, and each reader's own joined in.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit, urlunsplit

from colporteur.delivery.dkim import Signer
from colporteur.delivery.headers import (
    address_field,
    list_id_field,
    parameter_field,
    text_field,
    token_field,
)
from colporteur.digests.encoding import encode_around

_IN_ADDRESS = "@!$'*+-=_~."
_IN_URI = ":/?#[]@!$&'()*+,;=~%"
_GROUP = 3  # octets: a token's length matters to base64 only modulo this


@dataclass(frozen=True)
class Envelope:
    """Who a message is from and to, on the wire; domains are ASCII."""

    sender: str
    recipient: str


@dataclass(frozen=True)
class Message:
    """One reader's message, before it is bytes. ``text`` and ``html`` hold their own links.

    ``token`` is what in them, and in ``unsubscribe_url``, is this reader's alone.
    """

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
    token: str = ""


def compose(message: Message, signer: Signer | None = None) -> bytes:
    """The message's bytes; the same message gives the same bytes.

    Raises:
        AddressRefused: no header field may hold one of its addresses.
    """
    return Mould(message, signer).cast(message.message_id, message.recipient, message.token)


class Mould:
    """What messages share that differ in their reader, compiled once; the first is the pattern.

    Fields by RFC 5322, 2369, 2919, 3834 and 8058. Threads may share it.
    """

    def __init__(self, pattern: Message, signer: Signer | None) -> None:
        self._texts = [_around(one, pattern.token) for one in (pattern.text, pattern.html)]
        self._boundary = _boundary(pattern.subject, *(one for part in self._texts for one in part))
        first, rest = _first_fields(pattern), _other_fields(pattern, self._boundary)
        self._first, self._rest = b"".join(first), b"".join(rest) + b"\r\n"
        self._leave = _around(_uri(pattern.unsubscribe_url), pattern.token)
        own = ["To", "Message-ID", *(["List-Unsubscribe"] if pattern.list_id else [])]
        self._own = len(own)
        self._seal = signer.seal([*first, *rest], own) if signer else None
        self._bodies: dict[int, _Body] = {}

    def cast(self, message_id: str, recipient: str, token: str) -> bytes:
        """One message.

        Raises:
            AddressRefused: no header field may hold the recipient's address.
        """
        own = [
            address_field("To", "", recipient),
            token_field("Message-ID", [f"<{message_id}>"]),
            token_field("List-Unsubscribe", [f"<{token.join(self._leave)}>"]),
        ][: self._own]
        body = self._body(len(token)).pieces(token.encode())
        signature = self._seal.sign(own, _hash(body)) if self._seal else b""
        return b"".join([signature, self._first, *own, self._rest, *body])

    def _body(self, length: int) -> "_Body":
        found = self._bodies.get(length % _GROUP)
        if found is None:
            found = _Body(self._texts, length, self._boundary)
            alike = [length % _GROUP] if found.grouped else range(_GROUP)
            self._bodies |= dict.fromkeys(alike, found)
        return found


class _Body:
    """The two parts between their boundaries, but for tokens of a length.

    ``grouped``: tokens of another length, modulo three, need another one.
    """

    def __init__(self, texts: Sequence[Sequence[str]], length: int, boundary: str) -> None:
        seam = f"--{boundary}".encode()
        self._parts = [encode_around(one, length) for one in texts]
        self._heads = [
            seam
            + b"\r\n"
            + parameter_field("Content-Type", f"text/{kind}", {"charset": "utf-8"})
            + token_field("Content-Transfer-Encoding", [part.encoding])
            + b"\r\n"
            for kind, part in zip(("plain", "html"), self._parts, strict=True)
        ]
        self._end = seam + b"--\r\n"
        self.grouped = any(part.shared for part in self._parts)

    def pieces(self, token: bytes) -> list[bytes]:
        """The body in pieces to be joined; DKIM's canonical form, relaxed or simple, is its own."""
        pieces = []
        for head, part in zip(self._heads, self._parts, strict=True):
            pieces += [head, *part.around(token), b"\r\n"]
        return [*pieces, self._end]


def _hash(pieces: Sequence[bytes]) -> bytes:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.digest()


def _around(text: str, token: str) -> list[str]:
    return text.split(token) if token else [text]


def _boundary(*content: str) -> str:
    """What no encoded line begins with: ``=_`` is neither base64 nor quoted-printable."""
    seen = hashlib.sha256("\0".join(content).encode("utf-8", "replace"))
    return f"=_{seen.hexdigest()[:32]}"


def _first_fields(message: Message) -> list[bytes]:
    fields = [
        token_field("Date", [format_datetime(message.date)]),
        address_field("From", message.sender_name, message.sender),
    ]
    if message.reply_to:
        fields.append(address_field("Reply-To", "", message.reply_to))
    return [*fields, text_field("Subject", message.subject)]


def _other_fields(message: Message, boundary: str) -> list[bytes]:
    return [
        *(_list_fields(message) if message.list_id else ()),
        token_field("Auto-Submitted", ["auto-generated"]),
        token_field("X-Auto-Response-Suppress", ["OOF,", "AutoReply"]),
        *([token_field("Precedence", ["bulk"])] if message.list_id else []),
        token_field("MIME-Version", ["1.0"]),
        parameter_field("Content-Type", "multipart/alternative", {"boundary": boundary}),
    ]


def _list_fields(message: Message) -> list[bytes]:
    owner = quote(message.reply_to or message.sender, safe=_IN_ADDRESS)
    return [
        list_id_field(message.list_name, message.list_id),
        token_field("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]),
        token_field("List-Archive", [f"<{_uri(message.archive_url)}>"]),
        token_field("List-Help", [f"<{_uri(message.help_url)}>"]),
        token_field("List-Owner", [f"<mailto:{owner}>"]),
        token_field("List-Post", ["NO"]),
        token_field("Feedback-ID", [message.feedback_id]),
    ]


def _uri(url: str) -> str:
    """An address as header fields hold it: in ASCII, whatever the site's is in (RFC 3987)."""
    if url.isascii():
        return url.replace(" ", "%20")
    parts = urlsplit(url)
    host = parts.netloc.encode("idna").decode()
    rest = (quote(part, safe=_IN_URI) for part in parts[2:])
    return urlunsplit((parts.scheme, host, *rest))
