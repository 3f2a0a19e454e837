"""Inlines a mail's CSS with premailer, set so that the result looks like the original.

Its defaults break four elements in ten on a phone; ``@import`` would be fetched even with the
network off, so it is refused before. Not thread-safe: one at a time.
"""

import logging
import re
import threading

from premailer import Premailer

from colporteur.exceptions import TemplateBroken

_FETCHED = re.compile(r"@import\b|<link\b|@font-face\b", re.IGNORECASE)
_one_at_a_time = threading.Lock()


def inline(html: str) -> str:
    """The HTML with the rules of its base ``<style>`` in each element's own style.

    Raises:
        TemplateBroken: it asks for something that would be fetched.
    """
    if found := _FETCHED.search(html):
        raise TemplateBroken(
            f"A mail's HTML must not fetch anything, and this one has {found[0]}.",
            cure="Write the rules into the template's own <style>.",
        )
    with _one_at_a_time:
        inlined = Premailer(
            html,
            allow_network=False,
            strip_important=False,
            disable_validation=True,
            align_floating_images=False,
            cssutils_logging_level=logging.CRITICAL,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        ).transform()
    return str(inlined)
