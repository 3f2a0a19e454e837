"""Moments and numbers as a page of the newsroom says them: on the publication's clock. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from colporteur.templating import language


@dataclass(frozen=True)
class Clock:
    """Says moments in a zone and numbers, in a language; ``moment`` also as ISO 8601 text."""

    zone: str
    tag: str

    @property
    def locale(self) -> Locale:
        """The full locale: digits 0-9, month names of the Maghreb."""
        return language(self.tag).locale

    def when(self, moment: datetime | str | None) -> str:
        """``22 nov. 2026, 07:30``; empty for none."""
        if moment is None:
            return ""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        hour = format_time(at, "short", tzinfo=ZoneInfo(self.zone), locale=self.locale)
        comma = "، " if self.tag.startswith("ar") else ", "
        return f"{self.day(at)}{comma}{hour}"

    def day(self, moment: datetime | date | str | None) -> str:
        """``22 nov. 2026``; empty for none."""
        if moment is None:
            return ""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        on = self._local(at).date() if isinstance(at, datetime) else at
        return str(format_date(on, "medium", locale=self.locale))

    def short_day(self, on: date) -> str:
        """``22 nov.``, for the axis of a chart."""
        return str(format_date(on, "d MMM", locale=self.locale))

    def number(self, count: float) -> str:
        """``12 345``."""
        return str(format_decimal(count, locale=self.locale))

    def share(self, part: float, whole: float) -> str:
        """``1,2 %``; a dash of nothing."""
        return str(format_percent(part / whole, "0.0 %", locale=self.locale)) if whole else "–"

    def lasting(self, time: timedelta) -> str:
        """``12 minutes``."""
        return str(format_timedelta(time, locale=self.locale, threshold=2))

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))
