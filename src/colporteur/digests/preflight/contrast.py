"""Whether words can be read on what is behind them, by day and in the dark (WCAG 2.2, 1.4.3)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from lxml.cssselect import CSSSelector, SelectorError
from lxml.html import HtmlElement

from colporteur.digests.preflight.colours import read_colour
from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.markup import declarations, parsed
from colporteur.digests.rendering import Rendering
from colporteur.publication.look import READABLE, contrast

READABLE_LARGE = 3.0
UNSEEN = 1.5
"""Under it nobody sees that there are words."""
_LARGE, _LARGE_BOLD = 24.0, 18.66  # px: 18 and 14 points
_USUAL_SIZE = 16.0
_DARK_BLOCK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PIXELS = re.compile(r"([\d.]+)px")
_SHOWN = 60
Styles = Mapping[HtmlElement, Mapping[str, str]]


@dataclass(frozen=True)
class _Seen:
    """How words look at some place of a page; ``paper`` None over a picture."""

    ink: str = "#000000"
    paper: str | None = "#ffffff"
    size: float = _USUAL_SIZE
    bold: bool = False

    @property
    def least(self) -> float:
        """The contrast that words of this size need."""
        large = self.size >= _LARGE or (self.bold and self.size >= _LARGE_BOLD)
        return READABLE_LARGE if large else READABLE


def check(rendering: Rendering) -> Iterator[Finding]:
    """A warning under AA, for each pair of colours; an error where words cannot be seen."""
    page = parsed(rendering.html)
    yield from _faults(page, {}, "")
    dark = _dark_styles(page, rendering.html)
    if dark:
        yield from _faults(page, dark, " in the dark")


def _faults(page: HtmlElement, over: Styles, when: str) -> Iterator[Finding]:
    found: dict[tuple[str, str], tuple[float, str]] = {}

    def look(words: str, seen: _Seen) -> None:
        if seen.paper is None:
            return
        reached = contrast(seen.ink, seen.paper)
        if reached < seen.least:
            found.setdefault((seen.ink, seen.paper), (reached, words[:_SHOWN]))

    _walk(page, over, _Seen(), look)
    for (ink, paper), (reached, words) in found.items():
        severity = ERROR if reached < UNSEEN else WARNING
        said = f"{ink} on {paper}{when} has a contrast of {reached:.1f}: “{words}”"
        yield Finding(severity, "contrast", said, "Choose colours that differ more.", ink)


def _walk(
    element: HtmlElement, over: Styles, seen: _Seen, look: Callable[[str, _Seen], None]
) -> None:
    if not isinstance(element.tag, str) or element.tag in {"head", "style", "script"}:
        return
    own = {**declarations(element.get("style", "")), **over.get(element, {})}
    if own.get("display") == "none":
        return
    here = _as_styled(element, own, seen)
    if element.text and element.text.strip():
        look(" ".join(element.text.split()), here)
    for child in element:
        _walk(child, over, here, look)
        if child.tail and child.tail.strip():
            look(" ".join(child.tail.split()), here)


def _as_styled(element: HtmlElement, own: Mapping[str, str], seen: _Seen) -> _Seen:
    ink = read_colour(own.get("color", "")) or seen.ink
    paper = seen.paper
    behind = own.get("background-color") or own.get("background") or element.get("bgcolor", "")
    if "url(" in own.get("background", "") + own.get("background-image", ""):
        paper = None
    elif solid := read_colour(behind):
        paper = solid
    size = _PIXELS.search(own.get("font-size", ""))
    weight = own.get("font-weight", "")
    bold = weight in {"bold", "bolder", "600", "700", "800", "900"} if weight else seen.bold
    return replace(
        seen, ink=ink, paper=paper, size=float(size[1]) if size else seen.size, bold=bold
    )


def _dark_styles(page: HtmlElement, html: str) -> Styles:
    """What the rules for dark screens say of each element; they come after the inlined ones."""
    found: dict[HtmlElement, dict[str, str]] = {}
    for block in _DARK_BLOCK.findall(html):
        for selectors, body in _RULE.findall(block):
            for element in _chosen(page, selectors.strip()):
                found.setdefault(element, {}).update(declarations(body))
    return found


def _chosen(page: HtmlElement, selectors: str) -> list[HtmlElement]:
    try:
        return list(CSSSelector(selectors, translator="html")(page))
    except SelectorError:  # such as a pseudo-element: no words of the page are that
        return []
