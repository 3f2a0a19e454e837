"""Whether a delivery may leave at the moment it would. Pure."""

import enum
from dataclasses import dataclass

from colporteur.audience.states import LIFTED_BY_OWNER
from colporteur.digests.letters.frames import CONFIRM, ERASE, EXPORT, NEW_ADDRESS
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import State

LETTING_GO = (State.SENDING, State.SENT)  # the latter for what was deferred

_WHY_GONE = {
    "bounced": SkipReason.BOUNCED,
    "complained": SkipReason.COMPLAINED,
    "suppressed": SkipReason.SUPPRESSED,
}


class Step(enum.Enum):
    """What to do with a delivery that is not skipped."""

    GO = enum.auto()
    STOP = enum.auto()  # nothing of its batch may leave: give the rest back
    WAIT = enum.auto()  # this one may not leave yet


@dataclass(frozen=True)
class Standing:
    """What is true of a delivery now; ``edition`` is None for a letter, ``address`` once erased."""

    suspended: bool
    live: bool
    suppressed: str | None  # why
    edition: str | None
    address: str | None
    reader: str | None
    chosen: str | None
    letter: str | None = None  # which, by its folder in templates/email/


def may_leave(now: Standing, *, reached: bool) -> Step | SkipReason:
    """What to do with a delivery; ``reached``: a rehearsal, if it is one, writes to that address.

    A letter that the rehearsal keeps back waits for its end: it is owed.
    """
    if now.suspended or (now.edition is not None and now.edition not in LETTING_GO):
        return Step.STOP
    if now.address is None:
        return SkipReason.UNSUBSCRIBED  # erased
    if now.edition is not None and (gone := _gone(now)):
        return gone
    if now.suppressed and not _lets_confirm(now):
        return SkipReason.SUPPRESSED
    if not reached:
        return SkipReason.REHEARSAL if now.edition is not None else Step.WAIT
    return Step.GO


def _lets_confirm(now: Standing) -> bool:
    """Whoever subscribes, moves there or wants their data gets what proves that it is them."""
    return now.letter in {CONFIRM, NEW_ADDRESS, EXPORT, ERASE} and now.suppressed in LIFTED_BY_OWNER


def _gone(now: Standing) -> SkipReason | None:
    if now.reader != "active":
        return _WHY_GONE.get(now.reader or "", SkipReason.UNSUBSCRIBED)
    if now.chosen == "paused":
        return SkipReason.PAUSED
    return None if now.chosen == "active" else SkipReason.UNSUBSCRIBED
