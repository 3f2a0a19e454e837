"""What pages call the states of editions, and why one did not leave or stands still. Pure.

Each text is a message of the catalogues.
"""

from collections.abc import Callable, Mapping

from colporteur.editions import opening, scheduling, skipping
from colporteur.editions.foresight import DRAFT, PLANNED
from colporteur.editions.freezing import special
from colporteur.editions.states import State

STATES: Mapping[str, str] = {
    PLANNED: "Planned",
    DRAFT: "Draft",
    State.OPEN: "Open",
    State.AWAITING_APPROVAL: "Waits for approval",
    State.FROZEN: "Ready to leave",
    State.HELD: "Held back",
    State.SENDING: "Being sent",
    State.PAUSED: "Paused",
    State.SENT: "Sent",
    State.SKIPPED: "Not sent",
    State.MISSED: "Missed",
    State.CANCELLED: "Cancelled",
}
REASONS: Mapping[str, str] = {
    opening.CAUGHT_UP: "A later edition brings what it would have brought.",
    opening.TOO_LATE: "It was too late to be of use.",
    opening.SINCE_BACKUP: "A backup was restored, and it may have left since that was made.",
    opening.NOTHING_NEW: "There was nothing new.",
    opening.CHANNEL_PAUSED: "The channel is paused",
    opening.NO_READERS: "It had no readers.",
    scheduling.NOT_APPROVED: "Nobody approved it in time.",
    scheduling.NOT_OFFERED: "The calendar does not have it any more.",
    scheduling.NOBODY_LEFT: "Nobody was left to send it to.",
    "sent too late to be of use": "It was too late to be of use.",
    "approved too late": "Approved too late",
    "withdrawn": "It was withdrawn before it left.",
    skipping.BY_HAND: "An editor left it out.",
    special.ALL_WITHDRAWN: "All its articles were withdrawn.",
    special.NOTHING_NEW: "Everybody had got it already.",
}


def reason_said(gettext: Callable[[str], str], reason: str) -> str:
    """A reason in words; what a person wrote stays as they wrote it."""
    return gettext(REASONS[reason]) if reason in REASONS else reason
