"""Why rows of a list are refused, as people read it; messages of the catalogues."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_BY_WORDS: Mapping[str, str] = {
    "is no e-mail address": "This is no e-mail address. Does it have all its letters, and one @?",
    "there is no address in this row": "It has no e-mail address.",
    "the address has bytes": "Its address has damaged letters. Save the list as UTF-8.",
    "there is no channel": "There is no such channel here.",
    "has no cadence": "Its channel has no such rhythm.",
    "There is no topic": "There is no such topic here.",
    r"the row has \d+ cells": "It has more columns than the first row names.",
    "a quotation mark opens a cell": "A quotation mark in it is never closed: rows are lost in it.",
    "is no date": "This is no date. Write one such as 2026-11-22.",
    "the status .+ is not known": "Its state is not known. Write active or unsubscribed.",
}


def told(say: Callable[[str], str], rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Refused rows with why in words; ``ours`` is False where it stays in English.

    The file of refused rows keeps the whole reason.
    """
    return [dict(one) | _said(say, str(one["reason"])) for one in rows]


def _said(say: Callable[[str], str], reason: str) -> dict[str, Any]:
    for pattern, message in _BY_WORDS.items():
        if re.search(pattern, reason):
            return {"reason": say(message), "ours": True}
    return {"reason": reason, "ours": False}
