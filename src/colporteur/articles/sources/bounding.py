"""Bounds what feedparser must work through: some of its steps grow with the square. Pure."""

import re
from itertools import islice

from colporteur.articles.cleaning import nesting
from colporteur.articles.sources.reading import ENTRIES_AT_MOST
from colporteur.exceptions import SourceRefused

NESTED_AT_MOST = 20_000  # with what the entries' HTML forgets to close
_NAME_AT_MOST = 500
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s/>])")
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>")
_PERSON = re.compile(
    r"<(?:\w+:)?(?:author|creator|publisher|managingeditor|webmaster|owner)\b[^<>]{0,500}>",
    re.IGNORECASE,
)


def bounded(text: str) -> str:
    """The feed with its first entries only, and with no name longer than one can be.

    Raises:
        SourceRefused: it nests too deep to be a feed.
    """
    text = _short_names(_first_entries(text))
    if nesting(text) > NESTED_AT_MOST:
        raise SourceRefused(
            f"The document nests elements more than {NESTED_AT_MOST} deep.",
            cure="Check the address in a browser.",
        )
    return text


def _first_entries(text: str) -> str:
    """What stands before the first entry too many, and after the last."""
    beyond = next(islice(_ENTRY.finditer(text), ENTRIES_AT_MOST, None), None)
    if beyond is None:
        return text
    end = beyond.start()
    for last in _ENTRY_END.finditer(text, beyond.start()):
        end = last.end()
    return text[: beyond.start()] + text[end:]


def _short_names(text: str) -> str:
    kept: list[str] = []
    at = 0
    for tag in _PERSON.finditer(text):
        end = text.find("</", tag.end())
        if tag.start() < at or end - tag.end() <= _NAME_AT_MOST:
            continue
        kept.append(text[at : tag.end()])
        at = end
    return "".join([*kept, text[at:]])
