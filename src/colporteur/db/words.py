"""The words of texts as searches compare them: folded alike when kept and when asked for. Pure.

Letters without their accents and in small, one Arabic letter for those that people write for one
another. Both databases are handed letters and digits only, so that neither has a syntax to break.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

WORD_AT_MOST = 60
CHARACTERS_AT_MOST = 200_000
"""Of all words together: PostgreSQL holds a megabyte of them for a row."""
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[^\W_]+")
_ALIKE = str.maketrans(
    dict.fromkeys("أإآٱ", "ا")
    | {"ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ـ": None, "گ": "ك", "ک": "ك", "ی": "ي"}
    | {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)
_ARTICLE = re.compile("(?:[وفبك]?ال|لل)(?=..)")


def folded(text: str) -> list[str]:
    """The words of a text, in order; none is longer than 60 characters."""
    if text.isascii():
        return [word[:WORD_AT_MOST] for word in _WORD.findall(text.casefold())]
    plain = text.casefold().translate(_ALIKE)
    apart = unicodedata.normalize("NFKD", plain)
    # Again, since taking a letter apart may have made one of those that are alike.
    bare = apart.translate(_marks()).casefold().translate(_ALIKE)
    return [word[:WORD_AT_MOST] for word in _WORD.findall(bare)]


@cache
def _marks() -> dict[int, None]:
    """The accents that stand on letters, made once and only where they are asked for."""
    return {code: None for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) == "Mn"}


def kept(texts: Iterable[str], markup: str = "") -> str:
    """What an index keeps of texts and of HTML: each word once, with spaces between.

    Arabic words are found with their article and without it.
    """
    found: dict[str, None] = {}
    for text in (*texts, html.unescape(_TAG.sub(" ", markup))):
        for word in folded(text):
            found.setdefault(word)
            if bare := _ARTICLE.match(word):
                found.setdefault(word[bare.end() :])
    return " ".join(found)[:CHARACTERS_AT_MOST]
