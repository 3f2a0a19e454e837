"""Languages as readers meet them: tag, direction and locale."""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

# A page's or mail's locale is the full one: ar-MA writes the digits 0-9 and غشت.
_USUAL_TERRITORY = {"fr": "FR", "en": "GB", "ar": "MA"}


@dataclass(frozen=True)
class Language:
    """A language as readers meet it: ``tag`` is BCP 47, ``direction`` is ltr or rtl."""

    tag: str
    direction: str
    locale: Locale


@lru_cache
def language(tag: str) -> Language:
    """The language of a BCP 47 tag such as ``fr`` or ``ar-MA``."""
    base, _, territory = tag.partition("-")
    locale = Locale(base, territory or _USUAL_TERRITORY.get(base))
    return Language(tag, locale.text_direction, locale)
