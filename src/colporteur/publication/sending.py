"""How mail leaves: limits of groups of domains, a sending domain's warm-up, quiet hours.

``publication.toml`` says them; what it does not say of a shipped group stays as shipped.
"""

import itertools
import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from colporteur.config.limit import Limit, parse_limit
from colporteur.publication.values import Day, Frozen, parse_time

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_NONE = "none"


@dataclass(frozen=True)
class QuietHours:
    """From one local time until another, over midnight where the latter is the earlier.

    With both the same there are none: so a channel says that the publication's are not its own.
    """

    since: time
    until: time

    def __str__(self) -> str:
        """As a file says it."""
        return f"{self.since:%H:%M}-{self.until:%H:%M}" if self else _NONE

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.since != self.until


def parse_quiet_hours(text: object) -> QuietHours:
    """``"22:00-07:00"``, or ``"none"``."""
    if isinstance(text, QuietHours):
        return text
    if text == _NONE:
        return QuietHours(time(0), time(0))
    since, dash, until = text.partition("-") if isinstance(text, str) else ("", "", "")
    try:
        found = QuietHours(parse_time(since.strip()), parse_time(until.strip()))
    except ValueError:
        found = None
    if not dash or not found:
        raise ValueError('are no hours of a day; write two that differ, such as "22:00-07:00"')
    return found


def _domain(text: str) -> str:
    name = text.strip().rstrip(".").lower()
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        name = ""
    if not _DOMAIN.fullmatch(name):
        raise ValueError("is no domain; write what follows the @, such as orange.fr")
    return name


def _limit(text: object) -> Limit:
    if isinstance(text, Limit):
        return text
    return parse_limit(text if isinstance(text, str) else "")


Domain = Annotated[str, AfterValidator(_domain)]
LimitText = Annotated[Limit, BeforeValidator(_limit), PlainSerializer(str, return_type=str)]
Quiet = Annotated[
    QuietHours, BeforeValidator(parse_quiet_hours), PlainSerializer(str, return_type=str)
]


class OwnGroup(Frozen):
    """What the files say of a group of domains; None is as shipped, else without a limit.

    ``off`` takes a shipped group away: its addresses have no limits then.
    """

    domains: Annotated[tuple[Domain, ...] | None, Field(min_length=1, examples=[["orange.fr"]])] = (
        None
    )
    connections: Annotated[int | None, Field(ge=1, le=1000, examples=[2])] = None
    messages: Annotated[int | None, Field(ge=1, le=100_000, examples=[100])] = None
    limits: Annotated[tuple[LimitText, ...] | None, Field(examples=[["5000/hour"]])] = None
    off: Annotated[bool, Field(examples=[True])] = False

    @model_validator(mode="after")
    def _off_alone(self) -> Self:
        said = {"domains", "connections", "messages", "limits"}
        if self.off and any(getattr(self, name) is not None for name in said):
            raise ValueError("is off, and has rules all the same; remove off or the rules")
        return self


class WarmUp(Frozen):
    """How many messages a sending domain lets leave on each day from ``start`` on.

    Days are those of the publication's zone; before the first and after the last, any number.
    """

    start: Annotated[Day, Field(examples=["2026-11-23"])]
    days: Annotated[
        tuple[Annotated[int, Field(ge=1, examples=[50])], ...],
        Field(min_length=1, max_length=400, examples=[[50, 100, 200, 400]]),
    ]

    @field_validator("days")
    @classmethod
    def _grow(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        for number, (one, after) in enumerate(itertools.pairwise(days), 2):
            if after < one:
                raise ValueError(
                    f"do not grow: day {number} has fewer ({after}) than the day before"
                )
        return days


@dataclass(frozen=True)
class DomainGroup:
    """Domains whose mail one provider takes, and what it takes at a time.

    ``connections`` at once, of all workers; ``messages`` on each of them; None: any number.
    """

    domains: tuple[str, ...]
    connections: int | None = None
    messages: int | None = None
    limits: tuple[Limit, ...] = ()

    def overridden(self, own: OwnGroup) -> "DomainGroup":
        """The same with what the files say of it."""
        said: dict[str, Any] = {
            name: getattr(own, name)
            for name in ("domains", "connections", "messages", "limits")
            if getattr(own, name) is not None
        }
        return DomainGroup(**{**vars(self), **said})
