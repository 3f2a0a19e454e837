"""What we know of the addresses of some rows. In the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.audience.importing.fates import Known
from colporteur.audience.importing.judging import Wanted
from colporteur.audience.states import State
from colporteur.db.bulk import among
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions


def known_of(
    connection: Connection, rows: Sequence[Wanted], *, locked: bool = False
) -> list[Known]:
    """What we know of each row's reader; ``locked``: nobody changes it until the commit."""
    held = _suppressed(connection, rows)
    readers = _readers(connection, rows, locked=locked)
    ids = [subscriber_id for subscriber_id, _ in readers.values()]
    theirs = _subscriptions(connection, ids, locked=locked)
    found = []
    for row in rows:
        subscriber_id, state = readers.get(row.address.key, (None, None))
        reason = held.get(row.address.hash) if held else None
        chosen = theirs.get((subscriber_id, row.channel_id), (None, None, None))
        found.append(Known(reason, subscriber_id, state, *chosen))
    return found


def _suppressed(connection: Connection, rows: Sequence[Wanted]) -> Mapping[str, str]:
    if connection.scalar(select(suppressions.c.reason).limit(1)) is None:
        return {}
    wanted = among(connection, suppressions.c.address_hash, [row.address.hash for row in rows])
    found = select(suppressions.c.address_hash, suppressions.c.reason).where(wanted)
    return {row.address_hash: row.reason for row in connection.execute(found)}


def _readers(
    connection: Connection, rows: Sequence[Wanted], *, locked: bool
) -> Mapping[str, tuple[int, State]]:
    """By address key. They are found first and locked, in the order of their ids, after that.

    Asked for both at once, PostgreSQL walks through all ids there are.
    """
    found = subscribers.c
    wanted = among(connection, found.address_key, [row.address.key for row in rows])
    query = select(found.address_key, found.id, found.state)
    here = connection.execute(query.where(wanted)).all()
    if locked and here:
        theirs = among(connection, found.id, [row.id for row in here])
        here = connection.execute(query.where(theirs).order_by(found.id).with_for_update()).all()
    return {key: (id_, State(state)) for key, id_, state in here}


def _subscriptions(
    connection: Connection, ids: Sequence[int], *, locked: bool
) -> Mapping[tuple[int | None, int], tuple[int, State, datetime]]:
    if not ids:
        return {}
    found = subscriptions.c
    query = select(
        found.subscriber_id, found.channel_id, found.id, found.state, found.created_at
    ).where(among(connection, found.subscriber_id, ids))
    if locked:
        query = query.with_for_update()
    return {
        (subscriber_id, channel_id): (id_, State(state), since)
        for subscriber_id, channel_id, id_, state, since in connection.execute(query)
    }
