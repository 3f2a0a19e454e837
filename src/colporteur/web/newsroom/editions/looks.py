"""How a mail looks on a light or a dark screen, whatever the screen is that shows it. Pure."""

import re
from html import escape
from typing import Literal

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_STYLE = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)
_META = re.compile(
    r"""(<meta\s+name=["'](?:supported-)?color-schemes?["']\s+content=["'])[^"']*""", re.IGNORECASE
)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"
_LINE = """\
<div lang="{tag}" dir="auto" style="font: 14px/1.45 system-ui, sans-serif; padding: 12px 16px; \
background: {paper}; color: {ink}; border-bottom: 1px solid {hair}; text-align: start">\
<div style="font-weight: 600">{sender}</div><div style="font-weight: 600">{subject}</div>\
<div style="color: {soft}; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">\
{preheader}</div></div>
"""
_INK = {
    "light": {"paper": "#ffffff", "ink": "#1f1f1f", "soft": "#5e5e5e", "hair": "#dcdcdc"},
    "dark": {"paper": "#1f1f1f", "ink": "#ececec", "soft": "#b4b4b4", "hair": "#444444"},
}


def in_scheme(html: str, scheme: Scheme) -> str:
    """A mail's HTML as a mail program in that scheme shows it.

    A frame takes the scheme of the machine that it is on, so its style sheets are asked no more:
    what they say of this scheme always holds, of the other never (Media Queries Level 5, 11.5).
    """

    def answered(found: re.Match[str]) -> str:
        return _ALWAYS if found[1].lower() == scheme else _NEVER

    styled = _STYLE.sub(lambda found: _ASKED.sub(answered, found[0]), html)
    return _META.sub(lambda found: found[1] + scheme, styled)


def listed(html: str, scheme: Scheme, sender: str, subject: str, preheader: str, tag: str) -> str:
    """The HTML below what a mail program's list shows of it."""
    line = _LINE.format(
        tag=escape(tag),
        sender=escape(sender),
        subject=escape(subject),
        preheader=escape(preheader),
        **_INK[scheme],
    )
    body = _BODY.search(html)
    place = body.end() if body else 0
    return html[:place] + line + html[place:]
