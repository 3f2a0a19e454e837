"""What may be done to an edition: by whom, in which states, and whether for a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from colporteur.editions import specials
from colporteur.editions.moving_time import move, room_of
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition
from colporteur.exceptions import TransitionRefused
from colporteur.publication import Channel
from colporteur.staff.permissions import May, may
from colporteur.web import edition_actions as actions
from colporteur.web.desk import Desk

WHY_AT_MOST = 200
_AT_ONCE = timedelta(seconds=1)


@dataclass(frozen=True)
class Step:
    """Something that may be done to an edition. Its texts are messages of the catalogues.

    ``due``: a reason must be given. ``leads_to``: the states in which it has been done.
    """

    name: str
    may: May
    label: str
    hint: str
    noted: str
    does: Callable[[Desk, Edition, str], object]
    fits: Callable[[Desk, Edition, Channel | None], bool]
    leads_to: frozenset[State]
    due: bool = False
    asks: bool = False  # a second click
    kind: str = "quiet"


def offered(desk: Desk, edition: Edition, channel: Channel | None) -> list[Step]:
    """What somebody may do to an edition as it is now."""
    return [
        one
        for one in STEPS
        if may(desk.person, one.may)
        and one.fits(desk, edition, channel)
        and not (one.name == "approve" and needs_other_eyes(desk, edition))
    ]


def needs_other_eyes(desk: Desk, edition: Edition) -> bool:
    """Whether somebody else must approve it, since this person had a hand in it."""
    return desk.publication.four_eyes and desk.by in edition.arranged_by


def waits_for_approval(edition: Edition, channel: Channel | None) -> bool:
    """Whether an edition can be approved now."""
    if edition.state is State.AWAITING_APPROVAL:
        return True
    asked = bool(channel and channel.digest and channel.digest.approval)
    early = edition.state is State.OPEN and edition.approved_at is None
    return edition.regular and asked and early


def _is_draft(edition: Edition) -> bool:
    return edition.state is State.OPEN and edition.send_at is None


def _approvable(_: Desk, edition: Edition, channel: Channel | None) -> bool:
    return waits_for_approval(edition, channel)


def _sendable(desk: Desk, edition: Edition, _: Channel | None) -> bool:
    """Whether it waits for its time, and nothing of its rhythm waits before it."""
    if edition.state not in {State.OPEN, State.FROZEN}:
        return False
    try:
        found = room_of(desk.connection, edition, desk.revision, desk.names, desk.now)
    except TransitionRefused:
        return False
    return found.has(desk.now + _AT_ONCE)


def _holdable(_: Desk, edition: Edition, __: Channel | None) -> bool:
    return edition.state in {State.OPEN, State.FROZEN} and not _is_draft(edition)


def _releasable(_: Desk, edition: Edition, __: Channel | None) -> bool:
    return edition.state is State.HELD and edition.hold_until is None


def _pausable(_: Desk, edition: Edition, __: Channel | None) -> bool:
    return edition.state is State.SENDING


def _resumable(_: Desk, edition: Edition, __: Channel | None) -> bool:
    return edition.state is State.PAUSED


def _withdrawable(_: Desk, edition: Edition, __: Channel | None) -> bool:
    return not _is_draft(edition) and specials.withdrawable_until(edition) is not None


def _cancellable(desk: Desk, edition: Edition, channel: Channel | None) -> bool:
    return edition.state not in ENDED and not _withdrawable(desk, edition, channel)


def _send(desk: Desk, edition: Edition, _: str) -> None:
    to = desk.now + _AT_ONCE
    move(desk.connection, edition, desk.revision, desk.names, to=to, by=desk.by, now=desk.now)


STEPS = (
    Step(
        "approve",
        May.APPROVE,
        "Approve",
        "It leaves at its time, or at once where that is past.",
        "edition.approved",
        actions.approve,
        _approvable,
        frozenset({State.FROZEN, State.OPEN, State.SENDING}),
        kind="",
    ),
    Step(
        "release",
        May.STEER,
        "Let it go",
        "It leaves at its time, or at once where that is past.",
        "edition.released",
        actions.release,
        _releasable,
        frozenset({State.FROZEN, State.OPEN, State.SENDING}),
        kind="",
    ),
    Step(
        "resume",
        May.STEER,
        "Resume",
        "Exactly those who have not got it yet get it.",
        "edition.resumed",
        actions.resume,
        _resumable,
        frozenset({State.SENDING, State.FROZEN, State.HELD}),
        kind="",
    ),
    Step(
        "send",
        May.STEER,
        "Send it now",
        "It leaves now as it is, not at its time. Whoever chose an hour gets it then.",
        "edition.sent_now",
        _send,
        _sendable,
        frozenset({State.OPEN, State.FROZEN, State.SENDING}),
        asks=True,
    ),
    Step(
        "hold",
        May.STEER,
        "Hold it back",
        "It stays here until somebody lets it go.",
        "edition.held",
        actions.hold,
        _holdable,
        frozenset({State.HELD}),
        due=True,
    ),
    Step(
        "pause",
        May.STEER,
        "Pause",
        "What is on its way arrives. The rest waits until somebody resumes it.",
        "edition.paused",
        actions.pause,
        _pausable,
        frozenset({State.PAUSED}),
        due=True,
    ),
    Step(
        "withdraw",
        May.STEER,
        "Withdraw",
        "Nobody gets it, and it cannot be brought back.",
        "edition.withdrawn",
        actions.withdraw,
        _withdrawable,
        frozenset({State.CANCELLED}),
        due=True,
        kind="danger",
    ),
    Step(
        "cancel",
        May.STEER,
        "Cancel",
        "Whoever has not got it yet never will. Its articles wait for the next one.",
        "edition.cancelled",
        actions.cancel,
        _cancellable,
        frozenset({State.CANCELLED}),
        due=True,
        kind="danger",
    ),
)
