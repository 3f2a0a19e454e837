"""Moments and numbers as the newsroom's pages write them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal

from colporteur.templating import language


@dataclass(frozen=True)
class Clockface:
    """The clock of a zone, read in a language; ``now`` is an instant."""

    tag: str
    zone: str
    now: datetime

    @property
    def locale(self) -> Locale:
        """The full locale of the language: ``ar-MA`` writes the digits 0-9."""
        return language(self.tag).locale

    @property
    def today(self) -> date:
        """The date that it shows."""
        return self.there(self.now).date()

    def there(self, at: datetime) -> datetime:
        """A moment on this clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def time(self, at: datetime) -> str:
        """``07:00``."""
        return format_time(self.there(at), "short", locale=self.locale)

    def day(self, day: date) -> str:
        """``Monday, 23 November 2026``."""
        return format_date(day, "full", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """``07:00`` on this day, else ``Mon 23 Nov, 07:00``; with the year if it is another."""
        there = self.there(at)
        if there.date() == self.today:
            return self.time(at)
        skeleton = "MMMEd" if there.year == self.today.year else "yMMMEd"
        comma = "، " if self.locale.language == "ar" else ", "
        return format_skeleton(skeleton, there, locale=self.locale) + comma + self.time(at)

    def until(self, at: datetime) -> str:
        """``in 3 hours``, ``2 days ago``."""
        return format_timedelta(
            at - self.now,
            add_direction=True,
            threshold=1.5,
            granularity="minute",
            locale=self.locale,
        )

    def number(self, count: int) -> str:
        """``1,204``."""
        return format_decimal(count, locale=self.locale)
