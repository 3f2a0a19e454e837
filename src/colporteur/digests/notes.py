"""What editors write in Markdown above the articles: an intro, or a special edition's note. Pure."""

from collections.abc import Iterator
from urllib.parse import unquote

from lxml import html as lxml_html
from lxml.html import HtmlElement

from colporteur.articles.cleaning import clean_text
from colporteur.articles.formats import markdown

_BLOCKS = {"p", "ul", "ol", "li", "pre", "blockquote", "h2", "h3", "h4", "hr"}


def note_html(text: str) -> str:
    """The note as HTML that is safe to mail; HTML in it is shown, not obeyed."""
    return markdown.note_html(text).replace("<a href=", '<a class="accent" href=')


def note_lines(markup: str) -> list[str]:
    """The plain text of a note's HTML, each paragraph, item and line of code, with the addresses.

    Every word of it once, however lists and quotes nest; never an empty one.
    """
    if not markup:
        return []
    root = lxml_html.fragment_fromstring(markup, create_parent="div")
    for link in root.iter("a"):
        _show_address(link)
    return list(_lines(root))


def _lines(block: HtmlElement) -> Iterator[str]:
    """Those of a block: its own text, and what the blocks within say, in their order."""
    mark = _mark(block)
    for line in _unmarked(block):
        yield mark + line
        mark = ""


def _unmarked(block: HtmlElement) -> Iterator[str]:
    if block.tag == "pre":
        yield from (line.rstrip() for line in block.text_content().splitlines() if line.strip())
        return
    said = block.text or ""
    for child in block:
        if child.tag in _BLOCKS:
            yield from filter(None, [clean_text(said)])
            yield from _lines(child)
            said = ""
        else:
            said += " " if child.tag == "br" else child.text_content()
        said += child.tail or ""
    yield from filter(None, [clean_text(said)])


def _mark(block: HtmlElement) -> str:
    """What stands before the first line of an item."""
    if block.tag != "li":
        return ""
    listed = block.getparent()
    return f"{listed.index(block) + 1}. " if listed.tag == "ol" else "- "


def _show_address(link: HtmlElement) -> None:
    address, said = unquote(link.get("href", "")), unquote(link.text_content()).strip()
    if address and address not in {said, f"mailto:{said}"}:
        link.tail = f" ({link.get('href')}){link.tail or ''}"
