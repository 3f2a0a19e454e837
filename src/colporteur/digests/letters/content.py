"""What a letter tells, ready to be said in its language. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list

from colporteur.publication import Publication
from colporteur.templating import language


@dataclass(frozen=True)
class Content:
    """A letter's content with the words of its language; what it holds stands in ``frames``."""

    letter: Mapping[str, Any]
    tag: str
    words: NullTranslations
    publication: Publication

    @property
    def title(self) -> str:
        """The publication's, in this language."""
        return self.publication.title_in(self.tag)

    @property
    def channels(self) -> str:
        """The titles of the channels that it is about, as a sentence lists them; else ``title``."""
        titles: Sequence[Any] = self.letter.get("channels", ())
        named = [one if isinstance(one, str) else one["title"] for one in titles]
        return format_list(named, locale=language(self.tag).locale) if named else self.title

    def say(self, message: str, **values: object) -> str:
        """A message in the letter's language, filled in."""
        return self.words.gettext(message) % values

    def moment(self, instant: str) -> str:
        """``lundi 23 novembre 2026 à 07:00``, in the letter's timezone, else the publication's."""
        zone = self.letter.get("timezone") or self.publication.timezone
        local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
        locale = language(self.tag).locale
        return self.say(
            "%(day)s at %(hour)s",
            day=format_date(local, "full", locale),
            hour=format_time(local, "short", locale=locale),
        )
