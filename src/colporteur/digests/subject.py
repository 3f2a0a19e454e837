"""Composes a digest's subject: the lead and how many more, within about 60 characters."""

import unicodedata

ABOUT = 60
_JOINERS = {"\u200d", "\ufe0f", "\u20e3"}


def compose_subject(lead: str, ending: str) -> str:
    """The lead's title, shortened between words if need be, and an ending such as ``(+4)``.

    Never empty, on one line, never cut inside a word that fits or inside a grapheme.
    """
    room = ABOUT - (len(ending) + 1 if ending else 0)
    title = shorten(" ".join(lead.split()), room)
    return f"{title} {ending}".strip()


def shorten(text: str, room: int) -> str:
    """The text, or what fits of it between words, with one ``…``."""
    if len(text) <= room:
        return text
    cut = text.rfind(" ", 0, room)
    if cut < room // 2:
        cut = _grapheme_start(text, room - 1)
    return text[:cut].rstrip(" ,;:–—-\u00a0\u202f«(") + "…"


def _grapheme_start(text: str, at: int) -> int:
    while at > 0 and (
        unicodedata.combining(text[at]) or text[at] in _JOINERS or text[at - 1] in _JOINERS
    ):
        at -= 1
    return at
