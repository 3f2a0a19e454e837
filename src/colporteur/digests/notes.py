"""What editors write in Markdown above the articles: an intro, or a special edition's note. Pure."""

from markdown_it import MarkdownIt

from colporteur.articles.cleaning import clean_html, paragraphs

_markdown = MarkdownIt("commonmark", {"html": False, "typographer": False})


def note_html(text: str) -> str:
    """The note as HTML that is safe to mail; HTML in it is shown, not obeyed."""
    return clean_html(_markdown.render(text)) if text.strip() else ""


def note_lines(markup: str) -> list[str]:
    """The plain text of each paragraph of a note's HTML."""
    return paragraphs(markup)
