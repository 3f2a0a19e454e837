"""What a page of the reference is written with."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by `make reference`: change it there. -->"


def page(title: str, lead: str, *parts: str) -> str:
    """A whole page: its title, what it is, and its parts."""
    return "\n\n".join([f"# {title}", MADE, lead, *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; empty without rows."""
    lines = ["| " + " | ".join(cell(one) for one in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads), *lines])


def cell(text: str) -> str:
    """A text in one line, in which no bar ends the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """As code; nothing of nothing."""
    return f"`{text}`" if str(text) else ""
