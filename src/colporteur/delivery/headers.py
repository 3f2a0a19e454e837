"""Serialises header fields as RFC 5322 and RFC 2047 say; the standard library's is not safe.

``email.policy.SMTP`` makes an encoded word of a long List-Unsubscribe, which kills one-click
(cpython 85725), and folds French subjects wrongly in several releases (cpython 144156).
"""

import base64
import re
import unicodedata
from collections.abc import Iterator, Sequence

LINE = 78
_WORD = 75
_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_SEAMS = re.compile(r"[\r\n\0]+")


def text_field(name: str, value: str) -> bytes:
    """An unstructured field such as Subject: plain where it can be, encoded words otherwise."""
    value = _SEAMS.sub(" ", value).strip()
    if _PLAIN.fullmatch(value) and "=?" not in value:
        return _fold(name, value.split(" "))
    return _fold(name, list(_encoded_words(value, _WORD - len(name) - 2)))


def address_field(name: str, display: str, address: str) -> bytes:
    """A mailbox: a display name, if any, and an address of ASCII or, for SMTPUTF8, UTF-8."""
    display = _SEAMS.sub(" ", display).strip()
    mailbox = f"<{_SEAMS.sub('', address)}>"
    if not display:
        return _fold(name, [mailbox[1:-1]])
    if _ATOMS.fullmatch(display):
        words = display.split()
    elif _PLAIN.fullmatch(display) and "=?" not in display:
        escaped = re.sub(r'(["\\])', r"\\\1", display)
        words = [f'"{escaped}"']
    else:
        words = list(_encoded_words(display, _WORD - len(name) - 2))
    return _fold(name, [*words, mailbox])


def token_field(name: str, tokens: Sequence[str]) -> bytes:
    """A structured field of ASCII tokens, folded between them and never encoded."""
    return _fold(name, [_SEAMS.sub("", token) for token in tokens])


def _fold(name: str, words: Sequence[str]) -> bytes:
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    lines.append(line)
    return "\r\n".join(lines).encode("utf-8") + b"\r\n"


def _encoded_words(text: str, first: int) -> Iterator[str]:
    """The text as encoded words of at most 75 characters, none splitting a grapheme."""
    encode = _q if _prefers_q(text) else _b
    room, chunk = first, ""
    for cluster in _clusters(text):
        if chunk and len(encode(chunk + cluster)) > room:
            yield encode(chunk)
            room, chunk = _WORD, ""
        chunk += cluster
    yield encode(chunk)


def _clusters(text: str) -> Iterator[str]:
    cluster = ""
    for char in text:
        joins = unicodedata.combining(char) or char in "\u200d\ufe0f" or cluster.endswith("\u200d")
        if cluster and not (joins and len(cluster) < 8):  # noqa: PLR2004 - 8 x 4 bytes still fit
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _prefers_q(text: str) -> bool:
    data = text.encode()
    unsafe = sum(byte not in _Q_SAFE and byte != 0x20 for byte in data)  # noqa: PLR2004 - space
    return 2 * unsafe < len(data) / 3


def _q(text: str) -> str:
    body = "".join(
        "_" if byte == 0x20 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}"  # noqa: PLR2004
        for byte in text.encode()
    )
    return f"=?utf-8?q?{body}?="


def _b(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="
