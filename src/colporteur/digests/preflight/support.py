"""HTML and CSS that some of the mail programs readers use do not have.

What they have is in ``unsupported.json``, made from caniemail's data by
``.ci/make-client-support``; nothing is looked up while running.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from lxml.html import HtmlElement

from colporteur.digests.preflight.finding import WARNING, Finding
from colporteur.digests.preflight.markup import declarations, parsed
from colporteur.digests.rendering import Rendering

_FUNCTION = re.compile(r"([a-z-]+)\(")
_UNIT = re.compile(r"[\d.](rem|ch|vh|vw|vmin|vmax)\b")
_URL = re.compile(r"url\([^)]*\)")


@lru_cache
def unsupported() -> dict[str, dict[str, str]]:
    """By kind (property, value of display, function, unit, element, attribute) and name: by whom."""
    text = files("colporteur.digests.preflight").joinpath("unsupported.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)["unsupported"]
    return found


def check(rendering: Rendering) -> Iterator[Finding]:
    """A warning for each thing used, with who does not show it."""
    used = dict.fromkeys(one for element in parsed(rendering.html).iter() for one in _used(element))
    for kind, name in used:
        clients = unsupported()[kind].get(name)
        if clients:
            shown = f"display: {name}" if kind == "value" else name
            yield Finding(
                WARNING,
                "support",
                f"The HTML uses {shown} ({kind}), which these do not support: {clients}.",
                "Lay it out with tables, and sizes in pixels.",
                shown,
            )


def _used(element: HtmlElement) -> Iterator[tuple[str, str]]:
    if not isinstance(element.tag, str):
        return
    yield "element", element.tag
    for name in element.attrib:
        yield "attribute", name
    for name, value in declarations(element.get("style", "")).items():
        yield "property", name
        if name == "display":
            yield "value", value
        bare = _URL.sub(" ", value)
        yield from (("function", one) for one in _FUNCTION.findall(bare))
        yield from (("unit", one) for one in _UNIT.findall(bare))
