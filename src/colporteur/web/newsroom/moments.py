"""Moments as the newsroom's pages write them. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from colporteur.templating import language


def moment(at: datetime, zone: str, tag: str) -> str:
    """``lundi 23 novembre 2026, 07:00`` on the clock of a zone, in the language's usual locale."""
    local = at.astimezone(ZoneInfo(zone))
    comma = "، " if tag.partition("-")[0] == "ar" else ", "
    day = format_datetime(local, "EEEE d MMMM y", locale=language(tag).locale)
    return f"{day}{comma}{local:%H:%M}"
