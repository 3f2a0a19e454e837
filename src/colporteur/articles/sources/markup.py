"""An entry's HTML: links made whole, paragraphs put in, its first picture. Pure."""

import re
from functools import cached_property
from urllib.parse import urljoin

from lxml import html as lxml_html
from lxml.etree import LxmlError

from colporteur.articles.cleaning import is_web_address, nesting
from colporteur.articles.submission import Image

_NESTED_AT_MOST = 200  # deeper ones are intake's to refuse
_BLOCK = re.compile(r"<(?:p|h[1-6]|ul|ol|table|blockquote|pre|figure|dl)\b", re.IGNORECASE)
_DIV = re.compile(r"<(/?)(?:div|section|article)\b[^>]*>", re.IGNORECASE)
_BREAKS = re.compile(r"(?:<br\s*/?>\s*){2,}", re.IGNORECASE)
_WORDS = re.compile(r"(?:<[^>]*>|\s|&nbsp;)*([^<\s])")
_SMALLEST = 50  # pixels; smaller pictures are icons, and those of one count readers
_DIGITS_AT_MOST = 5
_NOT_PICTURES = ("wp-smiley", "emoji", "feedburner", "gravatar")


class Markup:
    """Some HTML, and the address that its relative links start from."""

    def __init__(self, text: str, base: str) -> None:
        self._text = text.strip()
        self.base = base

    @property
    def says_something(self) -> bool:
        """Whether there are words in it."""
        return _WORDS.match(self._text) is not None

    def body(self) -> str:
        """The HTML with whole links, in paragraphs."""
        text = self._text
        if self._root is not None:
            self._root.make_links_absolute(self.base, handle_failures="ignore")
            whole = lxml_html.tostring(self._root, encoding="unicode")
            text = whole.removeprefix("<div>").removesuffix("</div>").strip()
        if _BLOCK.search(text):
            return text
        text = _DIV.sub(r"<\1p>", text)
        text = _BREAKS.sub("</p><p>", text)
        return text if text.startswith("<p>") else f"<p>{text}</p>"

    def first_image(self) -> Image | None:
        """The first picture that is one to look at."""
        if self._root is None:
            return None
        self._root.make_links_absolute(self.base, handle_failures="ignore")
        for node in self._root.iter("img"):
            url = (node.get("src") or "").strip().replace(" ", "%20")
            width, height = (pixels(node.get(name)) for name in ("width", "height"))
            small = any(size is not None and size < _SMALLEST for size in (width, height))
            marks = f"{node.get('class') or ''} {url}".lower()
            if small or any(mark in marks for mark in _NOT_PICTURES) or not is_web_address(url):
                continue
            return Image(url, node.get("alt") or "", width, height)
        return None

    @cached_property
    def _root(self) -> lxml_html.HtmlElement | None:
        if not self._text or nesting(self._text) > _NESTED_AT_MOST:
            return None
        try:
            root = lxml_html.fragment_fromstring(self._text, create_parent="div")
        except (LxmlError, ValueError):
            return None
        for node in list(root.iter("base")):
            if not _can_be_joined(self.base, node.get("href") or ""):
                node.drop_tree()
        return root


def _can_be_joined(base: str, link: str) -> bool:
    try:
        urljoin(urljoin(base, link), "x")
    except ValueError:  # such as http://[
        return False
    return True


def pixels(text: object) -> int | None:
    """A width or height, as attributes and feeds write it."""
    said = str(text or "").strip().lower().removesuffix("px")
    if not said.isdecimal() or len(said) > _DIGITS_AT_MOST:
        return None
    return int(said) or None
