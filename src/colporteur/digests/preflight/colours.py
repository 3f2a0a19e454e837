"""Reads CSS colours that mails use, and leaves alone what it does not know."""

import re

_HEX = re.compile(r"#(?:([0-9a-f]{3})|([0-9a-f]{6}))\b")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)")
_MOST = 255
# CSS's first sixteen, and those one meets.
_NAMED = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
    "orange": "#ffa500",
    "darkgray": "#a9a9a9",
    "lightgray": "#d3d3d3",
    "whitesmoke": "#f5f5f5",
}


def read_colour(text: str) -> str | None:
    """``#rrggbb``; None for what has none, such as ``inherit``, or is not solid."""
    text = text.strip().lower()
    if text in _NAMED:
        return _NAMED[text]
    if found := _HEX.search(text):
        return f"#{found[2]}" if found[2] else "#" + "".join(2 * one for one in found[1])
    if found := _RGB.search(text):
        levels = [min(_MOST, int(one)) for one in found.groups()]
        return "#" + "".join(f"{one:02x}" for one in levels)
    return next((_NAMED[word] for word in text.split() if word in _NAMED), None)
