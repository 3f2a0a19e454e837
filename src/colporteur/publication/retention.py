"""How long what is known of readers is kept; ``publication.toml`` says it under ``[retention]``."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from colporteur.publication.values import Duration, Frozen

_DAY = timedelta(days=1)


class Retention(Frozen):
    """After how long something is forgotten, by a nightly task.

    ``ips``: the addresses of computers in records of consent. ``raw_bounces``: messages that came
    back, as they came. ``letters``: what service mails said. ``bounces``: that something came
    back. ``refusals``: articles that were not taken in. ``polls``: how often feeds were asked for,
    by day. ``deliveries``: who got which edition, and service mails as such; counts stay. That must not be shorter than
    ``max_age`` and ``catch_up`` of any channel together, or readers would get articles twice.
    """

    ips: Annotated[Duration, Field(examples=["30d"])] = 30 * _DAY
    raw_bounces: Annotated[Duration, Field(examples=["30d"])] = 30 * _DAY
    letters: Annotated[Duration, Field(examples=["90d"])] = 90 * _DAY
    bounces: Annotated[Duration, Field(examples=["400d"])] = 400 * _DAY
    refusals: Annotated[Duration, Field(examples=["90d"])] = 90 * _DAY
    polls: Annotated[Duration, Field(examples=["800d"])] = 800 * _DAY
    deliveries: Annotated[Duration, Field(examples=["400d"])] = 400 * _DAY

    @field_validator("*")
    @classmethod
    def _lasts_a_day(cls, span: timedelta) -> timedelta:
        if span < _DAY:
            raise ValueError('is shorter than a day; write at least "1d"')
        return span

    @field_validator("bounces")
    @classmethod
    def _outlasts_five_soft_ones(cls, span: timedelta) -> timedelta:
        if span < 90 * _DAY:
            raise ValueError('is shorter than "90d": five soft bounces may lie that far apart')
        return span
