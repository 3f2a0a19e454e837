"""Cuts a teaser from an article's text: whole sentences, up to about 200 characters."""

import re
from collections.abc import Iterator, Sequence

ABOUT = 200
AT_MOST = 280
ENOUGH = 120  # under this, one more sentence is worth going beyond ABOUT
_REAL = 40  # a shorter paragraph is a caption, a date line or a tagline
_END = re.compile(r"[.!?…؟]+(?:[\s\u00a0\u202f]*[»”\"’)\]])*(?=\s+\S|$)")
_ABBREVIATIONS = frozenset(
    [
        "m",
        "mm",
        "mme",
        "mmes",
        "mlle",
        "mlles",
        "me",
        "dr",
        "pr",
        "prof",
        "st",
        "ste",
        "art",
        "al",
        "ex",
        "p",
        "pp",
        "cf",
        "vol",
        "chap",
        "fig",
        "éd",
        "env",
        "no",
        "n°",
        "av",
        "apr",
        "tél",
        "min",
        "max",
        "mr",
        "mrs",
        "ms",
        "dr",
        "jr",
        "sr",
        "vs",
        "inc",
        "ltd",
        "e.g",
        "i.e",
        "approx",
        "dept",
        "est",
        "fr",
        "janv",
        "févr",
        "juill",
        "sept",
        "oct",
        "nov",
        "déc",
        "p.ex",
    ]
)
_OPENING, _CLOSING = "«“([", "»”)]"


def cut_teaser(paragraphs: Sequence[str]) -> str:
    """The teaser of a text given as its plain paragraphs; empty for an empty text.

    The first real paragraph's whole sentences up to about 200 characters (280 where fewer would
    say too little); a first sentence longer than that is cut between words, outside « », and
    ends with one ``…``.
    """
    text = next((p for p in paragraphs if len(p) >= _REAL), " ".join(paragraphs).strip())
    text = text[: 2 * AT_MOST]  # more never matters, and a file may hold a megabyte in one line
    taken = ""
    for end in _sentence_ends(text):
        if end > (ABOUT if len(taken) >= ENOUGH else AT_MOST):
            break
        taken = text[:end]
    return taken or _cut_between_words(text)


def _sentence_ends(text: str) -> Iterator[int]:
    """Offsets at which sentences end: not after an abbreviation, not inside quotation marks."""
    for found in _END.finditer(text):
        before = text[: found.start()]
        word = re.split(r"[\s\u00a0\u202f('’«]", before)[-1].lower()
        rest = text[found.end() :].lstrip()
        abbreviated = found[0] == "." and (word in _ABBREVIATIONS or _is_initial(before))
        goes_on = rest[:1].islower() or rest[:1] in {",", ";"}
        if not (abbreviated or goes_on or _open_marks(text[: found.end()])):
            yield found.end()


def _is_initial(before: str) -> bool:
    return bool(re.search(r"(?:^|[\s.\-\u00a0\u202f])[A-ZÉÈÀÂÎÔ]$", before))


def _open_marks(text: str) -> int:
    return sum(
        max(text.count(opened) - text.count(closed), 0)
        for opened, closed in zip(_OPENING, _CLOSING, strict=True)
    )


def _cut_between_words(text: str) -> str:
    if len(text) <= AT_MOST:
        return text
    whole = (
        at for at in range(AT_MOST, _REAL, -1) if text[at] == " " and not _open_marks(text[:at])
    )
    around = sorted(whole, key=lambda at: abs(ABOUT - at))
    cut = around[0] if around else max(text.rfind(" ", 0, ABOUT), 0) or ABOUT
    return text[:cut].rstrip(" ,;:–—-،؛.…\u00a0\u202f") + "…"
