"""What an editor may do to an edition from the calendar, and when that is offered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from colporteur.editions import moving_time, skipping, steering
from colporteur.editions.foresight import PLANNED, Outing
from colporteur.editions.moments import read_moment
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Publication
from colporteur.web.desk import Desk

WHY_AT_MOST = 200
_MOMENT_AT_MOST = 40


@dataclass(frozen=True)
class Typed:
    """What a form says: a moment on the clock of the page's zone, or a reason."""

    to: str = ""
    why: str = ""


class Refused(Exception):  # noqa: N818 - it is said beside a field
    """A field cannot be so; ``what`` is a message of the catalogues, ``moments`` its values."""

    def __init__(self, what: str, **moments: datetime) -> None:
        super().__init__(what)
        self.what = what
        self.moments = moments


@dataclass(frozen=True)
class Step:
    """Something to do to an edition. ``label`` and ``noted`` name it, ``leads_to`` its states."""

    name: str
    label: str
    noted: str
    does: Callable[[Desk, Edition, Typed], None]
    leads_to: frozenset[State] = frozenset()
    asks: str = ""  # for which field


def _move(desk: Desk, edition: Edition, typed: Typed) -> None:
    to = moment_typed(desk, typed)
    room = moving_time.room_of(desk.connection, edition, desk.revision, desk.names, desk.now)
    if not room.has(to):
        if room.before is None:
            raise Refused("It can leave after %(after)s.", after=room.after)
        raise Refused(
            "It can leave after %(after)s, and up to %(before)s.",
            after=room.after,
            before=room.before,
        )
    moving_time.move(
        desk.connection, edition, desk.revision, desk.names, to=to, by=desk.by, now=desk.now
    )


def moment_typed(desk: Desk, typed: Typed) -> datetime:
    """The moment that was typed, on the publication's clock.

    Raises:
        Refused: it is none.
    """
    try:
        return read_moment(typed.to[:_MOMENT_AT_MOST], desk.publication.timezone)
    except (ChoiceRefused, OverflowError):
        raise Refused("Write a day and an hour that there are.") from None


def _leave_out(desk: Desk, edition: Edition, _typed: Typed) -> None:
    skipping.skip(desk.connection, edition, by=desk.by, now=desk.now)


def _take_back(desk: Desk, edition: Edition, _typed: Typed) -> None:
    skipping.take_back(desk.connection, edition, by=desk.by, now=desk.now)


def _hold(desk: Desk, edition: Edition, typed: Typed) -> None:
    steering.hold(desk.connection, edition, by=desk.by, why=_reason(typed), now=desk.now)


def _release(desk: Desk, edition: Edition, _typed: Typed) -> None:
    steering.release(desk.connection, edition, by=desk.by, now=desk.now)


def _cancel(desk: Desk, edition: Edition, typed: Typed) -> None:
    steering.cancel(desk.connection, edition, by=desk.by, why=_reason(typed), now=desk.now)


def _reason(typed: Typed) -> str:
    if not typed.why:
        raise Refused("Say why, in a few words: others will read it.")
    if len(typed.why) > WHY_AT_MOST or not typed.why.isprintable():
        raise Refused("Say it in one line of at most 200 characters.")
    return typed.why


_NOT_FROZEN = frozenset({State.OPEN})
MOVE = Step("move", "Move it", "edition.moved", _move, asks="to")
LEAVE_OUT = Step(
    "leave-out", "Leave this one out", "edition.skipped", _leave_out, frozenset({State.SKIPPED})
)
TAKE_BACK = Step("take-back", "Take it back in", "edition.restored", _take_back, _NOT_FROZEN)
HOLD = Step("hold", "Hold it back", "edition.held", _hold, frozenset({State.HELD}), "why")
RELEASE = Step(
    "release", "Let it go", "edition.released", _release, frozenset({State.OPEN, State.FROZEN})
)
CANCEL = Step(
    "cancel", "Cancel it", "edition.cancelled", _cancel, frozenset({State.CANCELLED}), "why"
)
STEPS = (MOVE, LEAVE_OUT, TAKE_BACK, HOLD, RELEASE, CANCEL)


def offered(
    publication: Publication, one: Outing, edition: Edition | None, now: datetime
) -> Sequence[Step]:
    """What may be done to an edition as it stands; nothing to a special one, which has its page."""
    if one.kind != "regular" or (edition is None and one.state != PLANNED):
        return ()
    if edition is not None and edition.forced:
        return ()
    by_calendar = _by_calendar(publication, one)
    state = State.OPEN if edition is None else edition.state
    steps = {
        State.OPEN: (MOVE, LEAVE_OUT, HOLD),
        State.AWAITING_APPROVAL: (MOVE, CANCEL),
        State.FROZEN: (MOVE, HOLD, CANCEL),
        State.HELD: (RELEASE, MOVE, CANCEL),
    }.get(state, ())
    if edition is not None and skipping.can_be_taken_back(edition, now):
        steps = (TAKE_BACK,)
    if not by_calendar:
        return [step for step in steps if step not in {MOVE, LEAVE_OUT}]
    return steps


def _by_calendar(publication: Publication, one: Outing) -> bool:
    """Whether the calendar says when it leaves, and not its first article."""
    channels = {channel.slug: channel for channel in publication.channels}
    channel = channels.get(one.channel)
    rule = channel.digest.cadences.get(one.cadence or "") if channel and channel.digest else None
    return rule is not None and rule.rule != "instant"
