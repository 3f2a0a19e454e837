"""Header fields of a message, however broken they are."""

import binascii
import quopri
import re

_AT_MOST = 500  # fields of one header
_LONGEST = 4000  # characters of one field
_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:[ \t]*(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]{0,500})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_CHARSET = re.compile(
    r"utf-?(?:7|8|16|32)(?:[-_]?[lb]e)?|us-ascii|ascii|(?:iso|windows|cp|koi8|euc|gb|big5|shift|ks_c|mac|"
    r"latin|tis|viscii|hz)[\w.:-]{0,20}",
    re.IGNORECASE,
)


class Headers:
    """Fields in their order; a name is asked for in lower case."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields
        self._first = dict(reversed(fields))

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def get(self, name: str) -> str:
        """The first field of that name with encoded words (RFC 2047) decoded; "" if none."""
        return decoded(self._first.get(name, ""))

    def all(self, *names: str) -> list[str]:
        """The decoded values of all fields with one of those names."""
        return [decoded(value) for name, value in self._fields if name in names]


def read_fields(text: str) -> Headers:
    """The fields in a block of lines; lines that are none are skipped."""
    unfolded: list[str] = []
    for line in text.split("\n")[: _AT_MOST * 10]:
        if line[:1] in {" ", "\t"} and unfolded:
            if len(unfolded[-1]) < _LONGEST:
                unfolded[-1] += f" {line.strip()[:_LONGEST]}"
        elif line.strip():
            unfolded.append(line[:_LONGEST])
    found = (_FIELD.match(line) for line in unfolded[:_AT_MOST])
    return Headers([(one[1].lower(), one[2].strip()) for one in found if one])


def decoded(value: str) -> str:
    """A field's value with its encoded words decoded; what is broken stays as it is."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1\2", value))


def _word(found: re.Match[str]) -> str:
    charset, coding, text = found.groups()
    try:
        if coding in "bB":
            raw = binascii.a2b_base64(text + "=" * (-len(text) % 4))
        else:
            raw = quopri.decodestring(text.replace("_", " "), header=True)
    except ValueError:
        return found[0]
    return in_charset(raw, charset.partition("*")[0])


def in_charset(raw: bytes, charset: str) -> str:
    """Bytes as text. A charset that is unknown or wrong gives way to UTF-8, then Latin 1.

    Only charsets of mail are asked for: Python has codecs that take time out of proportion.
    """
    for name in (charset.strip("\"' "), "utf-8"):
        if not _CHARSET.fullmatch(name):
            continue
        try:
            return raw.decode(name)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", errors="replace") if raw.isascii() is False else raw.decode("ascii")
