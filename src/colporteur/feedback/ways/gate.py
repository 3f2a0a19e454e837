"""Which recipients of our bounce domain there are. Pure."""

import enum

from colporteur.config.keys import Keys
from colporteur.exceptions import TokenInvalid
from colporteur.feedback.clues import tag_of
from colporteur.feedback.ears import Ears
from colporteur.tokens import BOUNCE, LEAVE_BY_MAIL, read_tag

PLAIN = ("bounce", "bounces", "abuse", "postmaster", "fbl")
"""Local parts without a tag: for feedback loops, and what mail servers write to (RFC 2142)."""
_TAGGED = {"b": BOUNCE, "leave": LEAVE_BY_MAIL}


class Gate(enum.Enum):
    """Whether a recipient is let in."""

    OPEN = enum.auto()
    FORGED = enum.auto()  # its tag is not ours
    CLOSED = enum.auto()  # there is no such recipient


def gate(address: str, ears: Ears) -> Gate:
    """Whether there is such a recipient."""
    local, _, domain = address.rpartition("@")
    if not ears.bounce_domain or domain.lower().rstrip(".") != ears.bounce_domain:
        return Gate.CLOSED
    if local.lower() in PLAIN:
        return Gate.OPEN
    for prefix, purpose in _TAGGED.items():
        tag = tag_of(address, prefix, ears.bounce_domain)
        if tag is not None:
            return Gate.OPEN if _ours(ears.secret_key, purpose, tag) else Gate.FORGED
    return Gate.CLOSED


def tagged(address: str) -> bool:
    """Whether a recipient that was let in is one that nobody can guess."""
    return address.rpartition("@")[0].lower() not in PLAIN


def _ours(secret_key: Keys, purpose: str, tag: str) -> bool:
    try:
        read_tag(secret_key, purpose, tag)
    except TokenInvalid:
        return False
    return True
