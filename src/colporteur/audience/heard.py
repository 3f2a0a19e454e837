"""Something that came back about a reader, and what it did to them. Pure."""

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What came back."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"  # by mail; kept so that the same mail is not heard twice


class Effect(enum.StrEnum):
    """What it did to the reader."""

    NOTHING = "nothing"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True)
class Heard:
    """Something that came back about a reader.

    ``source`` is the way: smtp, lmtp, imap, maildir, ses, postmark; ``event_id`` is its name there,
    at most 200 characters. ``verdict`` is a bounce's: hard, soft, rate, policy or message. ``raw``
    is what came, as it came.
    """

    source: str
    event_id: str
    kind: Kind
    verdict: str | None
    subscriber_id: int
    delivery_id: int | None = None
    edition_id: int | None = None
    domain: str | None = None
    smtp_code: int | None = None
    enhanced_code: str | None = None
    text: str = ""
    raw: bytes | None = None
