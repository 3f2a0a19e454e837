"""How commands print moments: in UTC, beside a clock that people know."""

from datetime import datetime
from zoneinfo import ZoneInfo


def utc(moment: datetime | None) -> str:
    """``2026-11-24 06:00 UTC``; empty for none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def local(moment: datetime, zone: str) -> str:
    """``2026-11-24 07:00+01:00``, on a zone's clock."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")


def weekday_there(moment: datetime, zone: str) -> str:
    """``Tue 07:00``, on a zone's clock, for a table that has the date."""
    return f"{moment.astimezone(ZoneInfo(zone)):%a %H:%M}"


def both_clocks(moment: datetime, zone: str) -> str:
    """``2026-11-24 07:00 Europe/Paris (06:00 UTC)``."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d %H:%M} {zone} ({moment:%H:%M} UTC)"
