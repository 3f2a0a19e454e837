"""Moments and numbers as the newsroom's pages write them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from colporteur.templating import language


@dataclass(frozen=True)
class Clock:
    """The clock of a zone, read in a language."""

    tag: str
    zone: str

    @property
    def locale(self) -> Locale:
        """The full locale of the language: ``ar-MA`` writes the digits 0-9."""
        return language(self.tag).locale

    def there(self, at: datetime) -> datetime:
        """A moment on this clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def time(self, at: datetime) -> str:
        """``07:00``."""
        return format_time(self.there(at), "short", locale=self.locale)

    def when(self, moment: datetime | str | None) -> str:
        """``22 nov. 2026, 07:30``, also of ISO 8601 text; empty for none."""
        if moment is None:
            return ""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return self._on(self.day(at), self.time(at))

    def in_full(self, at: datetime) -> str:
        """``lundi 23 novembre 2026, 07:00``."""
        return self._dated(at, "EEEE d MMMM y")

    def in_short(self, at: datetime) -> str:
        """``lun. 23 nov. 2026, 07:00``."""
        return self._dated(at, "EEE d MMM y")

    def day(self, moment: datetime | date | str | None) -> str:
        """``22 nov. 2026``, also of ISO 8601 text; empty for none."""
        if moment is None:
            return ""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        on = self.there(at).date() if isinstance(at, datetime) else at
        return str(format_date(on, "medium", locale=self.locale))

    def full_day(self, on: date) -> str:
        """``Monday, 23 November 2026``."""
        return str(format_date(on, "full", locale=self.locale))

    def short_day(self, on: date) -> str:
        """``22 nov.``, for the axis of a chart."""
        return str(format_date(on, "d MMM", locale=self.locale))

    def number(self, count: float) -> str:
        """``1,204``."""
        return str(format_decimal(count, locale=self.locale))

    def share(self, part: float, whole: float) -> str:
        """``1,2 %``; a dash of nothing."""
        return str(format_percent(part / whole, "0.0 %", locale=self.locale)) if whole else "–"

    def lasting(self, time: timedelta) -> str:
        """``12 minutes``."""
        return str(format_timedelta(time, locale=self.locale, threshold=2))

    def _dated(self, at: datetime, pattern: str) -> str:
        local = self.there(at)
        return self._on(format_datetime(local, pattern, locale=self.locale), f"{local:%H:%M}")

    def _on(self, day: str, time: str) -> str:
        return f"{day}{'، ' if self.locale.language == 'ar' else ', '}{time}"


@dataclass(frozen=True)
class Clockface(Clock):
    """A clock that shows what time it is: ``now`` is an instant."""

    now: datetime

    @property
    def today(self) -> date:
        """The date that it shows."""
        return self.there(self.now).date()

    def moment(self, at: datetime) -> str:
        """``07:00`` on this day, else ``Mon 23 Nov, 07:00``; with the year if it is another."""
        there = self.there(at)
        if there.date() == self.today:
            return self.time(at)
        skeleton = "MMMEd" if there.year == self.today.year else "yMMMEd"
        return self._on(format_skeleton(skeleton, there, locale=self.locale), self.time(at))

    def until(self, at: datetime) -> str:
        """``in 3 hours``, ``2 days ago``."""
        return format_timedelta(
            at - self.now,
            add_direction=True,
            threshold=1.5,
            granularity="minute",
            locale=self.locale,
        )
