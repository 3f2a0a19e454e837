"""Turns the calendar into editions: opens, freezes and starts what is due. Idempotent.

Any number of ticks on any number of machines do it once: an edition is unique by channel,
cadence and slot, and each step moves the state by the transition table.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from colporteur.audience.pausing import end_pauses
from colporteur.counting import FREEZES
from colporteur.db import afterwards
from colporteur.db.tables.delivery import deliveries
from colporteur.editions.brakes import Brake
from colporteur.editions.calendar import slots
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import freeze
from colporteur.editions.freezing.special import freeze_special
from colporteur.editions.opening import (
    BY,
    CHANNEL_PAUSED,
    INSTANT_WAITS,
    Place,
    open_due,
    places,
)
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import Event, State
from colporteur.editions.steering import is_late, skip_unsent
from colporteur.editions.store import Edition, happen, in_state, of_slot, open_edition
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

NO_BRAKE = Brake(None, None)
UNFINISHED = ("pending", "inflight")
NOT_APPROVED = "nobody approved it in time"
NOT_OFFERED = "the calendar has it no more"
NOBODY_LEFT = "nobody was left to send it to"


def advance(
    connection: Connection,
    revision: Revision,
    names: Ids,
    now: datetime,
    brake: Brake = NO_BRAKE,
    patience: timedelta = timedelta(0),
) -> list[int]:
    """Open what is due, freeze it, start what was frozen; ids of the editions just frozen.

    ``patience`` is how long past its time a frozen edition waits for its preflight.

    While all sending is suspended the calendar stands still; what is withdrawn is taken out of
    frozen editions all the same.
    """
    withdraw_from_frozen(connection, now)
    if brake.suspended:
        return []
    end_pauses(connection, now)
    whom = Whom(staff=brake.staff_only)
    known = places(connection, revision, names)
    for place in known:
        open_due(connection, place, now)
    coming = in_state(connection, State.OPEN, State.AWAITING_APPROVAL)
    frozen = [
        edition.id
        for edition in coming
        if edition.state is State.OPEN
        and _freeze_if_due(connection, revision, known, edition, whom, now)
    ]
    for edition in coming:
        if edition.state is State.AWAITING_APPROVAL:
            _miss_if_late(connection, revision, names, edition, now)
    _begin(connection, now, patience)
    return frozen


def finish(connection: Connection, now: datetime) -> list[int]:
    """Close the editions that have nothing pending or in flight any more; their ids."""
    closed = []
    for edition in in_state(connection, State.SENDING):
        left = connection.scalar(
            select(deliveries.c.id)
            .where(deliveries.c.edition_id == edition.id, deliveries.c.status.in_(UNFINISHED))
            .limit(1)
        )
        if left is None:
            _close(connection, edition, now)
            closed.append(edition.id)
    return closed


def send_now(
    connection: Connection,
    revision: Revision,
    names: Ids,
    channel: Channel,
    cadence: str,
    *,
    by: str,
    now: datetime,
    brake: Brake = NO_BRAKE,
) -> tuple[Edition, int]:
    """Open and freeze an edition whose slot is now; it and its number of readers.

    Asked for twice in a second, it is one edition: the second time it is only told.

    Raises:
        UnknownName: the channel has no such cadence.
    """
    channel.cadence(cadence)
    slot = now.replace(microsecond=0)
    channel_id = names.channels[channel.slug]
    edition = open_edition(connection, channel_id, cadence, slot, by=by, now=now, forced=True)
    if edition is None:
        known = of_slot(connection, channel_id, cadence, slot)
        assert known is not None
        return known, sum(counts(connection, known.id).values())
    end_pauses(connection, now)
    whom = Whom(staff=brake.staff_only)
    began = time.monotonic()
    readers = freeze(connection, edition, revision, channel, now=now, by=by, whom=whom)
    return edition, _timed(connection, edition.kind, readers, began)


def counts(connection: Connection, edition_id: int) -> dict[str, int]:
    """How many deliveries of an edition stand in each status."""
    rows = connection.execute(
        select(deliveries.c.status, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.status)
    )
    return {status: count for status, count in rows}  # noqa: C416 - rows are not pairs to mypy


def _timed(connection: Connection, kind: str, frozen: int, began: float) -> int:
    """Count a freeze that had readers, and how long it took; the readers."""
    if frozen:
        took = time.monotonic() - began
        afterwards(connection, lambda: FREEZES.labels(kind).observe(took))
    return frozen


def _freeze_if_due(
    connection: Connection,
    revision: Revision,
    known: list[Place],
    edition: Edition,
    whom: Whom,
    now: datetime,
) -> bool:
    began = time.monotonic()
    if not edition.regular:
        readers = freeze_special(connection, edition, revision, now=now, whom=whom, by=BY)
        return _timed(connection, edition.kind, readers, began) > 0
    named = (edition.channel_id, edition.cadence)
    place = next((one for one in known if (one.channel_id, one.name) == named), None)
    assert edition.send_at is not None
    rests = place is not None and not place.channel.sends and not edition.forced
    if place is None or rests or not _offers(place, edition):
        if edition.send_at <= now:
            why = CHANNEL_PAUSED if rests else NOT_OFFERED
            happen(connection, edition.id, Event.SKIP, by=BY, now=now, why=why)
        return False
    gathers_to_the_end = place.cadence.rule == "instant"
    if edition.send_at > now and (gathers_to_the_end or edition.send_at - place.rules.freeze > now):
        return False
    readers = freeze(connection, edition, revision, place.channel, now=now, by=BY, whom=whom)
    return _timed(connection, edition.kind, readers, began) > 0


def _offers(place: Place, edition: Edition) -> bool:
    """Whether the calendar still has the edition: its cadence may have changed since."""
    if edition.forced or edition.resumed_at is not None or place.cadence.rule == "instant":
        return True
    assert edition.slot is not None
    slot = edition.slot
    skip = frozenset(place.rules.skip)
    before = slot - INSTANT_WAITS
    return slot in slots(place.cadence, place.zone, before, slot, skip)


def _miss_if_late(
    connection: Connection, revision: Revision, names: Ids, edition: Edition, now: datetime
) -> None:
    """Give up on what nobody approved while it was worth sending; its articles are open again."""
    if is_late(connection, edition, revision, names, now):
        skip_unsent(connection, edition.id, SkipReason.MISSED, now)
        happen(connection, edition.id, Event.MISS, by=BY, now=now, why=NOT_APPROVED)


def _begin(connection: Connection, now: datetime, patience: timedelta) -> None:
    for edition in in_state(connection, State.FROZEN, State.HELD):
        on_hold = edition.state is State.HELD
        due = edition.hold_until if on_hold else edition.send_at
        if due is not None and due <= now and not _waits_for_preflight(edition, due, now, patience):
            happen(connection, edition.id, Event.BEGIN, by=BY, now=now)


def _waits_for_preflight(
    edition: Edition, due: datetime, now: datetime, patience: timedelta
) -> bool:
    """Whether it is not checked yet, and could be in time: it must never wait for ever."""
    since = max(one for one in (due, edition.frozen_at, edition.resumed_at) if one is not None)
    return edition.checked_at is None and now < since + patience


def _close(connection: Connection, edition: Edition, now: datetime) -> None:
    """Say what became of it: sent, unless nothing at all has left."""
    reasons = connection.execute(
        select(deliveries.c.status, deliveries.c.reason)
        .where(deliveries.c.edition_id == edition.id)
        .distinct()
    ).all()
    ways: Mapping[bool, tuple[Event, str]] = {
        True: (Event.MISS, "sent too late to be of use"),
        False: (Event.SKIP, NOBODY_LEFT),
    }
    event, why = Event.FINISH, ""
    if all(row.status == "skipped" for row in reasons):
        event, why = ways[any(row.reason == SkipReason.TOO_LATE for row in reasons)]
    happen(connection, edition.id, event, by=BY, now=now, why=why)
