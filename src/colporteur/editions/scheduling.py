"""Turns the calendar into editions: opens, freezes and starts what is due. Idempotent.

Any number of ticks on any number of machines do it once: an edition is unique by channel,
cadence and slot, and each step moves the state by the transition table.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import compress

from sqlalchemy import Connection, func, select, update

from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.publication import cadences
from colporteur.editions.calendar import slots
from colporteur.editions.freezing import freeze
from colporteur.editions.states import Event, State
from colporteur.editions.store import Edition, happen, in_state, of_slot, open_edition
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

BY = "calendar"
_UNFINISHED = ("pending", "inflight")


@dataclass(frozen=True)
class _Place:
    """A cadence and where the calendar stands with it."""

    channel: Channel
    channel_id: int
    name: str
    checked_until: datetime


def advance(connection: Connection, revision: Revision, names: Ids, now: datetime) -> list[int]:
    """Open what is due, freeze it, start what was frozen; ids of the editions just frozen."""
    for place in _places(connection, revision.publication, names):
        _open_due(connection, revision.publication, place, now)
    frozen = [
        edition.id
        for edition in in_state(connection, State.OPEN)
        if _freeze_if_due(connection, revision, names, edition, now)
    ]
    for edition in in_state(connection, State.FROZEN):
        if edition.send_at is not None and edition.send_at <= now:
            happen(connection, edition.id, Event.BEGIN, by=BY, now=now)
    return frozen


def finish(connection: Connection, now: datetime) -> list[int]:
    """Close the editions that have nothing pending or in flight any more; their ids."""
    closed = []
    for edition in in_state(connection, State.SENDING):
        left = connection.scalar(
            select(deliveries.c.id)
            .where(deliveries.c.edition_id == edition.id, deliveries.c.status.in_(_UNFINISHED))
            .limit(1)
        )
        if left is None:
            happen(connection, edition.id, Event.FINISH, by=BY, now=now)
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
) -> tuple[Edition, int]:
    """Open and freeze an edition whose slot is now; it and its number of readers.

    Asked for twice in a second, it is one edition: the second time it is only told.

    Raises:
        UnknownName: the channel has no such cadence.
    """
    channel.cadence(cadence)
    assert channel.digest is not None
    slot = now.replace(microsecond=0)
    edition = open_edition(
        connection, names.channels[channel.slug], cadence, slot, by=by, now=now, forced=True
    )
    if edition is None:
        known = of_slot(connection, names.channels[channel.slug], cadence, slot)
        return known, sum(counts(connection, known.id).values())
    readers = freeze(
        connection, edition, channel.digest, channel.language, revision.number, now=now, by=by
    )
    return edition, readers


def _places(connection: Connection, publication: Publication, names: Ids) -> list[_Place]:
    known = {
        (row.channel_id, row.name): row.checked_until
        for row in connection.execute(select(cadences))
    }
    return [
        _Place(
            channel, names.channels[channel.slug], name, known[names.channels[channel.slug], name]
        )
        for channel in publication.channels
        if channel.digest
        for name in channel.digest.cadences
    ]


def _open_due(
    connection: Connection, publication: Publication, place: _Place, now: datetime
) -> None:
    """Open the slots whose freeze has come; of several missed ones, only the last (rule 8)."""
    assert place.channel.digest is not None
    rules = place.channel.digest
    cadence = rules.cadences[place.name]
    until = now + rules.freeze
    due = slots(cadence, publication.zone_of(cadence), place.checked_until, until)
    for slot in due:
        edition = open_edition(connection, place.channel_id, place.name, slot, by=BY, now=now)
        if edition is None:
            continue
        if slot != due[-1] and slot < now:
            why = "caught up by a later edition"
            happen(connection, edition.id, Event.MISS, by=BY, now=now, why=why)
        elif slot < now - rules.catch_up:
            why = "older than catch_up"
            happen(connection, edition.id, Event.MISS, by=BY, now=now, why=why)
    if due:
        connection.execute(
            update(cadences)
            .where(cadences.c.channel_id == place.channel_id, cadences.c.name == place.name)
            .where(cadences.c.checked_until < due[-1])
            .values(checked_until=due[-1])
        )


def _freeze_if_due(
    connection: Connection, revision: Revision, names: Ids, edition: Edition, now: datetime
) -> bool:
    of_edition = (
        names.channels[one.slug] == edition.channel_id for one in revision.publication.channels
    )
    channel = next(compress(revision.publication.channels, of_edition), None)
    rules = channel.digest if channel else None
    if (
        channel is None
        or rules is None
        or edition.slot is None
        or edition.slot - rules.freeze > now
    ):
        return False
    return freeze(connection, edition, rules, channel.language, revision.number, now=now, by=BY) > 0


def counts(connection: Connection, edition_id: int) -> dict[str, int]:
    """How many deliveries of an edition stand in each status."""
    rows = connection.execute(
        select(deliveries.c.status, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.status)
    )
    return {status: count for status, count in rows}  # noqa: C416 - rows are not pairs to mypy
