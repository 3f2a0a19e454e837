"""Dates as files write them: ISO 8601, or a duration before the import (``-PT3H``)."""

import re
from datetime import UTC, date, datetime, time, timedelta

from colporteur.exceptions import ArticleRefused

_AGO = re.compile(r"-P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?")
_SHORT = 10**15  # a longer number says nothing in a sentence, and Python may not write it


def read_date(value: object, now: datetime, field: str) -> datetime | None:
    """An aware instant; a date or time without a zone is UTC.

    Raises:
        ArticleRefused: the value is no date.
    """
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    ago = _AGO.fullmatch(value) if isinstance(value, str) else None
    if ago and any(ago.groups()):
        days, hours, minutes = (int(part or 0) for part in ago.groups())
        return now - timedelta(days=days, hours=hours, minutes=minutes)
    try:
        return _aware(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError):
        raise ArticleRefused(
            f"{field}: {_shown(value)} is no date.",
            cure="Write it as 2026-11-21, 2026-11-21T07:00:00+01:00, or -PT3H (three hours ago).",
        ) from None


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:60])
    if isinstance(value, int | float) and abs(value) < _SHORT:
        return str(value)
    return repr(type(value).__name__)


def _aware(moment: datetime) -> datetime:
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    known.astimezone(UTC)  # the first and last days of the calendar have no UTC: OverflowError
    return known
