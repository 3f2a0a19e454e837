"""The verdicts that a refusal may get."""

import enum


class Verdict(enum.StrEnum):
    """What a refusal is held against."""

    HARD = "hard"  # the address: it does not exist
    SOFT = "soft"  # the address, after many: full, away, forbidden, for now
    RATE = "rate"  # us at this provider: too much at a time
    POLICY = "policy"  # us at this provider: reputation, blocklist, authentication, spam
    MESSAGE = "message"  # the message or its sender: ours to mend, held against nobody
