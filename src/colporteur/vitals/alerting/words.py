"""Says in a language what is wrong. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import NullTranslations

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent

from colporteur.templating.languages import language
from colporteur.vitals.problems import Problem, Value

_SIZES = ((1e9, "GB"), (1e6, "MB"), (0, "kB"))
_MORE_THAN_A_PART = 0.05  # of which a tenth of a percent does not matter


@dataclass(frozen=True)
class Said:
    """A problem in words, and what to do about it."""

    text: str
    cure: str


def said(problem: Problem, words: NullTranslations, tag: str) -> Said:
    """A problem in the language of ``tag``, whose catalogue is ``words``."""
    values = filled(problem.values, tag)
    return Said(words.gettext(problem.message) % values, words.gettext(problem.cure) % values)


def filled(values: Mapping[str, Value], tag: str) -> dict[str, str]:
    """Values as people read them: ``late_s=5400`` as ``2 hours`` or ``2 heures``."""
    return {name: _shown(name, value, tag) for name, value in values.items()}


def _shown(name: str, value: Value, tag: str) -> str:
    locale = language(tag).locale
    if isinstance(value, str):
        return value
    if name.endswith("_s"):
        # Rounded to whole units from twice one on: 90 minutes are not "2 hours".
        return format_timedelta(int(value), threshold=2, locale=locale)
    if name.endswith("_part"):
        part = round(value, 2 if value >= _MORE_THAN_A_PART else 4)
        return format_percent(part, locale=locale, decimal_quantization=False)
    if name.endswith("_bytes"):
        size, unit = next((size, unit) for size, unit in _SIZES if value >= size)
        return f"{format_decimal(round(value / (size or 1000), 1), locale=locale)} {unit}"
    return format_decimal(value, locale=locale)
