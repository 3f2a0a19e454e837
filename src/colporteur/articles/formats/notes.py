"""The Markdown of notes: CommonMark with headings below the page's own, and without pictures."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from colporteur.articles.cleaning import is_web_address

_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_LINKS = {"link_open", "link_close"}


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)


def _tell_pictures(state: StateCore) -> None:
    """Nobody measured the pictures of a note, and in a mail they would load from elsewhere."""
    for token in state.tokens:
        if token.children:
            token.children = _without_pictures(token.children)


def _without_pictures(tokens: Sequence[Token]) -> list[Token]:
    found, linked = list[Token](), 0
    for token in tokens:
        linked += token.nesting if token.type in _LINKS else 0
        found += _told(token, linked=linked > 0) if token.type == "image" else [token]
    return found


def _told(picture: Token, *, linked: bool) -> list[Token]:
    """A picture's alternative text, else its address; a link to it, unless it is in one."""
    address = str(picture.attrs.get("src", ""))
    shown = is_web_address(address)
    said = _plain(picture.children or [])
    if shown and not any(one.content.strip() for one in said):
        said = [Token("text", "", 0, content=address)]
    if linked or not shown:
        return said
    opening = Token("link_open", "a", 1, attrs={"href": address})
    return [opening, *said, Token("link_close", "a", -1)]


def _plain(tokens: Sequence[Token]) -> list[Token]:
    """Without links and pictures of its own: a link holds no link."""
    found = list[Token]()
    for token in tokens:
        if token.type == "image":
            found += _plain(token.children or [])
        elif token.type not in _LINKS:
            found.append(token)
    return found


NOTE = MarkdownIt("commonmark", {"html": False, "typographer": False})
NOTE.core.ruler.push("lower_headings", _lower_headings)
NOTE.core.ruler.push("tell_pictures", _tell_pictures)
