"""Composes the bytes of messages: headers, then text and HTML as alternatives, then a signature.

What many readers get is cast in a mould: encoded once, and each reader's own joined in.
"""

import hashlib
import re
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
_ANY = (-1,)  # to no part does it matter


@dataclass(frozen=True)
class Envelope:
    """Who a message is from and to, on the wire; domains are ASCII."""

    sender: str
    recipient: str


@dataclass(frozen=True)
class Own:
    """What in a message is one reader's alone: tokens to leave, to choose, to leave by mail."""

    leave: str
    prefer: str
    by_mail: str


@dataclass(frozen=True)
class Message:
    """One reader's message, before it is bytes. ``text`` and ``html`` hold their own links.

    ``own`` is what in them, and in the addresses to unsubscribe, is this reader's alone.
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
    unsubscribe_address: str = ""  # empty: nobody reads mail that asks for it
    archive_url: str = ""
    help_url: str = ""
    feedback_id: str = ""  # of the edition, never of the reader
    own: Own | None = None


def compose(message: Message, signer: Signer | None = None) -> bytes:
    """The message's bytes; the same message gives the same bytes.

    Raises:
        AddressRefused: no header field may hold one of its addresses.
    """
    return Mould(message, signer).cast(message.message_id, message.recipient, message.own)


class Mould:
    """What messages share that differ in their reader, compiled once; the first is the pattern.

    Fields by RFC 5322, 2369, 2919, 3834 and 8058. Threads may share it.
    """

    def __init__(self, pattern: Message, signer: Signer | None) -> None:
        self._texts = [_around(one, pattern.own) for one in (pattern.text, pattern.html)]
        self._boundary = _boundary(pattern.subject, *(one for part in self._texts for one in part))
        first, rest = _first_fields(pattern), _other_fields(pattern, self._boundary)
        self._first, self._rest = b"".join(first), b"".join(rest) + b"\r\n"
        self._leave = [_around(one, pattern.own) for one in _ways_out(pattern)]
        own = ["To", "Message-ID", *(["List-Unsubscribe"] if self._leave else [])]
        self._seal = signer.seal([*first, *rest], own) if signer else None
        self._bodies: dict[tuple[int, ...], _Body] = {}

    def cast(self, message_id: str, recipient: str, own: Own | None) -> bytes:
        """One message.

        Raises:
            AddressRefused: no header field may hold the recipient's address.
        """
        fields = [
            address_field("To", "", recipient),
            token_field("Message-ID", [f"<{message_id}>"]),
        ]
        if self._leave:
            ways = ["".join(_filled(one, own)) for one in self._leave]
            fields.append(
                token_field("List-Unsubscribe", [*(f"{one}," for one in ways[:-1]), ways[-1]])
            )
        body = self._body(own).pieces(own)
        signature = self._seal.sign(fields, _hash(body)) if self._seal else b""
        return b"".join([signature, self._first, *fields, self._rest, *body])

    def _body(self, own: Own | None) -> "_Body":
        lengths = (len(own.leave) % _GROUP, len(own.prefer) % _GROUP) if own else ()
        found = self._bodies.get(lengths) or self._bodies.get(_ANY)
        if found is None:
            found = _Body(self._texts, own, self._boundary)
            self._bodies[lengths if found.grouped else _ANY] = found
        return found


class _Body:
    """The two parts between their boundaries, but for tokens of their lengths.

    ``grouped``: tokens of another length, modulo three, need another one.
    """

    def __init__(self, texts: Sequence[Sequence[str]], own: Own | None, boundary: str) -> None:
        seam = f"--{boundary}".encode()
        self._tokens = [one[1::2] for one in texts]
        self._parts = [
            encode_around(one[::2], [len(way) for way in _filled(one, own)[1::2]]) for one in texts
        ]
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

    def pieces(self, own: Own | None) -> list[bytes]:
        """The body in pieces to be joined; DKIM's canonical form, relaxed or simple, is its own."""
        pieces = []
        for head, part, names in zip(self._heads, self._parts, self._tokens, strict=True):
            tokens = [getattr(own, name).encode() for name in names]
            pieces += [head, *part.around(tokens), b"\r\n"]
        return [*pieces, self._end]


def _hash(pieces: Sequence[bytes]) -> bytes:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.digest()


def _around(text: str, own: Own | None) -> list[str]:
    """A text in pieces; each second one is the name of what of a reader's own stands there."""
    names = {token: name for name, token in vars(own).items() if token} if own else {}
    if not names:
        return [text]
    pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", text)
    return [names[one] if number % 2 else one for number, one in enumerate(pieces)]


def _filled(pieces: Sequence[str], own: Own | None) -> list[str]:
    """The pieces with a reader's own in them."""
    return [getattr(own, one) if number % 2 else one for number, one in enumerate(pieces)]


def _ways_out(message: Message) -> list[str]:
    """How to unsubscribe, as List-Unsubscribe has it: one https address, then a mailto one."""
    if not message.list_id:
        return []
    by_mail = message.unsubscribe_address
    address = (
        [f"<mailto:{quote(by_mail, safe=_IN_ADDRESS)}?subject=unsubscribe>"] if by_mail else []
    )
    return [f"<{_uri(message.unsubscribe_url)}>", *address]


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
