"""Cadences: when a channel's digests come."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from colporteur.publication.values import (
    Day,
    Duration,
    Frozen,
    MonthsDay,
    TimeOfDay,
    Words,
    Zone,
)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK, _YEAR = timedelta(days=1), timedelta(weeks=1), timedelta(weeks=52)


class Cadence(Frozen):
    """A named rule that a channel offers: ``matin``, every weekday at 07:00.

    ``day`` 31 is a month's last; ``every`` counts from the date ``starting``, the first one.
    """

    rule: Annotated[
        Literal["instant", "daily", "weekly", "monthly", "every"], Field(examples=["daily"])
    ]
    at: Annotated[tuple[TimeOfDay, ...], Field(validate_default=True, examples=[["07:00"]])] = ()
    weekdays: Annotated[tuple[Weekday, ...], Field(examples=[["mon"]])] = ()
    day: Annotated[int | None, Field(ge=1, le=31, examples=[1])] = None
    on: Annotated[MonthsDay | None, Field(examples=["first monday"])] = None
    every: Annotated[Duration | None, Field(examples=["2w"])] = None
    starting: Annotated[Day | None, Field(examples=["2026-11-23"])] = None
    timezone: Annotated[Zone | None, Field(examples=["Europe/Paris"])] = None
    name: Annotated[Words, Field(examples=[{"fr": "Le matin", "en": "In the morning"}])] = {}

    @field_validator("at")
    @classmethod
    def _has_hours(cls, at: tuple[TimeOfDay, ...], info: ValidationInfo) -> tuple[TimeOfDay, ...]:
        rule = info.data.get("rule")  # None where it has a mistake of its own
        if rule == "instant" and at:
            raise ValueError("has no place in an instant cadence: it has no hour; remove it")
        if rule not in {None, "instant"} and not at:
            raise ValueError('has no hour; add one, such as ["07:00"]')
        if len(set(at)) != len(at):
            raise ValueError("has the same hour twice; remove one")
        return at

    @field_validator("every")
    @classmethod
    def _counts_days(cls, every: timedelta | None) -> timedelta | None:
        if every is not None and (every % _DAY or not _DAY <= every <= _YEAR):
            raise ValueError('must be whole days between "1d" and "52w"')
        return every

    @model_validator(mode="after")
    def _rule_has_its_days(self) -> Self:
        if self.rule == "weekly" and len(self.weekdays) != 1:
            raise ValueError('a weekly cadence needs one day, such as weekdays = ["mon"]')
        if self.rule == "monthly" and (self.day is None) == (self.on is None):
            raise ValueError(
                "a monthly cadence needs one day: either day = 1 (31: the last) "
                'or on = "first monday"'
            )
        if self.rule == "every" and self.every is None:
            raise ValueError('a cadence of every so many days needs them, such as every = "2w"')
        if self.rule == "every" and self.starting is None:
            raise ValueError("every needs its first date, such as starting = 2026-11-23")
        for key, rules in RULES_OF.items():
            if getattr(self, key) and self.rule not in rules:
                raise ValueError(
                    f"{key} belongs to {' or '.join(rules)}, not {self.rule}; remove it"
                )
        return self

    @property
    def spans_weeks(self) -> bool:
        """Whether it is a week or longer, so that a reader may choose their weekday within it."""
        if self.every is not None:
            return self.every >= _WEEK
        return self.rule in {"weekly", "monthly"}


RULES_OF = {
    "weekdays": ("daily", "weekly"),
    "day": ("monthly",),
    "on": ("monthly",),
    "every": ("every",),
    "starting": ("every",),
}
