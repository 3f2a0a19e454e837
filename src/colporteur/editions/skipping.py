"""Leaves one edition out, and takes that back while it could leave yet.

What it would have brought comes with the next one. The other cadences of its day are untouched:
for a whole date there is the channel's ``skip``.
"""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.editions.states import Event, State
from colporteur.editions.store import Edition, happen, load, load_in_turn
from colporteur.exceptions import TransitionRefused

BY_HAND = "left out by an editor"


def skip(connection: Connection, edition: Edition, *, by: str, now: datetime) -> Edition:
    """Leave an edition out whose articles are not fixed yet.

    Raises:
        TransitionRefused: they are, it is held, or it has ended; or it is no regular one.
    """
    edition = load_in_turn(connection, edition.id)
    if not edition.regular or edition.state is not State.OPEN:
        raise TransitionRefused(
            f"Edition {edition.id} is not left out any more: its articles are fixed, or it is held.",
            cure="Cancel it.",
        )
    happen(connection, edition.id, Event.SKIP, by=by, now=now, why=BY_HAND)
    return load(connection, edition.id)


def can_be_taken_back(edition: Edition, now: datetime) -> bool:
    """Whether an editor left it out, and it could leave yet."""
    by_hand = edition.state is State.SKIPPED and edition.reason == BY_HAND
    return by_hand and edition.send_at is not None and edition.send_at > now


def take_back(connection: Connection, edition: Edition, *, by: str, now: datetime) -> Edition:
    """Have an edition leave that an editor had left out.

    Raises:
        TransitionRefused: nobody left it out, or its time is over.
    """
    edition = load_in_turn(connection, edition.id)
    if not can_be_taken_back(edition, now):
        raise TransitionRefused(
            f"Edition {edition.id} cannot come back: its time is over, or nobody left it out.",
            cure="Its articles come with the next one.",
        )
    happen(connection, edition.id, Event.REOPEN, by=by, now=now, fixed={"ended_at": None})
    return load(connection, edition.id)
