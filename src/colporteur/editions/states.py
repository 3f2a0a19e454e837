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
    """What happens to an edition."""

    FREEZE = "freeze"
    SKIP = "skip"
    MISS = "miss"
    BEGIN = "begin"
    FINISH = "finish"


TABLE: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.FREEZE): State.FROZEN,
    (State.OPEN, Event.SKIP): State.SKIPPED,
    (State.OPEN, Event.MISS): State.MISSED,
    (State.FROZEN, Event.BEGIN): State.SENDING,
    (State.SENDING, Event.FINISH): State.SENT,
}


def transition(state: State, event: Event) -> State:
    """The state after an event.

    Raises:
        TransitionRefused: the table does not have it; the cure names what it has.
    """
    after = TABLE.get((state, event))
    if after is None:
        allowed = [known.value for held, known in TABLE if held is state]
        raise TransitionRefused(
            f"An edition that is {state} cannot {event}.",
            cure=f"It can: {', '.join(allowed) or 'nothing any more'}.",
        )
    return after
