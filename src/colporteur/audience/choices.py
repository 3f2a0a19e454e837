"""What a reader asks of a channel, and what of it can be. Pure."""

from dataclasses import dataclass
from typing import Any

from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Cadence
from colporteur.publication.cadences import WEEKDAYS
from colporteur.publication.model import LAYOUTS
from colporteur.publication.values import parse_time, parse_zone


@dataclass(frozen=True)
class Choice:
    """What a reader asks of a channel: its cadence and the topics (ids) wanted and not.

    ``weekday`` (0 is Monday), ``minute`` of the day and ``timezone`` are None where they take
    the cadence's own; ``layout`` is empty where it is the channel's. ``specials``: whether special editions come too.
    """

    channel_id: int
    cadence: str
    topics_in: tuple[int, ...] = ()
    topics_out: tuple[int, ...] = ()
    layout: str = ""
    weekday: int | None = None
    minute: int | None = None
    timezone: str | None = None
    specials: bool = True


def told(choice: Choice) -> dict[str, Any]:
    """A choice as the history keeps it, the same for equal choices."""
    return {
        "cadence": choice.cadence,
        "topics_in": sorted(choice.topics_in),
        "topics_out": sorted(choice.topics_out),
        "layout": choice.layout,
        "weekday": choice.weekday,
        "minute": choice.minute,
        "timezone": choice.timezone,
        "specials": choice.specials,
    }


def read_weekday(text: str, name: str, cadence: Cadence) -> int:
    """``mon`` to ``sun`` as 0 to 6, for a cadence of that name.

    Raises:
        ChoiceRefused: it is no weekday, or the cadence is shorter than a week.
    """
    if not cadence.spans_weeks:
        raise ChoiceRefused(
            f"The cadence {name!r} ({cadence.rule}) is shorter than a week: it comes on days of "
            "its own, and a weekday cannot be chosen.",
            cure="Leave the weekday out, or choose a weekly or longer cadence.",
        )
    word = text.strip().lower()
    if word not in WEEKDAYS:
        cure = f"Choose one of: {', '.join(WEEKDAYS)}."
        raise ChoiceRefused(f"{text!r} is no weekday.", cure=cure)
    return WEEKDAYS.index(word)


def read_minute(text: str, name: str, cadence: Cadence) -> int:
    """``19:30`` as the minute of a day, for a cadence of that name.

    Raises:
        ChoiceRefused: it is no time of day, or the cadence has no hours.
    """
    if cadence.rule == "instant":
        raise ChoiceRefused(
            f"The cadence {name!r} is instant: it comes at once, at no hour.",
            cure="Leave the hour out, or choose another cadence.",
        )
    try:
        at = parse_time(text)
    except ValueError as error:
        raise ChoiceRefused(f"{text!r} {error}.", cure="Such as 07:00 or 19:30.") from None
    return at.hour * 60 + at.minute


def read_layout(text: str) -> str:
    """The name of a layout of digests.

    Raises:
        ChoiceRefused: there is no such layout.
    """
    if text not in LAYOUTS:
        cure = f"Choose one of: {', '.join(LAYOUTS)}."
        raise ChoiceRefused(f"There is no layout {text!r}.", cure=cure)
    return text


def read_zone(text: str) -> str:
    """The name of a time zone.

    Raises:
        ChoiceRefused: there is no such zone.
    """
    try:
        return parse_zone(text)
    except ValueError:
        cure = "Use an IANA name such as Europe/Paris or Africa/Casablanca."
        raise ChoiceRefused(f"{text!r} is no time zone.", cure=cure) from None
