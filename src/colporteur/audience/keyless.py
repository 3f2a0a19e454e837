"""What was sent to readers, without the keys that its links hold. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_SOFT_BREAK = re.compile(r"=\r?\n")
_TOKEN = re.compile(r"(?<![\w-])[\w-]{2,}\.[\w-]{43}(?![\w-])", re.ASCII)
"""``colporteur.tokens``: what it says, and 256 bits of signature, in base64 for addresses."""
_TAG = re.compile(r"(?<![a-z0-9])([a-z]{1,20})\+[a-z2-7]{24,40}@", re.ASCII | re.IGNORECASE)
_ENCODED = re.compile(r"^[A-Za-z0-9+/]{60,}={0,2}\r?$(?:\n[A-Za-z0-9+/]+={0,2}\r?$)*", re.MULTILINE)
"""A part of a message in base64, whose links nobody sees."""


def without_links(content: Mapping[str, Any]) -> dict[str, Any]:
    """A letter's content without its links (``…_url``), and what else is a key taken out."""
    return {name: _keyless(value) for name, value in content.items() if not name.endswith("_url")}


def without_keys(text: str) -> str:
    """A text, such as a message as it came back, with tokens and encoded parts as ``…``."""
    plain = _ENCODED.sub("…", _SOFT_BREAK.sub("", text))
    return _TAG.sub(r"\1+…@", _TOKEN.sub("…", plain))


def _keyless(value: object) -> Any:
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, Mapping):
        return without_links(value)
    return [_keyless(one) for one in value] if isinstance(value, list) else value
