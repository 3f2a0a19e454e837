"""Encodes a part's text for mail: quoted-printable or base64, whichever is shorter."""

import base64
import binascii
from dataclasses import dataclass

_SPLIT_AFTER = 60  # a line that is too long is split here, outside any "=XX"


@dataclass(frozen=True)
class Part:
    """An encoded text part: the Content-Transfer-Encoding and the lines, CRLF-ended."""

    encoding: str
    lines: bytes


def encode_part(text: str) -> Part:
    """The text, its last line ended, in the shorter encoding; Latin scripts and Arabic differ."""
    text = text.replace("\r\n", "\n").removesuffix("\n") + "\n"
    data = text.replace("\n", "\r\n").encode()
    quoted = _quoted(data)
    in_base64 = base64.encodebytes(data).replace(b"\n", b"\r\n")
    if len(quoted) <= len(in_base64):
        return Part("quoted-printable", quoted)
    return Part("base64", in_base64)


def _quoted(data: bytes) -> bytes:
    """Quoted-printable that no relay needs to change: no leading dot or ``From ``."""
    return b"\r\n".join(_guard(line) for line in binascii.b2a_qp(data).split(b"\r\n"))


def _guard(line: bytes) -> bytes:
    """A line as ``b2a_qp`` should have written it: it lets 77 characters pass, too."""
    if line.startswith((b".", b"From ")):
        line = b"=%02X" % line[0] + line[1:]
    if len(line) <= 76:  # noqa: PLR2004 - RFC 2045 section 6.7
        return line
    at = _SPLIT_AFTER
    while b"=" in line[at - 2 : at]:
        at -= 1
    return line[:at] + b"=\r\n" + _guard(line[at:])
