"""Writes an article's HTML as Markdown, for people to change, where nothing of it is lost. Pure."""

import re
from collections.abc import Iterator

from lxml import html as lxml_html

from colporteur.articles.cleaning import clean_html
from colporteur.articles.formats.records import article_html

_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`", "s": "~~"}
_HEADINGS = {"h2": "##", "h3": "###", "h4": "####"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>~]|&(?=[#\w]+;)|^[#+=-])")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_SPACES = re.compile(r"[ \t\n]+")
_BETWEEN = re.compile(
    r" ?(</?(?:p|h[1-6]|ul|ol|li|blockquote|hr|pre|table|t\w+|div|figure|br)\b[^>]*>) ?"
)
_SAME = {"<b>": "<strong>", "</b>": "</strong>", "<i>": "<em>", "</i>": "</em>"}


class _LostError(Exception):
    """Something that Markdown has no words for."""


def markdown_of(markup: str) -> str | None:
    """The Markdown that makes this cleaned HTML again; None where there is none."""
    for escaped in (False, True):
        try:
            text = _written(markup, escaped=escaped)
        except _LostError:
            return None
        if same(clean_html(article_html(text)), markup):
            return text
    return None


def same(first: str, second: str) -> bool:
    """Whether two pieces of cleaned HTML differ in spaces between their elements alone."""
    return _plainly(first) == _plainly(second)


def _plainly(markup: str) -> str:
    for old, new in _SAME.items():
        markup = markup.replace(old, new)
    return _BETWEEN.sub(r"\1", _SPACES.sub(" ", markup)).strip()


def _written(markup: str, *, escaped: bool) -> str:
    if not markup:
        return ""
    root = lxml_html.fragment_fromstring(markup, create_parent="div")
    return "\n\n".join(_blocks(root, escaped=escaped))


def _blocks(parent: lxml_html.HtmlElement, *, escaped: bool) -> Iterator[str]:
    if (parent.text or "").strip():
        raise _LostError
    for node in parent:
        if (node.tail or "").strip():
            raise _LostError
        yield _block(node, escaped=escaped)


def _block(node: lxml_html.HtmlElement, *, escaped: bool) -> str:
    if node.tag == "p":
        return _inline(node, escaped=escaped)
    if node.tag in _HEADINGS:
        return f"{_HEADINGS[node.tag]} {_inline(node, escaped=escaped)}"
    if node.tag == "hr":
        return "---"
    if node.tag == "blockquote":
        quoted = "\n\n".join(_blocks(node, escaped=escaped))
        return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    if node.tag in {"ul", "ol"}:
        return "\n".join(_items(node, escaped=escaped))
    raise _LostError


def _items(listed: lxml_html.HtmlElement, *, escaped: bool) -> Iterator[str]:
    for number, item in enumerate(listed, 1):
        if item.tag != "li" or any(child.tag in {"p", "ul", "ol", "blockquote"} for child in item):
            raise _LostError
        mark = "-" if listed.tag == "ul" else f"{number}."
        yield f"{mark} {_inline(item, escaped=escaped)}"


def _inline(node: lxml_html.HtmlElement, *, escaped: bool) -> str:
    parts = [_text(node.text, escaped=escaped)]
    for child in node:
        parts += [_span(child, escaped=escaped), _text(child.tail, escaped=escaped)]
    return "".join(parts).strip(" ")


def _span(node: lxml_html.HtmlElement, *, escaped: bool) -> str:
    if node.tag in _MARKS and not node.attrib:
        inside = node.text or "" if node.tag == "code" else _inline(node, escaped=escaped)
        return f"{_MARKS[node.tag]}{inside}{_MARKS[node.tag]}"
    if node.tag == "a" and set(node.attrib) == {"href"}:
        return f"[{_inline(node, escaped=escaped)}]({_address(node.get('href'))})"
    if node.tag == "img" and set(node.attrib) <= {"src", "alt"}:
        return f"![{_text(node.get('alt'), escaped=escaped)}]({_address(node.get('src'))})"
    if node.tag == "br":
        return "\\\n"
    raise _LostError


def _text(said: str | None, *, escaped: bool) -> str:
    plain = _SPACES.sub(" ", said or "")
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain)) if escaped else plain


def _address(url: str | None) -> str:
    """An address as it stands, in angles where it has brackets or spaces of its own."""
    said = url or ""
    return f"<{said}>" if set("() ") & set(said) else said
