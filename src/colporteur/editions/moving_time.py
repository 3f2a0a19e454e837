"""Moves an edition: its mail leaves at another time. Its slot, the key, stays (docs/rules.md, 2).

It stays between the editions of its cadence beside it, so that they keep their order, and what
one brings is fixed before the next is. Before its articles are fixed that follows the new time;
afterwards what waits in the ledger does: each reader's hour is looked for from the new time on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from colporteur.db.tables.editions import editions
from colporteur.editions.calendar import next_slot
from colporteur.editions.freezing.redating import redate
from colporteur.editions.freezing.regular import due_by_hour
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition, change, load_in_turn, of_slot, render_anew
from colporteur.exceptions import ChoiceRefused, TransitionRefused
from colporteur.publication import Channel
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision

MOVABLE = (State.OPEN, State.AWAITING_APPROVAL, State.FROZEN, State.HELD)
_APART = timedelta(minutes=5)  # beyond the time that fixing an edition takes


@dataclass(frozen=True)
class Room:
    """Between which moments an edition may leave; ``before`` is None where none follows it."""

    after: datetime
    before: datetime | None

    def has(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.after < moment and (self.before is None or moment <= self.before)


def room_of(
    connection: Connection, edition: Edition, revision: Revision, names: Ids, now: datetime
) -> Room:
    """Between which moments an edition may leave.

    Raises:
        TransitionRefused: it cannot be moved at all, and why.
    """
    channel = _movable(edition, revision, names)
    assert channel.digest is not None
    margin = channel.digest.freeze + _APART
    earlier, later = _beside(connection, edition, revision, channel)
    after = now if earlier is None else max(now, earlier + margin)
    return Room(after, None if later is None else later - margin)


def move(
    connection: Connection,
    edition: Edition,
    revision: Revision,
    names: Ids,
    *,
    to: datetime,
    by: str,
    now: datetime,
) -> Edition:
    """Have an edition leave at another time.

    Raises:
        TransitionRefused: it cannot be moved: it has begun to leave, or has ended.
        ChoiceRefused: that is in the past, or not between the editions beside it.
    """
    edition = load_in_turn(connection, edition.id)
    room = room_of(connection, edition, revision, names, now)
    if not room.has(to):
        raise ChoiceRefused(
            f"Edition {edition.id} cannot leave at {to:%Y-%m-%d %H:%M} UTC.", cure=_cure(room)
        )
    assert edition.send_at is not None
    why = f"moved from {edition.send_at:%Y-%m-%d %H:%M} to {to:%Y-%m-%d %H:%M} UTC"
    moved = change(connection, edition, {"send_at": to}, by=by, why=why, now=now)
    if moved.frozen_at is not None:
        channel = channel_of(revision.publication, names, moved.channel_id)
        assert channel is not None
        render_anew(connection, moved.id)  # its date is in it
        redate(connection, moved.id, due_by_hour(moved, revision, channel, now), to)
    return moved


def _movable(edition: Edition, revision: Revision, names: Ids) -> Channel:
    if not edition.regular:
        raise TransitionRefused(
            "A special edition is not moved.", cure="Withdraw it, and confirm it for another time."
        )
    channel = channel_of(revision.publication, names, edition.channel_id)
    rule = (
        channel.digest.cadences.get(edition.cadence or "") if channel and channel.digest else None
    )
    if channel is None or rule is None or rule.rule == "instant" or edition.forced:
        raise TransitionRefused(
            f"Edition {edition.id} leaves by no calendar, so it is not moved.",
            cure="Hold it until it shall leave.",
        )
    if edition.state not in MOVABLE:
        said = edition.state.replace("_", " ")
        raise TransitionRefused(
            f"Edition {edition.id} is {said}: its time is not moved any more.",
            cure="Nothing leaves of one that is paused."
            if edition.state not in ENDED
            else "See what became of it in its report.",
        )
    return channel


def _beside(
    connection: Connection, edition: Edition, revision: Revision, channel: Channel
) -> tuple[datetime | None, datetime | None]:
    """When the edition before this one in its cadence leaves, if it waits yet, and the one after."""
    assert edition.slot is not None
    assert edition.cadence is not None
    assert channel.digest is not None
    mine = (editions.c.channel_id == edition.channel_id, editions.c.cadence == edition.cadence)
    waiting = select(editions.c.send_at).where(
        *mine, ~editions.c.forced, editions.c.state.in_(MOVABLE)
    )
    before = waiting.where(editions.c.slot < edition.slot).order_by(editions.c.send_at.desc())
    after = waiting.where(editions.c.slot > edition.slot).order_by(editions.c.send_at)
    opened = connection.scalar(after.limit(1))
    planned = _planned(connection, edition, revision, channel)
    later = [one for one in (opened, planned) if one is not None]
    return connection.scalar(before.limit(1)), min(later, default=None)


def _planned(
    connection: Connection, edition: Edition, revision: Revision, channel: Channel
) -> datetime | None:
    """The next slot that is no edition yet; what ended before its time leaves no gap to fill."""
    assert edition.slot is not None
    assert edition.cadence is not None
    assert channel.digest is not None
    rule = channel.cadence(edition.cadence)
    zone, skip = revision.publication.zone_of(rule), frozenset(channel.digest.skip)
    slot = next_slot(rule, zone, edition.slot, skip)
    while slot and of_slot(connection, edition.channel_id, edition.cadence, slot):
        slot = next_slot(rule, zone, slot, skip)
    return slot


def _cure(room: Room) -> str:
    after = f"after {room.after:%Y-%m-%d %H:%M}"
    if room.before is None:
        return f"Choose a time {after} UTC."
    return f"Choose a time {after} and up to {room.before:%Y-%m-%d %H:%M} UTC, before the next one."
