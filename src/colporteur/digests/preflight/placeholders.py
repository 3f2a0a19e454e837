"""What a template, a merge or a draft left standing."""

import re
from collections.abc import Iterator

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.markup import addresses, parsed, words
from colporteur.digests.rendering import MARKS, Rendering

_LEFT = re.compile(
    r"\{\{[^{}]{0,60}|\{%[^{}]{0,60}|%\(\w{1,40}\)[sd]|\[TODO\]|\bTODO:|\blorem ipsum\b",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(r"\bXXX+\b")  # a mark of an unfinished sentence, or a Roman thirty
_OURS = re.compile(r"https://colporteur\.invalid/[^\s\"'<>]*")
READERS_OWN = MARKS
"""Marks that each reader's own links take the place of."""


def check(rendering: Rendering) -> Iterator[Finding]:
    """An error where readers would see one."""
    page = parsed(rendering.html)
    shown = {
        "subject": rendering.subject,
        "text": rendering.text,
        "HTML": " ".join([words(page), *addresses(page)]),
    }
    for part, text in shown.items():
        for found in sorted({one.strip() for one in _LEFT.findall(text)}):
            said = f"A placeholder is left in the {part}: {found}"
            yield Finding(ERROR, "placeholder", said, "Write what belongs there.", found)
        if _DOUBTFUL.search(text):
            said = f"There is XXX in the {part}: was something to be written there?"
            yield Finding(WARNING, "placeholder", said, "Write it, if so.", "XXX")
        for mark in sorted(set(_OURS.findall(text)) - set(READERS_OWN)):
            said = f"A mark that nobody replaces is left in the {part}: {mark}"
            yield Finding(ERROR, "placeholder", said, "Take it out of the template.", mark)
