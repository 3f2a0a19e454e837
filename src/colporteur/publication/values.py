"""The small values that a publication's files hold: durations, times of day, zones, addresses."""

import contextlib
import re
import zoneinfo
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+)([mhdw])")
_NUMBER_AT_MOST = 9999
_DIGITS_AT_MOST = len(str(_NUMBER_AT_MOST))
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SITE = re.compile(r"https?://[^\s?#]+", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s#<>\"]{1,1980}", re.IGNORECASE)
_ON_SITE = re.compile(r"/(?!/)[^\s?#<>\"]*\.(png|jpe?g|gif|svg|ico|webp)", re.IGNORECASE)
_MONTHS_DAY = re.compile(
    "(first|second|third|fourth|last) (monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
)
_YEARS = range(2000, 2101)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_AT_MOST = 80  # of the columns that keep it
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FONTS = re.compile(r"[\w ',.-]{1,300}")


class Frozen(BaseModel):
    """A table of a publication's files: it cannot change, and knows no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parse_duration(text: object) -> timedelta:
    """``"10m"``, ``"6h"``, ``"7d"`` or ``"2w"`` as a timedelta."""
    if isinstance(text, timedelta):
        return text
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError('is no duration; write a number and m, h, d or w, such as "10m" or "7d"')
    if len(found[1]) > _DIGITS_AT_MOST:
        raise ValueError(f'is too long; write at most {_NUMBER_AT_MOST} of a unit, such as "52w"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def format_duration(span: timedelta) -> str:
    """A text that ``parse_duration`` reads back as the same span; weeks where days are many."""
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("d", 1440), ("w", 10080), ("h", 60)):
        if minutes and minutes % size == 0 and minutes // size <= _NUMBER_AT_MOST:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def parse_time(text: object) -> time:
    """``"07:00"`` as a time of day."""
    if isinstance(text, time) and not (text.second or text.microsecond):
        return text
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError('is no time of day; write hours and minutes from "00:00" to "23:59"')
    return time(int(found[1]), int(found[2]))


def parse_date(text: object) -> date:
    """``"2026-12-25"``, or a date of TOML, as a date."""
    found = None
    if isinstance(text, date) and not isinstance(text, datetime):
        found = text
    elif isinstance(text, str) and len(text) == len("2026-12-25"):
        with contextlib.suppress(ValueError):
            found = date.fromisoformat(text)
    if found is None or found.year not in _YEARS:
        raise ValueError(
            f"is no date from {_YEARS[0]} to {_YEARS[-1]}; write year, month and day, "
            "such as 2026-12-25"
        )
    return found


def _months_day(text: str) -> str:
    words = " ".join(text.lower().split())
    if not _MONTHS_DAY.fullmatch(words):
        raise ValueError(
            "is no day of each month; write first, second, third, fourth or last and a weekday, "
            'such as "first monday"'
        )
    return words


def parse_zone(name: str) -> str:
    """The same name, if it is an IANA time zone's."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            "is no time zone; use an IANA name such as Europe/Paris or Africa/Casablanca"
        ) from None
    return name


def _language(tag: str) -> str:
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError("is no language; use a tag such as fr, en or ar-MA") from None
    return tag


def _address(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"is no e-mail address ({error})") from None
    return found.normalized


def _own_address(text: str) -> str:
    address = _address(text)
    if not address.rpartition("@")[0].isascii():
        raise ValueError(
            "must be in ASCII before the @: many relays and readers' servers take no mail that "
            "names another (SMTPUTF8)"
        )
    return address


def _base(url: str) -> str:
    if not _SITE.fullmatch(url) or not _has_host_and_port(url):
        raise ValueError("is no site address; write one such as https://news.example.org")
    return url.rstrip("/")


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _web_address(url: str) -> str:
    if not _WEB.fullmatch(url) or not _has_host_and_port(url) or "@" in urlsplit(url).netloc:
        raise ValueError("is no web address; write one such as https://news.example.org/feed")
    return url


def _picture(url: str) -> str:
    if not _ON_SITE.fullmatch(url) and not (_WEB.fullmatch(url) and _has_host_and_port(url)):
        raise ValueError("is no picture's address; write one such as /static/logo.png or https://…")
    return url


def _shown_in_mail(url: str) -> str:
    if url.lower().partition("?")[0].endswith(".svg"):
        raise ValueError("is an SVG, which mail programs do not show; make a PNG of it")
    if url.lower().startswith("http://"):
        rest = url[len("http://") :]
        raise ValueError(
            "is not HTTPS, and mail programs leave such pictures out; "
            f"write https://{rest} or /static/… for a file of ours"
        )
    return url


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("is no short name; use small letters, digits and single hyphens")
    if len(text) > _SLUG_AT_MOST:
        raise ValueError(f"is longer than {_SLUG_AT_MOST} characters; shorten it")
    return text


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise ValueError('is no colour; write six hexadecimal digits, such as "#a5331b"')
    return text.lower()


def _fonts(text: str) -> str:
    if not _FONTS.fullmatch(text) or text.count("'") % 2:
        raise ValueError(
            "is no list of fonts; write names and commas, a name of several words in single "
            "quotes, such as \"'Iowan Old Style', Georgia, serif\""
        )
    return text


Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)
]
TimeOfDay = Annotated[
    time,
    BeforeValidator(parse_time),
    PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str),
]
Day = Annotated[date, BeforeValidator(parse_date)]
MonthsDay = Annotated[str, AfterValidator(_months_day)]
Zone = Annotated[str, AfterValidator(parse_zone)]
LanguageTag = Annotated[str, AfterValidator(_language)]
Address = Annotated[str, AfterValidator(_address)]
OwnAddress = Annotated[str, AfterValidator(_own_address)]
"""An address that every mail bears; its domain may be of any script."""
BaseUrl = Annotated[str, AfterValidator(_base)]
Slug = Annotated[str, AfterValidator(_slug)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Picture = Annotated[str, AfterValidator(_picture)]
MailPicture = Annotated[Picture, AfterValidator(_shown_in_mail)]
"""A picture that mails show: no SVG; it comes by HTTPS, or from our own site."""
Colour = Annotated[str, AfterValidator(_colour)]
Fonts = Annotated[str, AfterValidator(_fonts)]
Words = dict[LanguageTag, Annotated[str, Field(min_length=1)]]
"""A text in each language."""
