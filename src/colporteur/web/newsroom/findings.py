"""What the check before sending finds, as pages say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from colporteur.digests.preflight import ERROR
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

CHECKS: Mapping[str, str] = {
    "alt": "A picture has no words for those who cannot see it.",
    "contrast": "Words are hard to read on what is behind them.",
    "https": "An address is not secure (https).",
    "language": "A text seems to be in another language.",
    "link": "A link does not lead where it should.",
    "parts": "The two versions of the mail, with and without layout, differ.",
    "picture": "A picture cannot be shown, or is too heavy.",
    "placeholder": "A word of a template was left over.",
    "postal-address": "The postal address is missing.",
    "preflight": "The check itself could not be done.",
    "sender": "Something is wrong with the sender.",
    "size": "The mail is large: mail programs may cut it off.",
    "subject": "Something is wrong with the subject.",
    "support": "Some mail programs do not show something of it.",
    "template": "A template of yours does not work; the shipped one is used instead.",
    "title": "Something is wrong with a title.",
    "unsubscribe-link": "The link to unsubscribe is missing.",
}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, what helps, and where it is. ``error``: it keeps the edition back.

    ``plain`` says what it is about; the check says ``text`` and ``cure`` in English.
    """

    error: bool
    said: str
    plain: str
    text: str
    cure: str
    where: str


def findings_of(room: Room, visit: Visit, stored: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Findings as they are stored, errors first."""
    found = [
        Finding(
            one["severity"] == ERROR,
            room.say(visit, "Error") if one["severity"] == ERROR else room.say(visit, "Warning"),
            room.say(visit, CHECKS[one["check"]]) if one["check"] in CHECKS else "",
            str(one["text"]),
            str(one["cure"]),
            str(one["where"]),
        )
        for one in stored
    ]
    return sorted(found, key=lambda one: not one.error)
