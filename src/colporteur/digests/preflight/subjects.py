"""What makes people, and filters, take a subject for spam."""

import re
import unicodedata
from collections.abc import Iterator

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.rendering import Rendering

LONG = 78
"""Characters; mail programs show about 60 of them, and RFC 5322 wants a line of 78 at most."""
_CAPITALS_FROM = 8  # letters: a shorter one may be an abbreviation
_ANSWERS = re.compile(r"\s*(re|fwd?|tr|aw|wg|رد|إعادة توجيه)\s*[:：]", re.IGNORECASE)
_SHOUTS = re.compile(r"[!！]\s*[!！]|[!！].*[!！]")
_FREE = re.compile(
    r"""
    \bfree\s*[!！] | \b100\s*%\s*free\b | \bact\s+now\b | \bclick\s+here\b | \brisk[- ]free\b
    | \bwinner\s*[!！] | \bmake\s+money\b | \$\$\$ | €€€
    | \bgratuit(e|s|es)?\s*[!！] | \b100\s*%\s*gratuit | \bcliquez\s+ici\b | \bsans\s+risque\b
    | \bvous\s+avez\s+gagn | \bgagnez\s+de\s+l.argent\b | \boffre\s+exclusive\b
    | مجان[اًيه]*\s*[!！] | اضغط\s+هنا | انقر\s+هنا | لقد\s+ربحت | اربح\s+المال
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_ONE_EMOJI = (
    f"(?:{_FLAG}|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_EMOJI_IN_A_ROW = re.compile(rf"{_ONE_EMOJI}\s*{_ONE_EMOJI}")
_BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and a symbol by name alone
_CURE = "Pin the lead, and write another subject."


def check(rendering: Rendering) -> Iterator[Finding]:
    """An error where nobody sees a subject; else warnings, for an editor may have reasons."""
    subject = rendering.subject
    if not _seen(subject):
        cure = (
            "Write letters into it: an override of subject.txt.j2, or the lead's title, has none."
        )
        yield Finding(ERROR, "subject", "The subject is empty, or nothing in it can be seen.", cure)
    for said in _faults(subject):
        yield Finding(WARNING, "subject", f"The subject {said}: {subject}", _CURE)


def _seen(subject: str) -> bool:
    """Whether there is a letter, digit or symbol in it that leaves ink."""
    return any(unicodedata.category(one)[0] in "LNS" and one not in _BLANK for one in subject)


def _faults(subject: str) -> Iterator[str]:
    cased = [one for one in subject if one.lower() != one.upper()]
    if len(cased) >= _CAPITALS_FROM and all(one.isupper() for one in cased):
        yield "is all capitals"
    if _SHOUTS.search(subject):
        yield "has several exclamation marks"
    if _FREE.search(subject):
        yield "sounds like an advertisement"
    if _ANSWERS.match(subject):
        yield "pretends to be an answer or a forwarded mail"
    if _EMOJI_IN_A_ROW.search(subject):
        yield "has emoji in a row"
    if len(subject) > LONG:
        yield f"is {len(subject)} characters long, of which people see about 60"
