"""Inlines a mail's CSS with premailer, set so that the result looks like the original.

Its defaults break four elements in ten on a phone; ``@import`` would be fetched even with the
network off, so it is refused before. Not thread-safe: one at a time.
"""

import logging
import re
import threading
from typing import Any

from colporteur.exceptions import TemplateBroken
from colporteur.templating import Templates

_FETCHED = re.compile(r"@import\b|<link\b|@font-face\b", re.IGNORECASE)
_one_at_a_time = threading.Lock()


def html_of(templates: Templates, name: str, tag: str, /, **context: Any) -> str:
    """A mail's HTML, rendered and inlined; where either fails, the shipped template serves.

    Raises:
        TemplateBroken: that one fails too.
    """
    return templates.render_into(name, tag, inline, **context)


def fetched_in(html: str) -> str:
    """What in a mail's HTML, or in a template for it, would be fetched; empty where nothing."""
    found = _FETCHED.search(html)
    return found[0] if found else ""


def inline(html: str) -> str:
    """The HTML with the rules of its base ``<style>`` in each element's own style.

    Raises:
        TemplateBroken: it asks for something that would be fetched, or is no HTML with CSS.
    """
    if found := fetched_in(html):
        raise TemplateBroken(
            f"A mail's HTML must not fetch anything, and this one has {found}.",
            cure="Write the rules into the template's own <style>.",
            offending=found,
        )
    try:
        return _inlined(html)
    except Exception as error:  # premailer, cssutils and lxml raise whatever they stumble on
        raise TemplateBroken(
            f"Its CSS cannot be inlined: {str(error).strip() or type(error).__name__}.",
            cure="Look for broken HTML, or for a style attribute that is none.",
        ) from error


def _inlined(html: str) -> str:
    from premailer import Premailer  # noqa: PLC0415 - 8 MB and 35 ms that only rendering needs

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
