"""What the cells of a list say: states, days, hours, yes and no, moments. Pure."""

import enum
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from colporteur.audience.importing.columns import name_key


class Standing(enum.StrEnum):
    """What a list says that one of its readers is."""

    ACTIVE = "active"
    PENDING = "pending"  # never said yes to it
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {name_key(word): meant for meant, said in words.items() for word in said.split(", ")}


_STANDINGS = _by_word(
    {
        Standing.ACTIVE: "active, subscribed, enabled, confirmed, actif, active, abonné, abonnée, "
        "inscrit, inscrite, confirmé, نشط, مشترك, مؤكد",
        Standing.PENDING: "pending, unconfirmed, nonsubscribed, non-subscribed, transactional, "
        "en attente, non confirmé, قيد الانتظار, غير مؤكد",
        Standing.PAUSED: "paused, en pause, متوقف",
        Standing.UNSUBSCRIBED: "unsubscribed, opted out, opt-out, disabled, inactive, archived, "
        "deleted, désabonné, désabonnée, désinscrit, désinscrite, inactif, inactive, "
        "supprimé, غير مشترك, ملغى",
        Standing.BOUNCED: "bounced, bounce, cleaned, hard bounce, invalid, rebond, erreur, "
        "invalide, مرتد, غير صالح",
        Standing.COMPLAINED: "complained, complaint, spam, abuse, plainte, شكوى",
        Standing.SUPPRESSED: "suppressed, blocklisted, blacklisted, blocked, erased, bloqué, "
        "liste noire, effacé, محظور",
    }
)
_DAYS = _by_word(
    {
        "mon": "mon, monday, lundi, lun, الاثنين, الإثنين",
        "tue": "tue, tuesday, mardi, mar, الثلاثاء",
        "wed": "wed, wednesday, mercredi, mer, الأربعاء",
        "thu": "thu, thursday, jeudi, jeu, الخميس",
        "fri": "fri, friday, vendredi, ven, الجمعة",
        "sat": "sat, saturday, samedi, sam, السبت",
        "sun": "sun, sunday, dimanche, dim, الأحد",
    }
)
_YES_NO = _by_word(
    {
        "yes": "yes, y, true, t, 1, on, oui, o, vrai, نعم",
        "no": "no, n, false, f, 0, off, non, faux, لا",
    }
)
_HOUR = re.compile(r"(\d{1,2})(?:\s*[:hH]\s*(\d{2})?)?(?::00)?")
_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})(?: \S+)?")
_NAMED_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?")
_YEARS = range(1990, 2200)


def read_standing(word: str) -> Standing:
    """What a word of a list means.

    Raises:
        ValueError: it is none that we know, and guessing could mean mail to who left.
    """
    found = _STANDINGS.get(name_key(word))
    if found is None:
        raise ValueError(f"the status {word[:40]!r} is not known; write active or unsubscribed")
    return Standing(found)


def read_yes(word: str) -> bool:
    """Yes or no.

    Raises:
        ValueError: it is neither.
    """
    found = _YES_NO.get(name_key(word))
    if found is None:
        raise ValueError(f"{word[:40]!r} is neither yes nor no")
    return found == "yes"


def weekday_word(word: str) -> str:
    """``Lundi`` as ``mon``; what is no day stays as it is, to be refused by its own rules."""
    return _DAYS.get(name_key(word), word)


def hour_word(word: str) -> str:
    """``7 h 05``, ``7:05`` or ``7`` as ``07:05``; else the same."""
    found = _HOUR.fullmatch(word.strip())
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else word


def read_moment(text: str) -> datetime:
    """An instant: ISO 8601, or a day first such as 22/11/2026; in UTC where no zone is said.

    Raises:
        ValueError: it is none of these.
    """
    found = _moment(text.strip())
    if found is None or found.year not in _YEARS:
        raise ValueError(f"{text[:40]!r} is no date; write such as 2026-11-22 or 22/11/2026")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _moment(text: str) -> datetime | None:
    go = _GO.fullmatch(text)  # as listmonk's language writes it
    if go:
        text = f"{go[1]}{go[2]}"
    try:
        named = _NAMED_DAY.fullmatch(text)
        if named:
            first, second, year, hour, minute, seconds = (int(one or 0) for one in named.groups())
            day, month = (second, first) if second > 12 else (first, second)  # noqa: PLR2004
            return datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001 - its zone comes above
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def clean_name(text: str) -> str:
    """A person's name in one line, without what cannot be shown or stored, at most 200 letters."""
    if text.isprintable():
        return " ".join(text.split())[:200]
    shown = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"}
    )
    return " ".join(shown.split())[:200]


def several(text: str) -> list[str]:
    """What a cell lists, by commas, semicolons or bars; Mailchimp quotes each: ``"a","b, c"``."""
    found = re.findall(r'"([^"]*)"|([^",;|]+)', text)
    return [one for pair in found if (one := "".join(pair).strip())]
