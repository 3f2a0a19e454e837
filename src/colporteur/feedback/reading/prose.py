"""Bounces in a server's own words: whom they name, and what they say of them.

No list of servers: nearly all write an address at the start of a line or in a quoted SMTP
exchange, their reason beside it, and the returned message below.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from colporteur.delivery.classifier import Judgement, Verdict, judge
from colporteur.feedback.reading.addresses import ADDRESS, addresses_in, clean, is_role, without
from colporteur.feedback.reading.report import Failure

_LONGEST = 64 * 1024
_LINES_AT_MOST = 2000
_NAMED_AT_MOST = 500
_LINES_OF_ONE = 8  # lines that name one address, of which the rest is not read
_PIECES_AT_MOST = 10  # of evidence about one address
_AFTER = 12  # lines below an address that may say why
_QUOTED_AT_MOST = 1000
_REPLY = re.compile(
    r"(?<![\w.:/=@-])#?([245]\d\d)(?:[ -]+#?([245]\.\d{1,3}\.\d{1,3}))?(?=[\s,;:<\"'.)-]|$)(?!\.\d)(?! (?:bytes|ko|kb|mb)\b)",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.]\d)")
_CODES = range(400, 600)
_STARTS = re.compile(r"[\s\-*•>#<\"'(\[:]*(?:mailto:|smtp:|rfc822;\s*)?$", re.IGNORECASE)
_CUES = re.compile(
    r"(?<![^\W_])(?:rcpt to|recipients?|user ?(?:id|name)|userid|address(?:es)?|destinataires?|empf[äa]nger|destinatario|addressees?|user|to|for|à|an|al?|"
    r"a|mailbox|delivered|unknown|deliver|reach|[45]\d\d[ -](?:#?[245]\.\d\.\d{1,3})?|宛先|адрес\w*|получател\w*|"
    r"final-recipient|failed|undeliverable)\s*(?:\(s\))?\s*[:;=]?\s*[<\[(\"']*(?:rfc822;|smtp:|mailto:)?\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:expanded|generated|forwarded|ultimately generated|originally addressed|alias|reason given|redirected) (?:from|to|by)\s*:?\s*[<\[(\"']*$",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?<![^\W_])(?:from|sender|reply-to|by|contact|help|question|support|e-?mail|write|postmaster|abuse|assistance|"
    r"von|de|expéditeur|absender|remitente|administrator|message-id|id|cc|since|subject|see|forward(?:ed)?|visit|"
    r"dsn|envelope-from|mail from|sent by|on behalf of|report(?:ed)? (?:it )?to|if .{0,80})\s*[:;=(]?\s*[<\[(\"']*(?:mailto:)?\s*$",
    re.IGNORECASE,
)
_QUOTED_FIELD = re.compile(r"\s*(?:to|cc|an|à|para|a|кому|宛先)\s*:\s*[^:]{0,60}$", re.IGNORECASE)
_ROLES_TOO = re.compile(
    r"(?:abuse|support|helpdesk|help|info|security|noc|administrator|admin|hostmaster|webmaster|noreply|no-reply|"
    r"delist|removals?|bounces?|errors?|spam|unblock|sales)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Named:
    """An address that a report names, the lines that do, and how surely as a failing one."""

    address: str
    lines: tuple[int, ...]
    strength: (
        int  # 3: starts a line; 2: after a word such as "to"; 1: somewhere; 0: as somebody else
    )


def named_in(text: str, excluded: Sequence[str], meant: Sequence[str] = ()) -> list[Named]:
    """The addresses that a report's own words name, best evidence of each.

    A server's own addresses are none of them, unless the message was for one.
    """
    others = {one.lower() for one in excluded}
    wanted = {one.lower() for one in meant}
    found: dict[str, Named] = {}
    for at, before, address in _occurrences(text):
        key = address.lower()
        if key in others or (is_role(address) and key not in wanted):
            continue
        strength = _strength(before, address)
        known = found.get(key, Named(address, (), 0))
        lines = (*known.lines, at) if len(known.lines) < _LINES_OF_ONE else known.lines
        found[key] = Named(address, lines, max(strength, known.strength))
    return list(found.values())


def _occurrences(text: str) -> Iterator[tuple[int, str, str]]:
    """Each address in a text: its line, what stands before it there, and the address."""
    left = _NAMED_AT_MOST
    for at, line in enumerate(text[:_LONGEST].split("\n")[:_LINES_AT_MOST]):
        for one in ADDRESS.finditer(line[:_QUOTED_AT_MOST]) if "@" in line else ():
            if address := clean(one[0]):
                yield at, line[: one.start()], address
            left -= 1
            if not left:
                return


def _strength(before: str, address: str) -> int:
    """How surely an address fails, by what stands before it in its line."""
    local, _, domain = address.rpartition("@")
    if "." not in domain and not domain.startswith("["):
        return 1
    if _FORWARDED.search(before[-80:]):
        return 3
    if _QUOTED_FIELD.match(before):
        return 1
    if _SIDE.search(before[-120:]):
        return 0
    return 1 if _ROLES_TOO.match(local) else _by_place(before)


def _by_place(before: str) -> int:
    if _STARTS.match(before):
        return 3
    return 2 if _CUES.search(before[-120:]) or _REPLY.search(before[-200:]) else 1


def failing(named: Sequence[Named], expected: Sequence[str]) -> list[Named]:
    """Those of the named that a report is about: the surest; whom the message was for is surer."""
    wanted = {one.lower() for one in expected}
    sure = {one: 2 * one.strength + 3 * (one.address.lower() in wanted) for one in named}
    best = max(sure.values(), default=0)
    if best >= 7:  # noqa: PLR2004 - after a word or at a line's start, and meant
        alike = max(one.strength for one in named if sure[one] >= 7)  # noqa: PLR2004
        return [one for one in named if sure[one] >= 7 or one.strength == alike]  # noqa: PLR2004
    return [one for one in named if sure[one] == best and best > 0]


def passages(text: str, one: Named, others: Sequence[Named]) -> list[str]:
    """What is said beside an address, wherever it is named: paragraphs, then longer pieces."""
    lines = text[:_LONGEST].split("\n")
    own = {*one.lines}
    stops = {at for other in others if other.address != one.address for at in other.lines} - own
    found = [_passage(lines, at, stops) for at in one.lines]
    return [*(paragraph for paragraph, _ in found), *(longer for _, longer in found)]


def _passage(lines: Sequence[str], first: int, stops: set[int]) -> tuple[str, str]:
    """The paragraph from a line on, and the lines from it to the next address."""
    kept = [lines[first]]
    paragraph = ""
    for at in range(first + 1, min(len(lines), first + _AFTER)):
        if at in stops:
            break
        if not lines[at].strip() and not paragraph:
            paragraph = "\n".join(kept)
        kept.append(lines[at])
    longer = "\n".join(kept)
    return paragraph or longer, longer


def read_failure(
    address: str | None, action: str, status: str | None, evidence: Sequence[str]
) -> Failure:
    """What the evidence says of an address: the first piece that is understood, else the first.

    ``evidence`` runs from the most specific to the least: a quoted reply, a passage, the whole.
    """
    pieces = [piece for piece in evidence if piece.strip()][:_PIECES_AT_MOST] or [""]
    read = [_read(piece, status) for piece in pieces[:1]]
    for piece in pieces[1:]:
        if read[-1].judgement.sure:
            break
        read.append(_read(piece, status))
    told = read[-1] if read[-1].judgement.sure else read[0]
    verdict = told.judgement.verdict
    if action == "delayed" and verdict is Verdict.HARD:
        verdict = Verdict.SOFT
    return Failure(
        address=address,
        action=action,
        status=told.enhanced or status,
        code=told.code,
        text=told.words.strip()[:_QUOTED_AT_MOST],
        verdict=verdict,
        why=told.judgement.why,
    )


class _Read(NamedTuple):
    """One piece of evidence, judged."""

    judgement: Judgement
    code: int
    enhanced: str | None
    words: str


def _read(piece: str, status: str | None) -> _Read:
    words = reply_in(piece)
    code, quoted = codes_in(words)
    enhanced = _better(quoted, status)
    return _Read(judge(code, enhanced, words), code, enhanced, words)


def reply_in(piece: str) -> str:
    """The quoted SMTP reply in a text, with the lines that belong to it; else the text."""
    found = next((one for one in _REPLY.finditer(piece) if int(one[1]) in _CODES), None)
    if not found:
        return piece[:4000]
    start = max(piece.rfind("\n", 0, found.start()) + 1, found.start() - 120)
    return piece[start : found.start() + _QUOTED_AT_MOST]


def codes_in(text: str) -> tuple[int, str | None]:
    """The SMTP code (0: none) and the enhanced code that a text quotes."""
    code, enhanced = 0, None
    for one in _REPLY.finditer(text):
        if int(one[1]) in _CODES:
            code, enhanced = int(one[1]), one[2]
            break
    if enhanced is None and (found := _ENHANCED.search(text)):
        enhanced = found[1]
    if enhanced and enhanced.startswith("2"):
        enhanced = None
    return code, enhanced


def _better(quoted: str | None, status: str | None) -> str | None:
    """Of two enhanced codes the one that says more: 5.0.0 says nothing."""
    if quoted and not quoted.endswith(".0.0"):
        return quoted
    if status and status[0] in "45":
        return status
    return quoted


def expected_of(*sources: Sequence[str], excluded: Sequence[str] = ()) -> list[str]:
    """Whom the message was for: the first source that names somebody else than its sender."""
    for source in sources:
        found = [one for one in source if not is_role(one)]
        if found := without(found, excluded) or found:
            return found
    return []


def listed(value: Sequence[str]) -> list[str]:
    """The addresses in some fields."""
    return addresses_in(" ".join(value))
