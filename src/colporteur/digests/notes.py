"""What editors write in Markdown above the articles: an intro, or a special edition's note. Pure."""

from lxml import html as lxml_html
from lxml.html import HtmlElement

from colporteur.articles.cleaning import clean_text
from colporteur.articles.formats import markdown

_BLOCKS = ("p", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6")


def note_html(text: str) -> str:
    """The note as HTML that is safe to mail; HTML in it is shown, not obeyed."""
    return markdown.note_html(text).replace("<a href=", '<a class="accent" href=')


def note_lines(markup: str) -> list[str]:
    """The plain text of each paragraph and list item of a note's HTML, with its links' addresses."""
    if not markup:
        return []
    root = lxml_html.fragment_fromstring(markup, create_parent="div")
    for link in root.iter("a"):
        _show_address(link)
    blocks = [one for one in root.iter(*_BLOCKS) if not any(one.iterdescendants(*_BLOCKS))]
    return [_mark(one) + clean_text(one.text_content()) for one in blocks]


def _show_address(link: HtmlElement) -> None:
    address, said = link.get("href", ""), link.text_content()
    if address and address != said:
        link.tail = f" ({address}){link.tail or ''}"


def _mark(block: HtmlElement) -> str:
    inside = block.tag == "li" or block.getparent().tag == "li"
    return "- " if inside else ""
