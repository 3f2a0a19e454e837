"""What becomes of a row: what the list says, what we know, and whether consent was stated. Pure.

The order is one of caution: whom we must not write to stays so whatever a list says; what a list
says of leaving is heeded; and nobody gets mail for standing on a list alone.
"""

import enum
from dataclasses import dataclass
from datetime import datetime

from colporteur.audience.importing.words import Standing
from colporteur.audience.states import State


class Fate(enum.StrEnum):
    """What becomes of a row."""

    SUBSCRIBED = "subscribed"
    PAUSED = "paused"
    ASKED = "to be asked"
    CONFIRMED = "confirmed"
    KEPT_AWAY = "kept as unsubscribed"
    LEFT = "unsubscribed"
    SUPPRESSED = "put on the do-not-mail list"
    ALREADY = "subscribed before"
    WAITING = "asked before"
    STAYS_AWAY = "had unsubscribed here"
    STAYS_SUPPRESSED = "on the do-not-mail list"
    REPEATED = "twice in the list"
    ELSEWHERE = "of another channel"
    REFUSED = "refused"


ADDS = frozenset([Fate.SUBSCRIBED, Fate.PAUSED, Fate.ASKED, Fate.KEPT_AWAY])
"""Of these a subscription is made, and of some a reader."""
_LIGHTER = {
    Standing.BOUNCED: {"erased"},
    Standing.COMPLAINED: {"erased", "bounced"},
    Standing.SUPPRESSED: {"erased", "bounced", "complained"},
}
"""For which reasons an address may stand on our list already, and the list's weighs more."""

_WRITTEN_TO = (None, State.ACTIVE, State.PENDING, State.UNSUBSCRIBED)


@dataclass(frozen=True)
class Known:
    """What we know of an address; None where there is nothing.

    ``subscription`` is its state in the channel that the row is of, begun at ``since``. ``away``:
    they were readers here, and left all that they had.
    """

    suppressed: str | None = None  # why
    subscriber_id: int | None = None
    reader: State | None = None
    subscription_id: int | None = None
    subscription: State | None = None
    since: datetime | None = None
    away: bool = False


NOBODY = Known()


def fate(
    standing: Standing,
    known: Known,
    *,
    consented: bool,
    repeated: bool = False,
    left_at: datetime | None = None,
) -> Fate:
    """What becomes of a row; ``repeated``: the list had the address, in this channel, before."""
    weighs = known.suppressed is None or known.suppressed in _LIGHTER.get(standing, ())
    if standing in _LIGHTER and weighs:
        return Fate.ALREADY if _works_here(standing, known, left_at) else Fate.SUPPRESSED
    if known.suppressed or standing in _LIGHTER or known.reader not in _WRITTEN_TO:
        return Fate.STAYS_SUPPRESSED
    if standing is Standing.UNSUBSCRIBED:
        return _leaving(known, left_at, repeated=repeated)
    if repeated:
        return Fate.REPEATED
    return _coming(standing, known, confirmed=consented and standing is not Standing.PENDING)


def _coming(standing: Standing, known: Known, *, confirmed: bool) -> Fate:
    """Who is to get mail by what the list says; ``confirmed``: they need not be asked."""
    arriving = Fate.PAUSED if standing is Standing.PAUSED else Fate.SUBSCRIBED
    match known.subscription:
        case None if not known.away:
            found = arriving if confirmed else Fate.ASKED
        case None | State.UNSUBSCRIBED:
            found = Fate.STAYS_AWAY
        case State.PENDING:
            found = Fate.CONFIRMED if confirmed else Fate.WAITING
        case _:
            found = Fate.ALREADY
    return found


def _works_here(standing: Standing, known: Known, left_at: datetime | None) -> bool:
    """Whether an address that bounced elsewhere was confirmed here after that."""
    if standing is not Standing.BOUNCED or known.reader is not State.ACTIVE:
        return False
    return left_at is not None and known.since is not None and left_at < known.since


def _leaving(known: Known, left_at: datetime | None, *, repeated: bool) -> Fate:
    """Who left elsewhere has left, unless they came to us after that."""
    if known.subscription is None:
        return Fate.KEPT_AWAY
    if known.subscription is State.UNSUBSCRIBED:
        return Fate.REPEATED if repeated else Fate.STAYS_AWAY
    if left_at is not None and known.since is not None and left_at < known.since and not repeated:
        return Fate.ALREADY
    return Fate.LEFT
