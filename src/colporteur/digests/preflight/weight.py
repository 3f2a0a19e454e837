"""How heavy the HTML is once encoded: Gmail cuts a mail off at about 102 KB, footer and all."""

from collections.abc import Iterator

from colporteur.digests.encoding import encode_part
from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.rendering import Rendering

HEAVY = 80_000
CUT_OFF = 100_000
"""Bytes: Gmail was seen to cut off between 100 and 102 thousand."""


def check(rendering: Rendering) -> Iterator[Finding]:
    """An error where readers of Gmail would not see the end."""
    size = len(encode_part(rendering.html).lines)
    if size < HEAVY:
        return
    cure = "Lower max_items, or shorten intro and teasers."
    if size >= CUT_OFF:
        said = f"The HTML is {size // 1000} KB once encoded: Gmail shows no more than 102 KB of it."
        yield Finding(ERROR, "size", said, cure)
    else:
        said = f"The HTML is {size // 1000} KB once encoded, and should be under 80."
        yield Finding(WARNING, "size", said, cure)
