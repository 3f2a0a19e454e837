"""What a list is written in: its encoding and its delimiter, from the bytes themselves. Pure.

An encoding cannot be asked of a CSV file; it is found by what the bytes would say. The whole file
is looked at, in one pass that also takes its hash: the first accent may stand in the last row.
"""

import codecs
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

DELIMITERS: Mapping[str, str] = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1256": "Windows-1256",
    "mac_roman": "MacRoman",
}
"""What is recognised, as people call it; ``--encoding`` takes whatever Python knows."""
HINT = re.compile(r"sep=(.)\r?\n?")
"""The first line by which Excel is told a delimiter; it is no row."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ASCII = bytes(range(128))
_DAMAGED = re.compile("[\udc80-\udcff]")
_WHOLE_TO_DAMAGED = 9
"""A file with nine good letters to a bad one is UTF-8 with bad rows in it."""
_OFTEN = "éèêàâçîïôùûëœÉÈÀÇ’«»"
_SOMETIMES = "äöüßáíóúñãõåøæŒÊÂÎÔÙŸ…–—°\xa0€"
_ROWS = 20
_ADDRESS = re.compile(r"[^\s@,;|]+@[^\s@,;|]+")


@dataclass(frozen=True)
class Survey:
    """What one pass over a file tells; ``mixed``: some of its rows are not in that encoding."""

    hash: str  # SHA-256, hexadecimal
    size: int
    lines: int
    encoding: str
    mixed: bool


def survey(chunks: Iterable[bytes]) -> Survey:
    """Look at a file's bytes once, chunk by chunk."""
    digest, size, lines = hashlib.sha256(), 0, 0
    head = b""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    high: Counter[int] = Counter()
    damaged, open_end = 0, False
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        lines += chunk.count(b"\n") or chunk.count(b"\r")
        head = head or chunk
        if chunk.isascii() and not open_end:
            continue
        high.update(chunk.translate(None, _ASCII))
        damaged += len(_DAMAGED.findall(decoder.decode(chunk)))
        open_end = bool(decoder.getstate()[0])
    damaged += len(_DAMAGED.findall(decoder.decode(b"", final=True)))
    encoding = sniff_encoding(head, high, damaged)
    mixed = bool(damaged) and encoding.startswith("utf-8")
    return Survey(digest.hexdigest(), size, lines, encoding, mixed)


def sniff_encoding(head: bytes, high: Mapping[int, int], damaged: int) -> str:
    """Python's name of an encoding.

    ``head`` is the beginning; ``high`` counts each byte above 127 in the whole; ``damaged`` of
    them are not UTF-8.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := _utf_16(head):
        return wide
    whole = sum(high.values()) - damaged
    if damaged == 0 or whole >= damaged * _WHOLE_TO_DAMAGED:
        return "utf-8"
    eight_bit = ("cp1252", "mac_roman", "cp1256")
    return max(eight_bit, key=lambda name: sum(_likely(byte, name) * n for byte, n in high.items()))


def _utf_16(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of Latin letters and of digits is zero."""
    even, odd = head[0:1000:2].count(0), head[1:1000:2].count(0)
    half = len(head[:1000]) // 2
    if half and odd > half * 0.3 and even < odd // 8 + 1:
        return "utf-16-le"
    if half and even > half * 0.3 and odd < even // 8 + 1:
        return "utf-16-be"
    return ""


def _likely(byte: int, encoding: str) -> int:
    """How much a byte speaks for an encoding: by the letter it would be, in our readers' names."""
    try:
        letter = bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return -5
    if letter in _OFTEN or "\u0621" <= letter <= "\u0652":
        return 3
    if letter in _SOMETIMES:
        return 1
    return 0 if letter.isalpha() else -2


def sniff_delimiter(head: str, known: Collection[str], name_key: Callable[[str], str]) -> str:
    """The delimiter of a CSV file that begins with ``head``.

    The one that gives the most rows in which a cell is a whole address, columns with a ``known``
    name (by ``name_key``), rows as wide as the first one, and columns at all; a comma
    where none gives two.
    """
    hint = HINT.match(head)
    if hint and hint[1] in DELIMITERS:
        return hint[1]
    lines = head.splitlines(keepends=True)

    def worth(delimiter: str) -> tuple[int, int, float, int]:
        rows = _few_rows(lines, delimiter)
        if not rows or len(rows[0]) < 2:  # noqa: PLR2004 - no delimiter in it
            return 0, 0, 0.0, 0
        named = sum(name_key(cell) in known for cell in rows[0])
        same = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        reached = sum(any(_ADDRESS.fullmatch(cell.strip()) for cell in row) for row in rows)
        return reached, named, same, len(rows[0])

    best = max(DELIMITERS, key=worth)
    return best if worth(best)[3] else ","


def _few_rows(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == _ROWS:
                break
    except csv.Error:
        pass  # what stands before the trouble tells enough
    return rows


def mend(text: str) -> str:
    """A text with bytes in it that were not UTF-8, which are read as Windows-1252 instead.

    Lists that several programs wrote to are like that: most of it is the one, some the other.
    """
    if not _DAMAGED.search(text):
        return text
    return _DAMAGED.sub(
        lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text
    )


def damaged(text: str) -> bool:
    """Whether bytes of a text were not in its file's encoding."""
    return _DAMAGED.search(text) is not None


def _as_damaged(error: UnicodeError) -> tuple[str, int]:
    """A byte that is not in its file's encoding as a lone surrogate.

    Of encodings with letters of several bytes an ASCII byte may be one of those too, which
    ``surrogateescape`` does not take.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + (byte | 0x80)) for byte in error.object[error.start : error.end]), (
        error.end
    )


DAMAGED = "colporteur.damaged"
"""How text is decoded so that each damaged byte stays seen, by Python's name."""
codecs.register_error(DAMAGED, _as_damaged)
