"""What we know of the addresses of some rows. In the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    away = _away(theirs)
    found = []
    for row in rows:
        subscriber_id, state = readers.get(row.address.key, (None, None))
        reason = held.get(row.address.hash) if held else None
        chosen = theirs.get((subscriber_id or 0, row.channel_id), _NOTHING)
        gone = subscriber_id in away
        found.append(
            Known(reason, subscriber_id, state, chosen.id, chosen.state, chosen.since, gone)
        )
    return found


@dataclass(frozen=True)
class _Chosen:
    """A subscription; ``left``: it began here, and they ended it."""

    id: int | None = None
    state: State | None = None
    since: datetime | None = None
    left: bool = False


_NOTHING = _Chosen()


def _away(theirs: Mapping[tuple[int, int], _Chosen]) -> set[int]:
    """Those readers who left all that they had."""
    gone = {reader for (reader, _), one in theirs.items() if one.left}
    held = {reader for (reader, _), one in theirs.items() if one.state is not State.UNSUBSCRIBED}
    return gone - held


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
        ordered = query.where(theirs).order_by(found.id)
        here = connection.execute(ordered.with_for_update(key_share=True)).all()
    return {key: (id_, State(state)) for key, id_, state in here}


def _subscriptions(
    connection: Connection, ids: Sequence[int], *, locked: bool
) -> Mapping[tuple[int, int], _Chosen]:
    if not ids:
        return {}
    found = subscriptions.c
    query = select(
        found.subscriber_id,
        found.channel_id,
        found.id,
        found.state,
        found.created_at,
        found.ended_at,
    ).where(among(connection, found.subscriber_id, ids))
    if locked:
        query = query.with_for_update()
    return {
        (row.subscriber_id, row.channel_id): _Chosen(
            row.id,
            State(row.state),
            row.created_at,
            # Who had left elsewhere is kept so from a moment on that lies before.
            left=row.ended_at is not None and row.ended_at > row.created_at,
        )
        for row in connection.execute(query)
    }
