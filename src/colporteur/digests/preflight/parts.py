"""Whether text and HTML bring the same: a stub of a text part also looks like spam."""

import re
from collections.abc import Iterator, Mapping

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.markup import addresses, parsed, plain, words
from colporteur.digests.preflight.material import Message, Piece

_CURE = "Have both body.txt.j2 and body.html.j2 show each article with its link."
_TELLING = 40  # letters of a title: a layout may shorten a long one


def check(message: Message, pieces: Mapping[int, Piece]) -> Iterator[Finding]:
    """An error for an article that one part has and the other has not at all."""
    page = parsed(message.rendering.html)
    html, text = _letters(words(page)), _letters(message.rendering.text)
    links = {plain(one) for one in addresses(page)}
    for piece in (pieces[one] for one in message.articles if one in pieces):
        titled = [_letters(piece.title)[:_TELLING] in one for one in (text, html)]
        linked = [piece.url in message.rendering.text, plain(piece.url) in links]
        yield from _compared(piece, titled, linked)


def _compared(piece: Piece, titled: list[bool], linked: list[bool]) -> Iterator[Finding]:
    there = [title or link for title, link in zip(titled, linked, strict=True)]
    if not any(there):
        return  # left out of both, to save room
    if not all(there):
        part = "text" if there[1] else "HTML"
        said = f"The article “{piece.name}” is not in the {part} part."
        yield Finding(ERROR, "parts", said, _CURE, piece.url)
        return
    for what, found in (("title", titled), ("link", linked)):
        if any(found) and not all(found):
            part = "text" if found[1] else "HTML"
            said = f"The {what} of “{piece.name}” is not in the {part} part."
            yield Finding(WARNING, "parts", said, _CURE, piece.url)


def _letters(text: str) -> str:
    """Letters and digits alone: typography, line breaks and directions differ between parts."""
    return re.sub(r"[\W_]+", "", text).casefold()
