"""What readers and their subscriptions can be, and what may happen to them. Pure.

One table for both (issue 7). A subscription is pending, active, paused or unsubscribed; a reader
is pending, active, bounced, complained, suppressed or erased, and gets nothing unless active.
What a reader is called as a whole follows from both: ``overall``.
"""

import enum
from collections.abc import Collection, Mapping

from colporteur.exceptions import ReaderStateRefused


class State(enum.StrEnum):
    """What a reader, or one of their subscriptions, is."""

    PENDING = "pending"  # asked for; the address is not confirmed yet
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"  # the address takes no mail
    COMPLAINED = "complained"  # they called a mail spam
    SUPPRESSED = "suppressed"  # somebody asked us never to write there
    ERASED = "erased"


class Event(enum.StrEnum):
    """What happens to a reader, or to one of their subscriptions; the history has these words."""

    SIGNED_UP = "signed_up"
    CONFIRMED = "confirmed"
    SUBSCRIBED = "subscribed"  # on their word, which the publication has
    PAUSED = "paused"
    RESUMED = "resumed"
    UNSUBSCRIBED = "unsubscribed"
    RETURNED = "returned"  # they took leaving back
    LAPSED = "lapsed"  # they never confirmed
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    ERASED = "erased"


class Reason(enum.StrEnum):
    """Why an address is on the do-not-mail list."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    MANUAL = "manual"  # somebody asked us never to write there


LIFTED_BY_OWNER = (Reason.BOUNCED, Reason.COMPLAINED, Reason.ERASED)
"""What its owner undoes by subscribing anew and pressing the button: nothing else is sent there."""

_ENDS: Mapping[Event, State] = {
    Event.BOUNCED: State.BOUNCED,
    Event.COMPLAINED: State.COMPLAINED,
    Event.SUPPRESSED: State.SUPPRESSED,
    Event.ERASED: State.ERASED,
}
_TABLE: Mapping[State, Mapping[Event, State]] = {
    State.PENDING: {
        Event.SIGNED_UP: State.PENDING,
        Event.CONFIRMED: State.ACTIVE,
        Event.SUBSCRIBED: State.ACTIVE,
        Event.UNSUBSCRIBED: State.UNSUBSCRIBED,
        Event.LAPSED: State.UNSUBSCRIBED,
        **_ENDS,
    },
    State.ACTIVE: {
        Event.SIGNED_UP: State.ACTIVE,
        Event.CONFIRMED: State.ACTIVE,
        Event.SUBSCRIBED: State.ACTIVE,
        Event.PAUSED: State.PAUSED,
        Event.UNSUBSCRIBED: State.UNSUBSCRIBED,
        **_ENDS,
    },
    State.PAUSED: {
        Event.SIGNED_UP: State.PAUSED,
        Event.CONFIRMED: State.PAUSED,
        Event.SUBSCRIBED: State.ACTIVE,
        Event.PAUSED: State.PAUSED,
        Event.RESUMED: State.ACTIVE,
        Event.UNSUBSCRIBED: State.UNSUBSCRIBED,
        **_ENDS,
    },
    State.UNSUBSCRIBED: {
        Event.SIGNED_UP: State.PENDING,
        Event.SUBSCRIBED: State.ACTIVE,
        Event.RETURNED: State.ACTIVE,
        Event.UNSUBSCRIBED: State.UNSUBSCRIBED,
        **_ENDS,
    },
    State.BOUNCED: {
        Event.SIGNED_UP: State.BOUNCED,
        Event.CONFIRMED: State.ACTIVE,
        Event.LIFTED: State.ACTIVE,
        **_ENDS,
    },
    State.COMPLAINED: {
        Event.SIGNED_UP: State.COMPLAINED,
        Event.CONFIRMED: State.ACTIVE,
        Event.LIFTED: State.ACTIVE,
        Event.COMPLAINED: State.COMPLAINED,
        Event.BOUNCED: State.COMPLAINED,
        Event.SUPPRESSED: State.SUPPRESSED,
        Event.ERASED: State.ERASED,
    },
    State.SUPPRESSED: {
        Event.SIGNED_UP: State.SUPPRESSED,
        Event.LIFTED: State.ACTIVE,
        Event.SUPPRESSED: State.SUPPRESSED,
        Event.BOUNCED: State.SUPPRESSED,
        Event.COMPLAINED: State.SUPPRESSED,
        Event.ERASED: State.ERASED,
    },
    State.ERASED: {Event.ERASED: State.ERASED},
}


def transition(state: State, event: Event) -> State:
    """What comes of an event.

    Raises:
        ReaderStateRefused: it cannot happen to what is in that state.
    """
    after = _TABLE[state].get(event)
    if after is None:
        raise ReaderStateRefused(
            f"Who is {state} cannot be {event.replace('_', ' ')}.",
            cure=f"What can happen: {', '.join(one.value for one in _TABLE[state])}.",
        )
    return after


def states_before(event: Event, after: State) -> list[State]:
    """The states from which an event leads to a state: what a set-based change is asked of."""
    return [state for state in State if _TABLE[state].get(event) is after]


def overall(reader: State, chosen: Collection[State]) -> State:
    """What a reader is called as a whole: their own state, else the liveliest of ``chosen``."""
    if reader is not State.ACTIVE:
        return reader
    order = (State.ACTIVE, State.PAUSED, State.PENDING)
    return next((state for state in order if state in chosen), State.UNSUBSCRIBED)
