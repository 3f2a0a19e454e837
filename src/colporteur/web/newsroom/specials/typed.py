"""What somebody typed into the forms of a special edition, as parts of its draft. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from colporteur.articles.cleaning import has_forbidden
from colporteur.editions.special_writing import Writing
from colporteur.editions.specials import SUBJECT_AT_MOST
from colporteur.typography import one_line
from colporteur.web.bodies import Form
from colporteur.web.newsroom.numbers import whole

NOTE_AT_MOST = 20_000
ARTICLES_AT_MOST = 100
ASKED_AT_MOST = 200
_SHOWN_AT_MOST = 20_000  # of what was typed and refused
_DIGITS_AT_MOST = 18
_APART = re.compile(r"[\s.,'’٬٫\u00a0\u202f]")
LONG, STRANGE, NO_DAY, NO_TIME = "long", "strange", "no day", "no time"


@dataclass(frozen=True)
class Typed:
    """The parts that a form says, and by field what is wrong with it.

    ``asked`` is what was looked for; ``do`` the button that was pressed, ``which`` its number.
    """

    parts: Mapping[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    do: str = ""
    which: int = 0


def what_typed(form: Form, *, correction: bool) -> Typed:
    """What it says: its home, articles in order, note, subject and preheader.

    Of a correction home and articles are not asked for.
    """
    do, which = _pressed(form.one("do"))
    note = "\n".join(form.one("note").splitlines())
    parts: dict[str, Any] = {
        "note": note,
        "subject": line(form.one("subject")),
        "preheader": line(form.one("preheader")),
    }
    faults = {
        name: LONG
        for name, most in (
            ("note", NOTE_AT_MOST),
            ("subject", SUBJECT_AT_MOST),
            ("preheader", SUBJECT_AT_MOST),
        )
        if len(parts[name]) > most
    }
    if "note" not in faults and has_forbidden(note):
        faults["note"] = STRANGE
    if not correction:
        articles = _ids(form.all("article"))[:ARTICLES_AT_MOST]
        parts["articles"] = arranged(articles, do, which)[:ARTICLES_AT_MOST]
        if home := _ids([form.one("home")]):
            parts["home"] = home[0]
    asked = line(form.one("q"))[:ASKED_AT_MOST]
    return Typed(parts, faults, asked, do, which)


def whom_typed(form: Form) -> Typed:
    """To whom: channels and topics."""
    do, _ = _pressed(form.one("do"))
    parts = {"channels": _ids(form.all("channel")), "topics": _ids(form.all("topic"))}
    return Typed(parts, do=do)


def when_typed(form: Form) -> Typed:
    """When: at once, or on a day at a time of the publication's clock."""
    do, _ = _pressed(form.one("do"))
    if form.one("when") != "later":
        return Typed({"at": ""}, do=do)
    day, hour = _day(form.one("day")), _time(form.one("hour"))
    faults = {"day": NO_DAY} if day is None else {}
    if hour is None:
        faults["hour"] = NO_TIME
    if day is None or hour is None:
        return Typed({}, faults, do=do)
    return Typed({"at": f"{day.isoformat()}T{hour:%H:%M}"}, do=do)


def shown(writing: Writing, typed: Typed) -> dict[str, Any]:
    """What a form shows again: what was typed, however wrong, up to a bound."""
    parts = {
        name: value[:_SHOWN_AT_MOST] if isinstance(value, str) else value
        for name, value in typed.parts.items()
    }
    return writing.as_json() | parts


def arranged(articles: Sequence[int], do: str, which: int) -> tuple[int, ...]:
    """The articles after a button was pressed: one added, taken out, or moved by a place."""
    order = list(dict.fromkeys(articles))
    if do == "add" and which not in order:
        order.append(which)
    if which not in order:
        return tuple(order)
    place = order.index(which)
    if do == "out":
        del order[place]
    elif do == "up" and place > 0:
        order[place - 1 : place + 1] = [which, order[place - 1]]
    elif do == "down" and place + 1 < len(order):
        order[place : place + 2] = [order[place + 1], which]
    return tuple(order)


def number_typed(text: str) -> int | None:
    """A number of readers, however its digits are grouped: 4120, 4 120, 4,120."""
    digits = _APART.sub("", text)
    fine = digits.isdecimal() and len(digits) <= _DIGITS_AT_MOST
    return int(digits) if fine else None


def line(text: str) -> str:
    """A text on one line, as subjects are: what cannot be seen becomes a space."""
    seen = "".join(one if one.isprintable() else " " for one in one_line(text))
    return " ".join(seen.split())


def _pressed(text: str) -> tuple[str, int]:
    do, _, which = text.partition(":")
    return do[:20], next(iter(_ids([which])), 0)


def _ids(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for one in map(whole, texts) if one is not None))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in range(2000, 2200) else None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None
