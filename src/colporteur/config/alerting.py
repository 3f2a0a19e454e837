"""What operators are told at: the settings of alerts. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from colporteur.config.relay import port_of, split

_SPAN = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_RATE = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)%")


@dataclass(frozen=True)
class AlertLimits:
    """From where on something is a problem; rates are parts of one.

    ``complaints``: receivers want it under 0.1 % and refuse mail from 0.3 % on (Google's and
    Yahoo's rules for bulk senders, 2024).
    """

    late: timedelta = timedelta(minutes=15)
    queue: timedelta = timedelta(minutes=10)
    beat: timedelta = timedelta(minutes=2)
    suspended: timedelta = timedelta(days=1)
    certificate: timedelta = timedelta(days=14)
    errors: float = 0.10
    bounces: float = 0.05
    complaints: float = 0.003
    disk: float = 0.10


def parse_alert_limits(text: str) -> AlertLimits:
    """Read ``late=30m errors=20%``; what is not named keeps its default.

    Raises:
        ValueError: says which word is wrong, and how it can be right.
    """
    found: dict[str, timedelta | float] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        if name not in _READ:
            raise ValueError(f"knows no {name[:40]!r}; it knows {', '.join(_READ)}")
        if name in found:
            raise ValueError(f"has {name} twice")
        found[name] = _READ[name](name, value)
    return replace(AlertLimits(), **found)  # type: ignore[arg-type] # each is read as what it is


def alert_limits(text: str) -> str:
    """The same text, if it can be read."""
    parse_alert_limits(text)
    return " ".join(text.split())


def hook(url: str) -> str:
    """An absolute address of the web, which the operator chose and may hold a secret."""
    parts = split(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an absolute http:// or https:// address")
    if parts.username is not None or "#" in url or any(not one.isprintable() for one in url):
        raise ValueError("must have no user, no # and no control characters")
    port_of(parts)
    return url.strip()


def _span(name: str, value: str) -> timedelta:
    found = _SPAN.fullmatch(value)
    if not found or int(found[1]) == 0:
        raise ValueError(f"has a {name} that is no time; write one such as {name}=30m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _rate(name: str, value: str) -> float:
    found = _RATE.fullmatch(value)
    if not found or not 0 < float(found[1]) <= 100:  # noqa: PLR2004 - percent
        raise ValueError(f"has a {name} that is no part; write one such as {name}=5%")
    return float(found[1]) / 100


_READ: dict[str, Callable[[str, str], timedelta | float]] = {
    name: _rate if isinstance(value, float) else _span
    for name, value in vars(AlertLimits()).items()
}
