"""Sets a text as printers of its language do, and cuts it where no reader stumbles. Pure.

French keeps its tall punctuation with the word before it by a no-break space: narrow before
``; ! ?``, wide before ``:`` and inside « » (Imprimerie nationale, « Ponctuation »).
"""

import re
from unicodedata import bidirectional

import regex

NARROW, WIDE = "\u202f", "\u00a0"
_SPACE = f"[ {NARROW}{WIDE}]"
_FRENCH = (
    (re.compile(rf"{_SPACE}+(?=[;!?])"), NARROW),
    (re.compile(rf"{_SPACE}+(?=:(?:\s|$))"), WIDE),
    (re.compile(rf"«{_SPACE}*"), f"«{WIDE}"),
    (re.compile(rf"{_SPACE}*»"), f"{WIDE}»"),
    (re.compile(rf"(?<=\d){_SPACE}(?=\d{{3}}(?!\d))"), NARROW),
    (re.compile(rf"(?<=\d){_SPACE}(?=[%€$£°])"), WIDE),
)
_UNSEEN = regex.compile(r"[\p{Cc}\u202a-\u202e\u2066-\u2069]+")
_BLANKS = re.compile(r"[ \t\r\n\v\f]+")
_SEEN = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_TURNS = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_ENDS = f" ,;:–—-…{NARROW}{WIDE}«(\"'"


def fine(text: str, tag: str) -> str:
    """The text with the spaces that its language's printers put."""
    if tag.partition("-")[0] == "fr":
        for pattern, wanted in _FRENCH:
            text = pattern.sub(wanted, text)
    return text


def one_line(text: str) -> str:
    """The text on one line, without control characters and overrides of its direction.

    No-break spaces stay: their author meant them.
    """
    return _BLANKS.sub(" ", _UNSEEN.sub(" ", text)).strip()


def is_seen(text: str) -> bool:
    """Whether a person sees anything of it."""
    return _SEEN.search(text) is not None


def isolated(text: str, direction: str) -> str:
    """A name in plain text of that direction; one of the other keeps its hands off its neighbours.

    Else the numbers beside it would follow it (UAX 9, rule W7; FSI and PDI).
    """
    first = next((_TURNS[kind] for one in text if (kind := bidirectional(one)) in _TURNS), "")
    return f"\u2068{text}\u2069" if first not in {"", direction} else text


def shorten(text: str, room: int) -> str:
    """The text, or what fits of it between words, with one ``…``; never more than ``room``.

    A single word that is too long, or a script that has no spaces, is cut between graphemes.
    """
    if len(text) <= room:
        return text
    cut = text.rfind(" ", 0, room)
    kept = text[:cut].rstrip(_ENDS) if cut > 0 else ""
    return f"{kept or _graphemes(text, room - 1)}…"


def _graphemes(text: str, room: int) -> str:
    kept = ""
    for cluster in regex.findall(r"\X", text):
        if len(kept) + len(cluster) > room:
            break
        kept += cluster
    return kept.rstrip(_ENDS)
