"""Serialises header fields as RFC 5322 and RFC 2047 say; the standard library's is not safe.

``email.policy.SMTP`` makes an encoded word of a long List-Unsubscribe, which kills one-click
(cpython 85725), and folds French subjects wrongly in several releases (cpython 144156).
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from colporteur.exceptions import AddressRefused

LINE = 78
_WORD = 75
_LOCAL_PART, _DOMAIN = 64, 255  # octets at most: RFC 5321 section 4.5.3.1
_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\U0010ffff]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_HOST = re.compile(r'[^\x00-\x20\x7f()<>\[\],;:\\"@]+|\[[!-Z^-~]+\]')
_PARAMETER = re.compile(r"[A-Za-z0-9!#$&+.^_`|~-]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_SEAMS = re.compile(r"[\r\n\0]+")
_CLUSTER = 8  # code points: base64 of 8 x 4 octets still fits a word


def text_field(name: str, value: str) -> bytes:
    """An unstructured field such as Subject: plain where it can be, encoded words otherwise."""
    value = _clean(value)
    if _PLAIN.fullmatch(value) and _folds(name, value):
        return _fold(name, value.split(" "))
    return _fold(name, list(_encoded_words(value, _WORD - len(name) - 2)))


def address_field(name: str, display: str, address: str) -> bytes:
    """A mailbox: a display name, if any, and an address of ASCII or, for SMTPUTF8, UTF-8.

    Raises:
        AddressRefused: no field may hold the address; nothing of it is told.
    """
    mailbox = _addr_spec(address)
    display = _clean(display)
    return _fold(name, [*_phrase(name, display), f"<{mailbox}>"] if display else [mailbox])


def list_id_field(name: str, identifier: str) -> bytes:
    """List-Id: what the list is called, and its identifier (RFC 2919)."""
    return _fold("List-Id", [*_phrase("List-Id", _clean(name)), f"<{_SEAMS.sub('', identifier)}>"])


def token_field(name: str, tokens: Sequence[str]) -> bytes:
    """A structured field of ASCII tokens, folded between them and never encoded."""
    return _fold(name, [_SEAMS.sub("", token) for token in tokens])


def parameter_field(name: str, value: str, parameters: Mapping[str, str]) -> bytes:
    """A MIME field with parameters, in RFC 2231's form where one needs it."""
    written = [one for key, text in parameters.items() for one in _parameter(key, _clean(text))]
    tokens = [value, *written]
    return _fold(name, [*(f"{one};" for one in tokens[:-1]), tokens[-1]])


def _clean(value: str) -> str:
    """One line of what UTF-8 can say."""
    return _SEAMS.sub(" ", value.encode("utf-8", "replace").decode()).strip(" \t")


def _folds(name: str, value: str) -> bool:
    """Whether plain text survives folding, and is not taken for an encoded word."""
    longest = max(len(word) for word in value.split(" "))
    return "=?" not in value and "  " not in value and longest <= LINE - len(name) - 2


def _phrase(name: str, display: str) -> list[str]:
    if not display:
        return []
    if _ATOMS.fullmatch(display) and _folds(name, display):
        return display.split(" ")
    quoted = _quote(display)
    if _PLAIN.fullmatch(display) and _folds(name, quoted.replace(" ", "_")) and "  " not in display:
        return [quoted]
    return list(_encoded_words(display, _WORD - len(name) - 2))


def _addr_spec(address: str) -> str:
    """An address as fields hold it: its local part quoted where it has to be (RFC 5322, 6532)."""
    local, _, domain = address.rpartition("@")
    if _UNSEEN.search(address):
        raise _refused("has a line break or another control character in it")
    if not local or not _HOST.fullmatch(domain):
        raise _refused("has no local part, or no domain that can be")
    if len(local.encode()) > _LOCAL_PART or len(domain.encode()) > _DOMAIN:
        raise _refused(f"is longer than {_LOCAL_PART} octets, @ and {_DOMAIN} octets")
    if _QUOTED.fullmatch(local) or all(map(_DOT_ATOM.fullmatch, local.split("."))):
        return address
    return f"{_quote(local)}@{domain}"


def _refused(why: str) -> AddressRefused:
    return AddressRefused(f"The address {why}.", cure="Correct it where it was entered.")


def _quote(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def _parameter(key: str, text: str) -> list[str]:
    if _PARAMETER.fullmatch(text) and len(key) + len(text) < _WORD:
        return [f"{key}={text}"]
    if (
        _PLAIN.fullmatch(text)
        and "=?" not in text
        and len(quoted := _quote(text)) + len(key) < _WORD
    ):
        return [f"{key}={quoted}"]
    rest = quote(text, safe="")
    pieces, intro = [], "utf-8''"
    while rest:
        room = _WORD - len(f"{key}*00*=;") - len(intro)
        at = room if "%" not in rest[room - 2 : room] else rest.rindex("%", 0, room)
        pieces.append(intro + rest[:at])
        rest, intro = rest[at:], ""
    if len(pieces) == 1:
        return [f"{key}*={pieces[0]}"]
    return [f"{key}*{number}*={piece}" for number, piece in enumerate(pieces)]


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
            yield _word(chunk, encode, room)
            room, chunk = _WORD, ""
        chunk += cluster
    yield _word(chunk, encode, room)


def _word(chunk: str, encode: Callable[[str], str], room: int) -> str:
    """An encoded word; one of a single long grapheme in the shorter encoding."""
    word = encode(chunk)
    return word if len(word) <= room else _b(chunk)


def _clusters(text: str) -> Iterator[str]:
    cluster = ""
    for char in text:
        joins = unicodedata.combining(char) or char in "\u200d\ufe0f" or cluster.endswith("\u200d")
        if cluster and not (joins and len(cluster) < _CLUSTER):
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
