"""The states of an edition and every change that is allowed, as one table."""

import enum

from colporteur.exceptions import TransitionRefused


class State(enum.StrEnum):
    """Where an edition stands."""

    OPEN = "open"
    AWAITING_APPROVAL = "awaiting_approval"
    FROZEN = "frozen"
    HELD = "held"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    SKIPPED = "skipped"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Event(enum.StrEnum):
    """What happens to an edition.

    ``AWAIT`` is a freeze, or a special's confirmation, that an approver has yet to see; ``REOPEN``
    gives back what was held, or waited, before its freeze, or what a wrong clock had ended;
    ``RECHECK`` gives back what was paused before any of it left, and has yet to be looked over.
    ``DOUBT`` stops what is left to be tried again of a sent one: a restore alone does that.
    """

    APPROVE = "approve"
    AWAIT = "await"
    FREEZE = "freeze"
    HOLD = "hold"
    RELEASE = "release"
    REOPEN = "reopen"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    RECHECK = "recheck"
    FINISH = "finish"
    SKIP = "skip"
    MISS = "miss"
    CANCEL = "cancel"
    DOUBT = "doubt"


TABLE: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.APPROVE): State.OPEN,
    (State.OPEN, Event.AWAIT): State.AWAITING_APPROVAL,
    (State.OPEN, Event.FREEZE): State.FROZEN,
    (State.OPEN, Event.HOLD): State.HELD,
    (State.OPEN, Event.SKIP): State.SKIPPED,
    (State.OPEN, Event.MISS): State.MISSED,
    (State.OPEN, Event.CANCEL): State.CANCELLED,
    (State.AWAITING_APPROVAL, Event.APPROVE): State.FROZEN,
    (State.AWAITING_APPROVAL, Event.REOPEN): State.OPEN,
    (State.AWAITING_APPROVAL, Event.SKIP): State.SKIPPED,
    (State.AWAITING_APPROVAL, Event.MISS): State.MISSED,
    (State.AWAITING_APPROVAL, Event.CANCEL): State.CANCELLED,
    (State.FROZEN, Event.HOLD): State.HELD,
    (State.FROZEN, Event.BEGIN): State.SENDING,
    (State.FROZEN, Event.PAUSE): State.PAUSED,
    (State.FROZEN, Event.CANCEL): State.CANCELLED,
    (State.HELD, Event.RELEASE): State.FROZEN,
    (State.HELD, Event.REOPEN): State.OPEN,
    (State.HELD, Event.BEGIN): State.SENDING,
    (State.HELD, Event.PAUSE): State.PAUSED,
    (State.HELD, Event.CANCEL): State.CANCELLED,
    (State.MISSED, Event.REOPEN): State.OPEN,
    (State.SKIPPED, Event.REOPEN): State.OPEN,
    (State.SENDING, Event.FINISH): State.SENT,
    (State.SENDING, Event.PAUSE): State.PAUSED,
    (State.SENDING, Event.SKIP): State.SKIPPED,
    (State.SENDING, Event.MISS): State.MISSED,
    (State.SENDING, Event.CANCEL): State.CANCELLED,
    (State.SENT, Event.DOUBT): State.PAUSED,
    (State.PAUSED, Event.RESUME): State.SENDING,
    (State.PAUSED, Event.RECHECK): State.FROZEN,
    (State.PAUSED, Event.HOLD): State.HELD,
    (State.PAUSED, Event.CANCEL): State.CANCELLED,
}
ENDED = frozenset({State.SENT, State.SKIPPED, State.MISSED, State.CANCELLED})


def transition(state: State, event: Event) -> State:
    """The state after an event.

    Raises:
        TransitionRefused: the table does not have it; the cure names what it has.
    """
    after = TABLE.get((state, event))
    if after is None:
        by_people = state not in ENDED  # only a clock put right opens again what has ended
        allowed = [known.value for held, known in TABLE if held is state and by_people]
        raise TransitionRefused(
            f"An edition that is {state} cannot {event}.",
            cure=f"It can: {', '.join(allowed) or 'nothing any more'}.",
        )
    return after
