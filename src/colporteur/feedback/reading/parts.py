"""A message taken apart, whatever its size, depth and faults (RFC 2045, 2046).

The standard library's parser builds a tree of the whole; this only looks for the leaves, and
stops at bounds: a bounce may be 20 MB, nested a hundred deep, in UTF-16, or no MIME at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from colporteur.feedback.reading.headers import Headers, in_charset, read_fields

_DEEPEST = 20
_PARTS_AT_MOST = 100
_HEAD_AT_MOST = 256 * 1024
_LEAF_AT_MOST = 256 * 1024
_WIDE_AT_MOST = 4 * 1024 * 1024
_LINE_AT_MOST = 200
_LOOKED_AT = 4096
_END_OF_HEAD = re.compile(rb"\n[ \t]*\r?\n")
_NO_HEAD = re.compile(rb"\r?\n")
_FIRST_LINE = re.compile(rb"(?:[\s\x00]|\xef\xbb\xbf)*(?:>?From [^\n]*\n)?")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_PARAMETER = r";\s*{}\s*=\s*(?:\"([^\"]{{1,200}})\"|([^\s;\"]{{1,200}}))"
_BOUNDARY = re.compile(_PARAMETER.format("boundary"), re.IGNORECASE)
_CHARSET = re.compile(_PARAMETER.format("charset"), re.IGNORECASE)
_REPORT_TYPE = re.compile(_PARAMETER.format("report-type"), re.IGNORECASE)
_GUESSED = re.compile(rb"\s*--([^\s-][^\r\n]{3,68}?)[ \t]*\r?\n(?=[\w-]+:|\r?\n)")
_MEDIA_TYPE = re.compile(r"\s*\"?([\w.+-]+)\s*/\s*([\w.+-]+)")


@dataclass(frozen=True)
class Part:
    """A leaf: its fields, type ("text/plain") and content as encoded, cut at a bound."""

    headers: Headers
    media_type: str
    content: bytes
    depth: int = 0

    @property
    def charset(self) -> str:
        """As it is declared, or ""."""
        return _parameter(_CHARSET, self.headers)


@dataclass(frozen=True)
class Letter:
    """A whole message: its fields, its type and its leaves, outside in."""

    headers: Headers
    media_type: str
    parts: tuple[Part, ...]

    @property
    def report_type(self) -> str:
        """Of a multipart/report (RFC 6522): "delivery-status", say; "" for others."""
        return _parameter(_REPORT_TYPE, self.headers).lower()


def take_apart(message: bytes) -> Letter:
    """The fields and leaves of a message."""
    raw = _in_ascii(message)
    headers, body = _head_and_body(raw, _FIRST_LINE.match(raw).end())  # type: ignore[union-attr] # matches ""
    return Letter(headers, _media_type(headers), tuple(_leaves(raw, headers, body)))


def fields_of(part: bytes) -> Headers:
    """The fields that a message begins with, which is a part of another."""
    return _head_and_body(part, _FIRST_LINE.match(part).end())[0]  # type: ignore[union-attr] # matches ""


def _in_ascii(message: bytes) -> bytes:
    """UTF-16 as UTF-8, and lines that end in CR alone as lines."""
    start = message[:_LOOKED_AT]
    wide = message[:_WIDE_AT_MOST]
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or start.count(0) * 3 > len(start):
        if start[:2] == b"\xfe\xff" or start[:1] == b"\0":
            message = wide.decode("utf-16-be", errors="replace").encode()
        else:
            message = wide.decode("utf-16-le", errors="replace").encode()
    if b"\n" not in message[:_LOOKED_AT] and b"\r" in message[:_LOOKED_AT]:
        message = message.replace(b"\r", b"\n")
    return message


def _head_and_body(raw: bytes, start: int = 0) -> tuple[Headers, int]:
    """The fields at an offset, and where what follows them begins."""
    if not _HEADER_LINE.match(raw, start):
        gap = _NO_HEAD.match(raw, start)
        return Headers([]), gap.end() if gap else start
    end = _END_OF_HEAD.search(raw, start, start + _HEAD_AT_MOST)
    stop, body = (end.start(), end.end()) if end else (start + _HEAD_AT_MOST, len(raw))
    head = raw[start:stop].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    return read_fields(in_charset(head, "utf-8")), body


def _leaves(raw: bytes, headers: Headers, body: int) -> Iterator[Part]:
    """Leaves in their order, without recursion; what is too deep is a leaf as it stands."""
    waiting = [(headers, body, len(raw), 0)]
    left = _PARTS_AT_MOST
    while waiting and left:
        headers, start, end, depth = waiting.pop()
        media_type = _media_type(headers)
        inside: list[tuple[Headers, int, int, int]] = []
        if depth < _DEEPEST and (media_type.startswith("multipart/") or not depth):
            inside = list(_inside(raw, headers, start, end, depth))
        if inside:
            waiting.extend(reversed(inside))
            continue
        left -= 1
        yield Part(
            headers, _as_leaf(media_type), raw[start : min(end, start + _LEAF_AT_MOST)], depth
        )


def _inside(
    raw: bytes, headers: Headers, start: int, end: int, depth: int
) -> Iterator[tuple[Headers, int, int, int]]:
    boundary = _parameter(_BOUNDARY, headers).encode("utf-8", errors="replace")
    spans = list(_spans(raw, b"--" + boundary, start, end)) if boundary else []
    if not spans and (guessed := _GUESSED.match(raw, start, min(end, start + _LOOKED_AT))):
        spans = list(_spans(raw, b"--" + guessed[1], start, end))
    for first, last in spans:
        found, body = _head_and_body(raw, first)
        yield found, min(body, last), last, depth + 1


def _spans(raw: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts between boundary lines begin and end."""
    begun: int | None = None
    at = raw.find(mark, start, end)
    for _ in range(_PARTS_AT_MOST):
        if at < 0:
            break
        after = at + len(mark)
        line = raw.find(b"\n", after, end)
        following = raw[after : min(line if line >= 0 else end, after + _LINE_AT_MOST)].strip()
        at_line_start = at == start or raw[at - 1 : at] in {b"\n", b"\r"}
        if at_line_start and following in {b"", b"--"}:
            if begun is not None:
                yield begun, at
            begun = line + 1 if line >= 0 else end
            if following:
                return
        at = raw.find(mark, after, end)
    if begun is not None:
        yield begun, end


def _parameter(pattern: re.Pattern[str], headers: Headers) -> str:
    found = pattern.search(headers.get("content-type"))
    return (found[1] or found[2]) if found else ""


def _media_type(headers: Headers) -> str:
    found = _MEDIA_TYPE.match(headers.get("content-type"))
    return f"{found[1]}/{found[2]}".lower() if found else "text/plain"


def _as_leaf(media_type: str) -> str:
    """A multipart without parts is read as text."""
    return "text/plain" if media_type.startswith("multipart/") else media_type
