"""The message that came back is about: as a part of it, or further down in its text."""

import re
from dataclasses import dataclass

from colporteur.feedback.reading.addresses import addresses_in
from colporteur.feedback.reading.headers import Headers, read_fields
from colporteur.feedback.reading.parts import Letter, Part, fields_of
from colporteur.feedback.reading.texts import text_of

_MESSAGES = frozenset({"message/rfc822", "message/global", "message/partial"})
_HEADERS = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_INDENT = r"[ \t>|]{0,8}"
_TRACE = re.compile(
    rf"^{_INDENT}(?:Received:[ \t]*(?:from|by|\(|with|$)|Return-Path:[ \t]*<|DKIM-Signature:)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD_LINE = re.compile(rf"{_INDENT}[A-Za-z][A-Za-z0-9-]{{1,40}}:(?:[ \t]|$)")
_FIELDS_SOON = re.compile(rf"^{_INDENT}[A-Za-z][A-Za-z0-9-]{{1,40}}:[ \t]", re.MULTILINE)
_FIELD_OF_ALL = re.compile(
    rf"{_INDENT}(?:From|To|Subject|Date|Message-ID|MIME-Version|Content-Type|Reply-To|Cc|"
    r"Content-Transfer-Encoding|X-Mailer|Received|Return-Path|Sender|Errors-To|Precedence|List-Id):",
    re.IGNORECASE,
)
_FIELDS_AT_LEAST = 3
_FIELD_OF_LETTERS = re.compile(
    rf"{_INDENT}(?:Message-ID|MIME-Version|Received|Return-Path):", re.IGNORECASE
)
_MARKER = re.compile(
    r"^[-=_*~#>|. \t]{0,60}(?:"
    r"(?:this is |here is |included (?:below )?is |below this line is |below is |below the next line is |the following is |enclosed is |attachment is )"
    r"(?:a copy of |the (?:header|original|returned|text|start|first))[^\n]{0,60}(?:message|mail|header)[^\n]{0,60}"
    r"|(?:start of |copy of |the )?(?:your |the )?(?:original|returned|undelivered|unsent|rejected|"
    r"undeliverable|failed|bounced|first|message|full|transcript of)"
    r"(?: message| mail| e-?mail| header| text| lines| headers)*"
    r"(?: (?:follows|header|headers|text|attached|below|is below|as follows))*[ \t]{0,9}[-=_*~#:.]{1,60}"
    r"|(?:die |l['e] ?|el |il )?(?:original-?nachricht|ursprüngliche nachricht|message d['’]origine|"
    r"message original|mensaje original|messaggio originale|mensagem original)[^\n]{0,40}"
    r")[-=_*~#:. \t]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Returned:
    """What is known of the message that came back."""

    headers: Headers

    @property
    def message_id(self) -> str | None:
        """Without its angle brackets."""
        found = self.headers.get("message-id").strip().strip("<>").split()
        return found[0][:300] if found else None

    @property
    def to(self) -> list[str]:
        """Whom it was for."""
        names = ("to", "x-original-to", "apparently-to", "delivered-to", "envelope-to", "resent-to")
        for name in names:
            if found := addresses_in(" ".join(self.headers.all(name))):
                return found
        return []

    @property
    def senders(self) -> list[str]:
        """Who it was from, in every way that it says so."""
        names = (
            "from",
            "return-path",
            "reply-to",
            "sender",
            "errors-to",
            "resent-from",
            "x-sender",
        )
        return addresses_in(" ".join(self.headers.all(*names)))


def returned_part(letter: Letter) -> Returned | None:
    """The returned message (or its fields) that stands in a part of its own."""
    for part in letter.parts:
        if _is_without_type(part):
            return Returned(part.headers)
        if part.media_type in _MESSAGES:
            if found := fields_of(part.content):
                return Returned(found)
        elif part.media_type in _HEADERS and (found := read_fields(text_of(part))):
            return Returned(found)
    return None


def is_returned(part: Part) -> bool:
    """Whether the part is (of) the returned message, so that no failure is told there."""
    return part.media_type in _MESSAGES | _HEADERS or _is_without_type(part)


def _is_without_type(part: Part) -> bool:
    """Whether the returned message is the part itself, not inside it: some put it in bare."""
    return "received" in part.headers and part.depth > 0


def cut(text: str) -> tuple[str, str]:
    """A report's own words, and the returned message that follows them ("" if none does)."""
    at = len(text)
    if trace := _TRACE.search(text):
        at = _start_of_block(text, trace.start())
    at = _start_of_header(text, at)
    if marker := _MARKER.search(text, 0, at):
        after = text[marker.end() : marker.end() + 400]
        if _FIELDS_SOON.search(after) or not after.strip():
            at = marker.start()
    return text[:at], text[at:]


def _start_of_header(text: str, end: int) -> int:
    """Where several fields of a message stand in a row; ``end`` if they do nowhere before it.

    Line by line: a pattern for it would try all ways to tell fields and their further lines apart.
    """
    start, fields, whole, at = 0, 0, False, 0
    for line in text[:end].split("\n"):
        if _FIELD_OF_ALL.match(line):
            start = start if fields else at
            fields += 1
            whole = whole or _FIELD_OF_LETTERS.match(line) is not None
        elif not (fields and line[:1] in {" ", "\t"} and line.strip()):
            fields, whole = 0, False
        if fields >= _FIELDS_AT_LEAST and whole:
            return start
        at += len(line) + 1
    return end


def fields_in(text: str) -> Returned | None:
    """The fields of a returned message that :func:`cut` cut off."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if _FIELD_LINE.match(line)), None)
    if start is None:
        return None
    indent = len(lines[start]) - len(lines[start].lstrip(" \t>|"))
    head: list[str] = []
    for line in lines[start:]:
        inside = line[indent:] if not line[:indent].strip(" \t>|") else line
        if not inside.strip() and head:
            break
        head.append(inside)
    found = read_fields("\n".join(head))
    return Returned(found) if found else None


def _start_of_block(text: str, at: int) -> int:
    """Where the block of fields begins in which a trace field stands."""
    while at:
        before = text.rfind("\n", 0, at - 1) + 1
        line = text[before:at]
        if not _FIELD_LINE.match(line):
            break
        at = before
    return at
