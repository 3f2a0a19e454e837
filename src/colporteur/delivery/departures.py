"""What leaves first once nothing holds mail back, what will be too late, and what comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.outcomes import Status
from colporteur.editions.calendar import next_slot, slots
from colporteur.editions.foresight import caught_up
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.opening import Place, places
from colporteur.editions.states import State
from colporteur.editions.store import of_slot
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

_LEAVING = (State.FROZEN, State.SENDING, State.SENT)
_WAITING = (Status.PENDING, Status.INFLIGHT, Status.DEFERRED)


@dataclass(frozen=True)
class Waiting:
    """An edition that has messages left. ``slot`` is None for a special edition."""

    edition: int
    channel: str  # slug; empty where it was removed
    kind: str
    state: str
    cadence: str | None
    slot: datetime | None
    messages: int


@dataclass(frozen=True)
class Missed:
    """A slot that passed while all was held: caught up by a ``later`` edition, or too late."""

    channel: str
    cadence: str
    slot: datetime
    later: bool


@dataclass(frozen=True)
class Coming:
    """The next edition of a cadence; ``slot`` is None where its articles decide, or none comes."""

    channel: str
    cadence: str
    rule: str
    slot: datetime | None
    readers: int


@dataclass(frozen=True)
class Departures:
    """All of that, each in the order in which it leaves; ``letters`` are counted."""

    waiting: Sequence[Waiting]
    letters: int
    missed: Sequence[Missed]
    coming: Sequence[Coming]


def departures(
    connection: Connection, revision: Revision, names: Ids, now: datetime, whom: Whom
) -> Departures:
    """What leaves if mail is let go at ``now``, to those whom it may reach."""
    known = [one for one in places(connection, revision, names) if one.channel.sends]
    return Departures(
        _waiting(connection, revision, names),
        _letters(connection),
        [one for place in known for one in _missed(connection, place, now)],
        _coming(connection, known, now, whom),
    )


def _waiting(connection: Connection, revision: Revision, names: Ids) -> list[Waiting]:
    slugs = {names.channels[one.slug]: one.slug for one in revision.publication.channels}
    count = func.count().label("messages")
    shown = (editions.c.id, editions.c.channel_id, editions.c.kind, editions.c.state)
    query = (
        select(*shown, editions.c.cadence, editions.c.slot, count)
        .join(deliveries, deliveries.c.edition_id == editions.c.id)
        .where(editions.c.state.in_(_LEAVING), deliveries.c.status.in_(_WAITING))
        .group_by(editions.c.id)
        .order_by(editions.c.id)
    )
    return [
        Waiting(
            row.id,
            slugs.get(row.channel_id, ""),
            row.kind,
            row.state,
            row.cadence,
            row.slot,
            row.messages,
        )
        for row in connection.execute(query)
    ]


def _letters(connection: Connection) -> int:
    waiting = select(func.count()).where(
        deliveries.c.letter_id.is_not(None), deliveries.c.status.in_(_WAITING)
    )
    return int(connection.scalar(waiting) or 0)


def _missed(connection: Connection, place: Place, now: datetime) -> Iterator[Missed]:
    """What the calendar will not send of what passed (docs/rules.md, 8)."""
    skip = frozenset(place.rules.skip)
    passed = slots(place.cadence, place.zone, place.checked_until, now, skip)
    due = [one for one in passed if of_slot(connection, place.channel_id, place.name, one) is None]
    sent = caught_up(due, now - place.rules.catch_up)
    for slot in due:
        if slot not in sent:
            later = slot != due[-1]
            yield Missed(place.channel.slug, place.name, slot, later)


def _coming(
    connection: Connection, known: Sequence[Place], now: datetime, whom: Whom
) -> list[Coming]:
    readers = readers_per_cadence(connection, whom)
    found = [
        Coming(
            place.channel.slug,
            place.name,
            place.cadence.rule,
            next_slot(place.cadence, place.zone, now, frozenset(place.rules.skip)),
            readers.get((place.channel_id, place.name), 0),
        )
        for place in known
    ]
    never = [one for one in found if one.slot is None]
    dated = [(one.slot, one) for one in found if one.slot is not None]
    dated.sort(key=lambda pair: (pair[0], pair[1].channel, pair[1].cadence))
    return [*(one for _, one in dated), *never]
