"""The one place that asks for the time; everything else takes ``now`` as an argument."""

import zoneinfo
from datetime import UTC, datetime


def utcnow() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def use_shipped_zones() -> None:
    """Make ``zoneinfo`` read the ``tzdata`` package rather than the system's files.

    System data may be older than the rules in force: Morocco is at UTC+0 for good since
    2026-09-20, which Debian 12 does not know.
    """
    zoneinfo.reset_tzpath(to=[])
