"""Reads a message's HTML: its words as people see them, its links, its inlined styles."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import html as lxml_html
from lxml.html import HtmlElement

_UNSEEN_TAGS = {"head", "style", "script", "title", "template"}
_DECLARATION = re.compile(r"\s*([\w-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")


def parsed(html: str) -> HtmlElement:
    """The page, comments (and with them what only Outlook sees) left out."""
    parser = lxml_html.HTMLParser(remove_comments=True, encoding="utf-8")
    return lxml_html.document_fromstring((html or "<p>").encode(), parser=parser)


def declarations(style: str) -> dict[str, str]:
    """Property and value of each declaration in a ``style``, in small letters; the last wins."""
    found = {}
    for name, value in _DECLARATION.findall(style):
        found[name.lower()] = value.replace("!important", "").strip().lower()
    return found


def visible(root: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that can show something, in order."""
    if not isinstance(root.tag, str) or root.tag in _UNSEEN_TAGS:
        return
    if declarations(root.get("style", "")).get("display") == "none":
        return
    yield root
    for child in root:
        yield from visible(child)


def words(page: HtmlElement) -> str:
    """The words of the body, hidden ones too: mail programs show the preheader in their lists."""
    body = page.find("body")
    texts = (page if body is None else body).xpath(
        ".//text()[not(ancestor::style) and not(ancestor::script)]"
    )
    return " ".join(texts)


def plain(url: str) -> str:
    """An address by which to know it again: whoever writes HTML may escape it (``é``, ``%C3%A9``)."""
    return unquote(url)


def addresses(page: HtmlElement) -> list[str]:
    """Where its links lead, each once, in order."""
    return list(dict.fromkeys(one.get("href", "").strip() for one in page.iter("a", "area")))
