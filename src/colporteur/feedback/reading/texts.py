"""What a person would read of a part: decoded, without markup, line by line."""

import binascii
import html
import quopri
import re

from colporteur.feedback.reading.headers import in_charset
from colporteur.feedback.reading.parts import Part

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]{0,20}(?:[\s/][^<>]*)?>|<![^<>]*>")
_BREAK = re.compile(
    r"<(?:br|/p|/div|/tr|/h[1-6]|/li|/table|p|div|tr|li)\b[^<>]{0,500}>", re.IGNORECASE
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_RUN = re.compile(r"([ \t\-=_*~#>|.<(])\1{15,}")  # rules and indents: what is said is between them
_LONG_LINE = re.compile(r"([^\n]{1000})(?=[^\n])")
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u3000]")


def text_of(part: Part) -> str:
    """The part's text; "" for what is none."""
    raw = _decoded(part.content, part.headers.get("content-transfer-encoding").strip().lower())
    text = _lines(in_charset(raw, part.charset or "utf-8"))
    return without_markup(text) if part.media_type == "text/html" else text


def without_markup(text: str) -> str:
    """HTML as lines; an address in angle brackets is no tag."""
    for name in ("style", "script", "head"):
        text = _without(text, name)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return _lines(html.unescape(text))


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SPACES.sub(" ", _CONTROL.sub("", text))
    return _LONG_LINE.sub(r"\1\n", _RUN.sub(lambda run: run[0][:16], text))


def _decoded(content: bytes, coding: str) -> bytes:
    if coding == "quoted-printable":
        return quopri.decodestring(content)
    if coding == "base64":
        clean = _NOT_BASE64.sub(b"", content)
        try:
            return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _tail(clean))
        except binascii.Error:
            return content
    return content


def _tail(clean: bytes) -> bytes:
    """The last characters, with the padding that they lost."""
    left = clean[len(clean) // 4 * 4 :]
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""


def _without(text: str, name: str) -> str:
    """HTML without the elements of that name."""
    kept: list[str] = []
    lower, at = text.lower(), 0
    if len(lower) != len(text):
        return text
    while (start := lower.find(f"<{name}", at)) >= 0:
        if lower[start + len(name) + 1 : start + len(name) + 2].isalnum():  # <header>
            kept.append(text[at : start + 1])
            at = start + 1
            continue
        kept.append(text[at:start])
        end = lower.find(f"</{name}>", start)
        if end < 0:
            return "".join(kept)
        at = end + len(name) + 3
    return "".join([*kept, text[at:]])
