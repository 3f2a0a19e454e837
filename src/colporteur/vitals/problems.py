"""What can be wrong with an installation. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float


class Severity(enum.StrEnum):
    """How bad it is. The heartbeat falls silent for what is critical."""

    WARNING = "warning"  # it can wait until the morning
    CRITICAL = "critical"  # readers do not get what they should, or soon will not


class Kind(enum.StrEnum):
    """What is wrong; the word is part of what webhooks are told."""

    BEAT = "beat"  # nothing ticks: no calendar, no sending
    NOT_FIXED = "edition.not-fixed"  # its articles and readers should be, and are not
    LATE = "edition.late"
    PAUSED = "edition.paused"
    QUEUE = "queue"
    ERRORS = "errors"  # a relay or a receiver refuses much
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    SUSPENDED = "suspended"  # for so long that it may be forgotten
    SOURCES = "sources"
    DISK = "disk"
    CERTIFICATE = "certificate"
    WEBHOOK = "webhook"  # the one that operators are told by
    TEST = "test"  # somebody tries whether they are told


TOLD_OTHERWISE = frozenset({Kind.PAUSED, Kind.SOURCES})
"""What letters of their own and a place on Today tell of: here only webhooks are told."""


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    ``kind`` and ``subject`` say which problem it is from one look to the next; ``message`` and
    ``cure`` are messages of the catalogues, filled with ``values``: a name that ends in ``_s`` is
    a time in seconds, one in ``_part`` a part of one, one in ``_bytes`` a size. ``path`` is where
    the newsroom deals with it, if anywhere.
    """

    kind: Kind
    severity: Severity
    message: str
    cure: str
    values: Mapping[str, Value] = field(default_factory=dict)
    subject: str = ""
    path: str = ""

    @property
    def key(self) -> str:
        """What it is known by while it lasts."""
        return f"{self.kind}:{self.subject}" if self.subject else str(self.kind)

    @property
    def critical(self) -> bool:
        """Whether the heartbeat falls silent for it."""
        return self.severity is Severity.CRITICAL
