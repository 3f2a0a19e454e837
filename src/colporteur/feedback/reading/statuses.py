"""Delivery status notifications: RFC 3464, and RFC 6533 for international addresses."""

import re
from dataclasses import dataclass

from colporteur.feedback.reading.addresses import typed_address
from colporteur.feedback.reading.headers import Headers, read_fields
from colporteur.feedback.reading.parts import Letter
from colporteur.feedback.reading.returned import is_returned
from colporteur.feedback.reading.texts import text_of

_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_TOLD = re.compile(r"^[ \t]*(?:Final|Original)-Recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient", "action", "status")
_STARTS = re.compile(r"(?:original|final)-recipient$")
_TYPE = re.compile(r"^\s*[\w.-]{1,30}\s*;\s*")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_AT_MOST = 100  # recipients of one report


@dataclass(frozen=True)
class Status:
    """What one group of fields says of one recipient; ``action`` in lower case, "" if absent."""

    original: str | None
    final: str | None
    action: str
    status: str | None
    diagnostic: str


@dataclass(frozen=True)
class Statuses:
    """All recipients of a report, and the ENVID of what it is about."""

    recipients: tuple[Status, ...]
    envelope_id: str | None


def statuses_in(letter: Letter) -> Statuses:
    """The statuses in the parts that are for them, else in any that has such lines."""
    own = [part for part in letter.parts if part.media_type in _TYPES]
    texts = [text_of(part) for part in own]
    if not any(_TOLD.search(text) for text in texts):
        others = (one for one in letter.parts if one not in own and not is_returned(one))
        plain = (one for one in others if one.media_type.startswith(("text/", "message/")))
        texts += [text for text in map(text_of, plain) if _TOLD.search(text)][:2]
    groups = [group for text in texts for group in _groups(text)]
    found = [_status(group) for group in groups if any(name in group for name in _RECIPIENT)]
    ids = (group.get("original-envelope-id").strip() for group in groups)
    envelope_id = next((one[:200] for one in ids if one), None)
    return Statuses(tuple(found[:_AT_MOST]), envelope_id)


def _groups(text: str) -> list[Headers]:
    """Groups of fields: between blank lines, and where a recipient's fields begin again."""
    blocks: list[list[str]] = [[]]
    seen: set[str] = set()
    for line in text.split("\n"):
        name = line.partition(":")[0].strip().lower() if line[:1] not in {" ", "\t"} else ""
        if not line.strip() or (_STARTS.match(name) and name in seen):
            blocks.append([])
            seen = set()
        if line.strip():
            blocks[-1].append(line)
            seen.add(name)
    return [group for block in blocks if block and (group := read_fields("\n".join(block)))]


def _status(group: Headers) -> Status:
    diagnostics = group.all("diagnostic-code", "x-supplementary-info", "x-display-diagnostic")
    words = " ".join(_TYPE.sub("", one) for one in diagnostics) or _comment(group.get("status"))
    found = _STATUS.search(group.get("status"))
    return Status(
        original=typed_address(group.get("original-recipient")),
        final=typed_address(group.get("final-recipient"))
        or typed_address(group.get("x-actual-recipient")),
        action=group.get("action").lower().strip().partition(" ")[0].partition(";")[0],
        status=found[0] if found else None,
        diagnostic=words.strip(),
    )


def _comment(status: str) -> str:
    """Some write why in brackets behind the code: ``5.1.1 (bad destination mailbox)``."""
    return status.partition("(")[2].rpartition(")")[0]
