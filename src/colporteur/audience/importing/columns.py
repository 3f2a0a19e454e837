"""What a list calls its columns, in French, English and Arabic, and which of ours each is. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from colporteur.exceptions import ImportRefused

FIELDS: Mapping[str, str] = {
    "email": "E-mail, e-mail address, mail, address, adresse, adresse e-mail, adresse mail, "
    "adresse électronique, courriel, adresse courriel, mél, البريد الإلكتروني, بريد إلكتروني, "
    "البريد, الإيميل, عنوان البريد الإلكتروني",
    "name": "name, full name, display name, nom complet, nom et prénom, prénom et nom, "
    "الاسم, الاسم الكامل",
    "first_name": "first name, fname, given name, forename, prénom, prénoms, الاسم الأول, "
    "الاسم الشخصي",
    "last_name": "last name, lname, surname, family name, nom, nom de famille, اسم العائلة, "
    "الاسم العائلي, النسب, اللقب",
    "status": "status, state, subscription status, statut, état, الحالة, حالة الاشتراك",
    "receives": "subscribed_to_emails, subscribed, opt-in, opted in, abonné, inscrit, مشترك",
    "channel": "channel, newsletter, list, canal, lettre, liste, القناة, النشرة",
    "language": "language, lang, locale, langue, اللغة",
    "cadence": "cadence, frequency, fréquence, rythme, périodicité, الوتيرة, التواتر",
    "hour": "hour, time, heure, الساعة, الوقت",
    "weekday": "weekday, day, jour, jour de la semaine, اليوم",
    "timezone": "timezone, time zone, tz, fuseau, fuseau horaire, المنطقة الزمنية",
    "topics": "topics, topics in, interests, sujets, thèmes, rubriques, intérêts, المواضيع, "
    "الاهتمامات",
    "without": "without, topics out, sans, sauf, بدون",
    "layout": "layout, mise en page, présentation, التصميم",
    "specials": "specials, special editions, éditions spéciales, الأعداد الخاصة",
    "created_at": "created_at, created, signup date, date, subscribed at, optin_time, "
    "date d’inscription, inscrit le, date de création, تاريخ التسجيل, تاريخ الاشتراك",
    "consented_at": "consented_at, confirmed_at, consent date, confirm_time, date de consentement, "
    "date de confirmation, confirmé le, تاريخ الموافقة, تاريخ التأكيد",
    "left_at": "left_at, ended_at, unsubscribed at, unsub_time, clean_time, deleted_at, "
    "date de désinscription, désinscrit le, تاريخ إلغاء الاشتراك",
    "paused_until": "paused_until, en pause jusqu’au, متوقف حتى",
    "attributes": "attributes, attribs",
}
"""Our name of each column that a list can have, and the names by which it is recognised."""


@lru_cache(maxsize=10_000)
def name_key(name: str) -> str:
    """A column's name without capitals, accents, spaces and marks: equal for equal names."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


KNOWN: Mapping[str, str] = {
    name_key(name): field for field, names in FIELDS.items() for name in names.split(", ")
} | {name_key(field): field for field in FIELDS}
"""Our column by ``name_key`` of whatever it may be called."""


@dataclass(frozen=True)
class Columns:
    """Which cell of a row is which; ``header`` is empty where the file has none.

    ``width`` is how many cells the first row has.
    """

    header: tuple[str, ...]
    places: Mapping[str, int]  # by our name of the column
    width: int

    @property
    def taken(self) -> Mapping[str, str]:
        """What the file calls each column that is taken, by our name."""
        return {field: self.called(place) for field, place in self.places.items()}

    @property
    def left_out(self) -> tuple[str, ...]:
        """The file's columns that say nothing to us."""
        used = set(self.places.values())
        return tuple(name for place, name in enumerate(self.header) if place not in used)

    def called(self, place: int) -> str:
        """What the file calls a column."""
        return self.header[place] if self.header else f"column {place + 1}"


def shown(text: str, at_most: int = 300) -> str:
    """A text of somebody's file, without what a terminal would obey or cannot show."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text[:at_most])


def has_header(first: Sequence[str]) -> bool:
    """Whether a first row names columns: one that holds an address does not."""
    return not any("@" in cell for cell in first)


def find_columns(
    first: Sequence[str], said: Mapping[str, str], unwanted: Sequence[str] = ()
) -> Columns:
    """The columns of a file by its first row.

    ``said`` is what somebody says of them (our name to the file's, or to its number from 1;
    empty: leave it out), ``unwanted`` what the file's format calls by a name of ours and means
    otherwise.

    Raises:
        ImportRefused: there is no column of addresses, or none of a name that was said.
    """
    require_fields(said)
    header = tuple(cell.strip() for cell in first) if has_header(first) else ()
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        field = KNOWN.get(name_key(name))
        if field and field not in places and field not in unwanted:
            places[field] = place
    if not header:
        places["email"] = next(place for place, cell in enumerate(first) if "@" in cell)
    _name_alone(places)
    for field, name in said.items():
        places.pop(field, None)
        if name:
            places[field] = _place(name, header, len(first))
    if "email" not in places:
        raise ImportRefused(
            f"No column is one of addresses: {shown(', '.join(header)) or 'none has a name'}.",
            cure=f"Say which is: --column email={shown(header[0], 40) if header else 1}.",
        )
    return Columns(header, places, len(first))


def require_fields(said: Mapping[str, str]) -> None:
    """Check that each is a column of ours.

    Raises:
        ImportRefused: it is not.
    """
    for field in said:
        if field not in FIELDS:
            raise ImportRefused(
                f"A list has no column {field!r} to us.", cure=f"There are: {', '.join(FIELDS)}."
            )


def _name_alone(places: dict[str, int]) -> None:
    """``nom`` without a ``prénom`` is the whole name."""
    if "last_name" in places and "first_name" not in places and "name" not in places:
        places["name"] = places.pop("last_name")


def _place(name: str, header: Sequence[str], width: int) -> int:
    keys = [name_key(one) for one in header]
    if name in header:
        return header.index(name)
    if name_key(name) in keys:
        return keys.index(name_key(name))
    if name.isdecimal() and 1 <= int(name) <= width:
        return int(name) - 1
    told = shown(", ".join(header)) or f"1 to {width}"
    raise ImportRefused(f"The file has no column {name!r}.", cure=f"It has: {told}.")
