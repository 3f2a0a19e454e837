"""What is wrong in a form, beside its field and in the page's language as far as it is usual."""

from collections.abc import Callable, Mapping, Sequence

from colporteur.exceptions import Fault
from colporteur.web.newsroom.settings.sheets import Sheet

Say = Callable[..., str]
# What pydantic calls the rules, and what pages say of them.
_BY_KIND: Mapping[str, str] = {
    "missing": "Write something here.",
    "too_short": "Write something here.",
    "string_too_short": "Write something here.",
    "string_too_long": "Write at most %(max_length)s characters.",
    "int_type": "Write a whole number.",
    "int_parsing": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "float_parsing": "Write a number, such as 1.2.",
    "greater_than_equal": "Write %(ge)s or more.",
    "less_than_equal": "Write %(le)s or less.",
    "literal_error": "Choose one of those that are offered.",
    "taken": "This name is taken. Choose another.",
}
# How the problems begin that values of a publication have.
_BY_WORDS: Mapping[str, str] = {
    "is no e-mail address": "This is no e-mail address.",
    "must be in ASCII before": "Write an address without accents before the @.",
    "is no duration": "Write a number and m, h, d or w, such as 10m or 7d.",
    "is no time of day": "Write hours and minutes, such as 07:00.",
    "is no date": "Write year, month and day, such as 2026-12-25.",
    "is no short name": "Use small letters, digits and single hyphens.",
    "is no colour": "Write six hexadecimal digits, such as #a5331b.",
    "is no time zone": "Write the name of a time zone, such as Europe/Paris.",
    "is no web address": "Write a web address, such as https://news.example.org/feed.",
    "is no site address": "Write the site’s address, such as https://news.example.org.",
    "is no picture": "Write a picture’s address: /static/logo.png or https://…",
    "is an SVG": "Mail programs do not show SVG. Make a PNG of it.",
    "is not HTTPS": "Mail programs leave out what does not come by https://.",
    "is no language": "Write tags such as fr, en or ar.",
    "is no domain": "Write domains such as orange.fr.",
    "has no hour": "Write at least one hour, such as 07:00.",
    "has the same hour twice": "One hour stands there twice.",
    "are no hours of a day": "Write two hours that differ, such as 22:00-07:00.",
    "a weekly cadence needs one day": "Choose one weekday.",
    "a monthly cadence needs one day": "Give a day of the month, or a weekday of it.",
    "every needs its first date": "Give its first date.",
    "a cadence of every so many days": "Say how often, such as 3d or 2w.",
    "must be whole days": "Write whole days, from 1d to 52w.",
    "is no day of each month": "Write such as first monday or last friday.",
    "is not shorter than max_age": "It must be shorter than the oldest article’s age.",
    "is above max_items": "It must not be above the most articles.",
    "has no name in": "A topic needs a name in every language.",
    "has no address in": "Every digest carries a postal address: give one in this language.",
    "must lie between": "It lies outside of what is possible.",
    "is an address of the site": "This name is an address of the site itself. Choose another.",
    "is also a name of": "This name is taken. Choose another.",
    "is longer than": "It is too long.",
    "has a limit that is none": "Write such as 20/second, 5000/hour or 300/day.",
    "is no list of fonts": "Write names of fonts with commas between them, long ones in '…'.",
    "there is no topic": "Choose one of those that are offered.",
    "stands there twice": "It stands there twice.",
    "is in the group": "One of these domains is in another group.",
    "is shorter than": "It is too short.",
    "is no shipped group": "Choose another name.",
    "has no domains": "Write domains such as orange.fr.",
    "is what is in no group": "This name is taken. Choose another.",
    "is where a channel's archive is": "This name is taken. Choose another.",
    "is not among the publication": "Choose one of those that are offered.",
    "belongs to": "This does not go with the rhythm.",
    "is off, and has rules": "Empty the other fields, or take this tick away.",
    "do not grow": "No day may have fewer than the day before.",
    "is a channel's name": "This name is taken. Choose another.",
}
_KEY = "[key]"  # what pydantic calls a bad key of a table
_CONTRAST = "on paper has a contrast of"
_HOLDERS = {
    "a weekly cadence": "weekdays",
    "a monthly cadence": "day",
    "a cadence of every": "every",
    "every needs": "starting",
    "'": "slug",
    "is off": "off",
}


def told(faults: Sequence[Fault], sheet: Sheet, say: Say) -> dict[str, str]:
    """Each fault by its field's name; under the empty name what belongs to none."""
    found: dict[str, str] = {}
    for one in faults:
        name = _field_of(one, sheet)
        said = words(one, say)
        if not name and one.path:
            said = f"{'.'.join(str(part) for part in one.path)}: {said}"
        if said not in found.get(name, ""):
            found[name] = f"{found.get(name, '')} {said}".strip()
    return found


def words(fault: Fault, say: Say) -> str:
    """What is wrong, in a sentence."""
    if fault.kind in _BY_KIND:
        return say(_BY_KIND[fault.kind], **fault.limits)
    if _CONTRAST in fault.problem:
        return say("It cannot be read on its paper: choose one that differs more from it.")
    for begins, message in _BY_WORDS.items():
        if begins in fault.problem:
            return say(message)
    said = fault.problem[:1].upper() + fault.problem[1:]
    return said if said.endswith(".") else f"{said}."


def _field_of(fault: Fault, sheet: Sheet) -> str:
    """The field that a fault is about: it holds the key, or the problem begins with its name."""
    base, whole = len(sheet.base), fault.path
    # A new part stands under another name than the form's base has: its end tells the field.
    ways = [whole[base:]] if whole[:base] == sheet.base else []
    ways += [whole[start:] for start in range(len(whole))]
    for way in ways:
        for one in sheet.fields:
            if way[: len(one.path)] == one.path:
                return one.name
    named = [fault.problem.split(maxsplit=1)[0], *(("slug", "name") if _KEY in whole else ())]
    named += [name for begins, name in _HOLDERS.items() if fault.problem.startswith(begins)]
    for way in ways:
        for name in named:
            if any(one.path == (*way, name) for one in sheet.fields):
                return ".".join((*map(str, way), name))
    near = [one for one in sheet.fields if one.path[-1] in named]
    for way in ways:
        near += [one for one in sheet.fields if way and one.path[: len(way)] == tuple(way)]
    return near[0].name if near else ""
