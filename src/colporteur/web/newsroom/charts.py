"""Charts as pictures: SVG that is drawn here, runs nothing, and follows light and dark."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pygal
from lxml import etree
from starlette.responses import Response

# It would look out for plugins at every import from now on, in a way that Python has left behind.
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]

_LABELS_AT_MOST, _LABELS_NARROW = 10, 5
_LEFT_OUT = {"script", "style", "desc", "title"}
_STYLE = """
svg { background: none; }
text { font-family: system-ui, "Segoe UI", "Noto Sans", "Noto Sans Arabic", sans-serif;
  font-size: 13px; fill: #5b5750; unicode-bidi: plaintext; }
.background { fill: none; }
.axis .line { stroke: none; fill: none; }
.axis.y .guide.line { stroke: #d9d4ca; stroke-width: 1; }
.axis.x .guide.line { stroke: none; }
.axis.x text { text-anchor: middle; }
.axis.y text { text-anchor: end; }
.sideways .axis.y .guide.line { stroke: none; }
.sideways .axis.x .guide.line { stroke: #d9d4ca; }
.color-0 { fill: #b3261e; stroke: #b3261e; }
.color-1 { fill: #8a857b; stroke: #8a857b; }
.color-2 { fill: #2f6d80; stroke: #2f6d80; }
.color-3 { fill: #b98526; stroke: #b98526; }
.line.reactive { fill: none; stroke-width: 2.5; }
.bars rect, .bar rect { stroke: none; }
.dots, .tooltip, .text-overlay, .tooltip-overlay, .value, .label, desc { display: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #b9b4a9; }
  .axis.y .guide.line, .sideways .axis.x .guide.line { stroke: #45423c; }
  .sideways .axis.y .guide.line { stroke: none; }
  .color-0 { fill: #f2837b; stroke: #f2837b; }
  .color-1 { fill: #98938a; stroke: #98938a; }
  .color-2 { fill: #74b6c9; stroke: #74b6c9; }
  .color-3 { fill: #e0b25c; stroke: #e0b25c; }
  .line.reactive { fill: none; }
}
"""
HEADERS = {
    # A picture: nothing in it runs or is fetched, wherever it is opened.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; "
    "frame-ancestors 'self'",
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
PERIODS = {"30": 30, "90": 90, "365": 365}
"""Days that a chart goes back, as an address names them."""
WEEKLY_FROM = 90  # days: below, a value a day
Series = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Chart:
    """What is drawn: for each label a value of each series, which the page names beside it.

    ``kind`` is "bars" (upright), "stack" or "line" over time, or "ranks" (sideways, a row each).
    """

    kind: str
    labels: Sequence[str]
    series: Series

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(values) for values in self.series.values())

    def height(self, *, narrow: bool = False) -> int:
        """How high it is, by 900 units, or 420 where it is ``narrow``, for a phone."""
        if self.kind == "ranks":
            return 60 + 34 * len(self.labels)
        return 240 if narrow else 300


@dataclass(frozen=True)
class Drawn:
    """A chart, and the rows of the table beside it: a label with a value of each series."""

    chart: Chart
    rows: Sequence[tuple[str, Sequence[int]]]


def picture(chart: Chart, *, narrow: bool) -> Response:
    """A chart as an image of its own address."""
    return Response(drawn(chart, narrow=narrow), headers=HEADERS, media_type="image/svg+xml")


def ticks(highest: int) -> list[int]:
    """Whole numbers for an axis from nothing to at least the highest, five or six of them."""
    step = 1
    while step * 5 < highest:
        digit = int(str(step)[0])
        step = step * 5 // 2 if digit == 2 else step * 2  # noqa: PLR2004 - 1, 2, 5, 10 and so on
    return [step * at for at in range(max(1, -(-highest // step)) + 1)]


def drawn(chart: Chart, *, narrow: bool = False) -> bytes:
    """A chart as SVG: no script, no link, nothing that only a mouse would show."""
    root = _plot(chart, narrow=narrow).render_tree()
    for one in list(root.iter()):
        parent = one.getparent()
        hovers = "overlay" in (one.get("class") or "") if isinstance(one.tag, str) else True
        if parent is not None and (hovers or one.tag in _LEFT_OUT):
            parent.remove(one)
    style = etree.Element("style")
    style.text = _STYLE
    root.insert(0, style)
    root.attrib.pop("id", None)
    root.set("class", "sideways" if chart.kind == "ranks" else "upright")
    made: bytes = etree.tostring(root, encoding="utf-8")
    return made.replace(b"<svg", b'<svg xmlns="http://www.w3.org/2000/svg"', 1)


def _plot(chart: Chart, *, narrow: bool) -> Any:
    kinds = {
        "bars": pygal.Bar,
        "stack": pygal.StackedBar,
        "line": pygal.Line,
        "ranks": pygal.HorizontalBar,
    }
    ranks = chart.kind == "ranks"
    plot = kinds[chart.kind](
        js=[],
        css=[],
        show_legend=False,
        no_prefix=True,
        pretty_print=False,
        disable_xml_declaration=True,
        width=420 if narrow else 900,
        height=chart.height(narrow=narrow),
        margin=8,
        margin_right=24,
        spacing=8,
        truncate_label=-1,
        print_values=False,
        include_x_axis=True,
        show_dots=False,
        value_formatter=lambda value: f"{value:,.0f}".replace(",", "\u202f"),
        show_minor_x_labels=True,
        style=pygal.style.Style(),
    )
    stacked = chart.kind == "stack"
    values = list(chart.series.values())
    plot.y_labels = ticks(
        max([sum(each) for each in zip(*values, strict=True)] if stacked else map(max, values))
    )
    labels = list(chart.labels)
    if ranks:  # drawn from below: the first one stands at the top
        plot.x_labels = [_short(one, narrow=narrow) for one in reversed(labels)]
    else:
        every = -(-len(labels) // (_LABELS_NARROW if narrow else _LABELS_AT_MOST))
        plot.x_labels = [one if at % every == 0 else "" for at, one in enumerate(labels)]
    for name, each in chart.series.items():
        plot.add(name, list(reversed(each)) if ranks else list(each))
    return plot


def _short(label: str, *, narrow: bool) -> str:
    room = 18 if narrow else 40
    return label if len(label) <= room else f"{label[: room - 1]}…"
