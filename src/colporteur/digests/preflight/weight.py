"""How heavy the HTML is once encoded: Gmail cuts a mail off at about 102 KB, footer and all."""

from collections.abc import Iterator

from colporteur.digests.fitting import CUT_ABOVE, WARN_ABOVE, encoded_size
from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.rendering import Rendering


def check(rendering: Rendering) -> Iterator[Finding]:
    """An error where readers of Gmail would not see the end."""
    size = encoded_size(rendering.html)
    if size <= WARN_ABOVE:
        return
    cure = "Lower max_items, or shorten intro and teasers."
    if size > CUT_ABOVE:
        said = f"The HTML is {size // 1000} KB once encoded: Gmail shows no more than 102 KB of it."
        yield Finding(ERROR, "size", said, cure)
    else:
        said = f"The HTML is {size // 1000} KB once encoded, and should be under 80."
        yield Finding(WARNING, "size", said, cure)
