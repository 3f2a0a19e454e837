"""Why a delivery was not sent though it was owed, and what counts as not brought. Pure."""

import enum

NOT_BROUGHT = ("failed", "skipped")
"""The statuses of deliveries whose articles are open to their readers again (docs/rules.md, 5)."""


class SkipReason(enum.StrEnum):
    """Why a delivery was skipped."""

    UNSUBSCRIBED = "unsubscribed"
    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"  # an earlier mail was, for good
    COMPLAINED = "complained"  # they called an earlier one spam
    REHEARSAL = "rehearsal"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    MISSED = "missed"  # nobody approved it in time
    IN_SPECIAL = "in_special"  # a special edition brings all of it
    WITHDRAWN = "withdrawn"  # all of it was
    BAD_ADDRESS = "bad_address"  # no message can be written to it
