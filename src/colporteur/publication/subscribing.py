"""How readers sign up: what is asked again, what is refused, how much of it is let through.

``publication.toml`` says it under ``[subscribing]``; what it does not say is as here.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator

from colporteur.config.limit import parse_limit
from colporteur.publication.sending import Domain, LimitText
from colporteur.publication.values import Duration, Frozen

_DAY = timedelta(days=1)
_SOONEST, _LATEST = 4 * _DAY, 90 * _DAY
_TYPOS = {"relais-exemple.fr": "relais.example"}


class SignupLimits(Frozen):
    """How much signing up is let through: so much at once, and then as it refills, evenly.

    ``address``: letters to one address. ``ip`` and ``subnet`` (/24 of IPv4, /64 of IPv6): forms
    sent from there. ``domain``: letters to the addresses of one mailbox provider. ``all``: the
    breaker; beyond it, as beyond ``domain``, letters wait until there is room again.
    """

    address: Annotated[LimitText, Field(examples=["3/day"])] = parse_limit("3/day")
    ip: Annotated[LimitText, Field(examples=["10/hour"])] = parse_limit("10/hour")
    subnet: Annotated[LimitText, Field(examples=["40/hour"])] = parse_limit("40/hour")
    domain: Annotated[LimitText, Field(examples=["200/hour"])] = parse_limit("200/hour")
    all: Annotated[LimitText, Field(examples=["300/hour"])] = parse_limit("300/hour")


class Subscribing(Frozen):
    """Signing up. ``forget_unconfirmed``: after how long who never confirmed is forgotten.

    ``remind``: once, a day after the letter. ``hints``: a domain that looks mistyped is asked
    about; ``typos`` are further ones, with what is meant. ``disposable``: what is done with
    domains that take mail for some minutes; ``disposable_domains`` are further ones, and those of
    ``lasting_domains`` are none. ``opt_in_per_hour``: how many imported readers are asked.
    """

    forget_unconfirmed: Annotated[Duration, Field(examples=["7d"])] = 7 * _DAY
    remind: Annotated[bool, Field(examples=[True])] = True
    hints: Annotated[bool, Field(examples=[True])] = True
    typos: Annotated[dict[Domain, Domain], Field(examples=[_TYPOS])] = {}
    disposable: Annotated[Literal["refuse", "accept"], Field(examples=["refuse"])] = "refuse"
    disposable_domains: Annotated[tuple[Domain, ...], Field(examples=[["trash.example"]])] = ()
    lasting_domains: Annotated[tuple[Domain, ...], Field(examples=[["duck.com"]])] = ()
    opt_in_per_hour: Annotated[int, Field(ge=1, le=100_000, examples=[500])] = 500
    at_most: Annotated[SignupLimits, Field(examples=[{"all": "300/hour"}])] = SignupLimits()

    @field_validator("forget_unconfirmed")
    @classmethod
    def _outlives_its_link(cls, span: timedelta) -> timedelta:
        if not _SOONEST <= span <= _LATEST:
            raise ValueError(
                'must lie between "4d" and "90d"; the links of letter and reminder work for '
                "three days each"
            )
        return span
