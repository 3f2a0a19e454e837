"""Encodes a part's text for mail: quoted-printable, or base64 where it is much shorter.

The lines are in DKIM's relaxed canonical form already (RFC 6376 section 3.4.4): none ends in white
space or holds two spaces in a row, so that signing need not look at them again.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

LINE = 76
"""Characters of an encoded line at most, its ``=`` included (RFC 2045 section 6.7)."""
_READABLE = 1.1  # times as long as base64 quoted-printable may be: people and filters can read it
_GROUP = 3  # octets that four characters of base64 stand for
_UNSAFE = re.compile(rb"[^ !-<>-~]| (?= |\Z)")
_TOKEN = re.compile(rb"[A-Za-z0-9_.-]{1,75}")
_NOT_FIRST = (b".", b"From ")


@dataclass(frozen=True)
class Part:
    """An encoded text part: the Content-Transfer-Encoding and CRLF-ended lines.

    Between two of ``fixed`` stands a token that is not in it yet. In base64, three octets are one
    group: each of ``shared`` has the octets before and after a token that are in a group with it
    (and those between, where one group holds two tokens).
    """

    encoding: str
    fixed: tuple[bytes, ...]
    shared: tuple[tuple[bytes, ...], ...] = ()

    @property
    def lines(self) -> bytes:
        """The whole part, where it has no token."""
        (lines,) = self.fixed
        return lines

    def around(self, tokens: Sequence[bytes]) -> list[bytes]:
        """The part in pieces to be joined, with its tokens, each of the length it was made for.

        Raises:
            ValueError: a token holds what would have to be encoded.
        """
        if not all(map(_TOKEN.fullmatch, tokens)):
            raise ValueError("a token is 1 to 75 of A-Z a-z 0-9 _ - .")
        pieces, rest = [self.fixed[0]], iter(tokens)
        for number, fixed in enumerate(self.fixed[1:]):
            if self.shared:
                first, *others = self.shared[number]
                run = first + b"".join(next(rest) + one for one in others)
                pieces += (_in_base64(run), fixed)
            else:
                pieces += (next(rest), fixed)
        return pieces


def encode_part(text: str) -> Part:
    """The text, its last line ended, in the encoding that suits it; Latin scripts and Arabic differ."""
    return encode_around([text], [])


def encode_around(texts: Sequence[str], lengths: Sequence[int]) -> Part:
    """What stands around tokens of those lengths (octets), the last line ended, in one encoding.

    Decoded, a joined part is the texts with the tokens between them.
    """
    data = _in_crlf(texts)
    quoted = _quoted(data)
    in_base64 = sum(len(one) for one in data) * 4 * (LINE + 2) // (_GROUP * LINE)
    if sum(len(one) for one in quoted) <= _READABLE * in_base64:
        return Part("quoted-printable", quoted)
    return _grouped(data, lengths)


def _in_crlf(texts: Sequence[str]) -> list[bytes]:
    whole = [text.replace("\r\n", "\n") for text in texts]
    whole[-1] = whole[-1].removesuffix("\n") + "\n"
    return [text.replace("\n", "\r\n").encode() for text in whole]


def _quoted(data: Sequence[bytes]) -> tuple[bytes, ...]:
    """Quoted-printable, with soft line breaks so that each token begins and ends a line."""
    pieces = []
    for number, one in enumerate(data):
        lines = b"\r\n".join(_wrapped(_UNSAFE.sub(_escaped, line)) for line in one.split(b"\r\n"))
        after = b"=\r\n" if number and not lines.startswith(b"\r\n") else b""
        ends = number == len(data) - 1 or not lines or lines.endswith(b"\r\n")
        pieces.append(after + lines + (b"" if ends else b"=\r\n"))
    return tuple(pieces)


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % found[0][0]


def _wrapped(line: bytes) -> bytes:
    """A line in as many as it takes, with room for a soft break after each.

    None begins with a dot or ``From ``, which some relay would change.
    """
    pieces: list[bytes] = []
    while True:
        if line.startswith(_NOT_FIRST):
            line = b"=%02X" % line[0] + line[1:]
        if len(line) < LINE:
            return b"=\r\n".join([*pieces, line])
        at = LINE - 1
        if b"=" in line[at - 2 : at]:  # never inside "=XX"
            at = line.rindex(b"=", 0, at)
        pieces.append(line[:at])
        line = line[at:]


def _grouped(data: Sequence[bytes], lengths: Sequence[int]) -> Part:
    """Base64, each piece in whole groups; a token's take what is left over before and after it."""
    fixed: list[bytes] = []
    shared: list[tuple[bytes, ...]] = []
    about: tuple[bytes, ...] = ()
    for number, one in enumerate(data):
        rest = one
        if number:
            tokens = sum(lengths[number - len(about) : number])
            wanted = -(sum(map(len, about)) + tokens) % _GROUP
            if len(one) < wanted:  # too short between two tokens: they are one run
                about += (one,)
                continue
            shared.append((*about, one[:wanted]))
            rest = one[wanted:]
        whole = len(rest) - (len(rest) % _GROUP if number < len(data) - 1 else 0)
        fixed.append(_in_base64(rest[:whole]))
        about = (rest[whole:],)
    return Part("base64", tuple(fixed), tuple(shared))


def _in_base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
