"""What cadences, days and layouts are called on a page. Pure."""

from gettext import NullTranslations

from babel.dates import format_time, get_day_names
from babel.lists import format_list

from colporteur.publication import Cadence
from colporteur.publication.cadences import WEEKDAYS
from colporteur.templating import language


def cadence_words(cadence: Cadence, tag: str, words: NullTranslations) -> str:
    """``Le matin : chaque jour, 07:00``; what the publication calls it, and when it comes."""
    locale = language(tag).locale
    when = _days(cadence, tag, words)
    hours = [format_time(at, "short", locale=locale) for at in cadence.at]
    if hours:
        when = words.gettext("%(days)s, at %(hours)s") % {
            "days": when,
            "hours": format_list(hours, locale=locale),
        }
    given = cadence.name.get(tag, "")
    return words.gettext("%(name)s: %(when)s") % {"name": given, "when": when} if given else when


def _days(cadence: Cadence, tag: str, words: NullTranslations) -> str:
    days = weekday_names(tag)
    on = [days[word] for word in cadence.weekdays]
    if cadence.rule == "instant":
        return words.gettext("as soon as something is published")
    if cadence.rule == "monthly":
        return words.gettext("once a month")
    if cadence.every is not None:
        number = cadence.every.days
        said = words.ngettext("every %(num)s day", "every %(num)s days", number)
        return said % {"num": number}
    if cadence.rule == "weekly":
        return words.gettext("once a week (%(day)s)") % {"day": "".join(on)}
    if not on:
        return words.gettext("every day")
    return format_list(on, locale=language(tag).locale)


def weekday_names(tag: str) -> dict[str, str]:
    """The days of a week in a language, by ``mon`` to ``sun``."""
    names = get_day_names("wide", locale=language(tag).locale)
    return {word: names[number] for number, word in enumerate(WEEKDAYS)}


def layout_words(words: NullTranslations) -> dict[str, str]:
    """What layouts are called, by their names in files."""
    return {
        "briefing": words.gettext("Briefing: a picture, and a few lines of each"),
        "headlines": words.gettext("Headlines: titles only"),
        "text-first": words.gettext("Text first: no pictures"),
    }


def language_name(tag: str) -> str:
    """What a language calls itself."""
    locale = language(tag).locale
    name = str(locale.languages.get(locale.language, tag))
    return name[:1].upper() + name[1:]
