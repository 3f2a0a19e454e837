"""Finds readers by address, channel and state, some at a time; a million of them take no longer.

Addresses that begin alike stand together in the unique index of address keys, whose order is that
of their bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, or_, select, true

from colporteur.audience.states import State, overall
from colporteur.db.bulk import among
from colporteur.db.tables.audience import subscribers, subscriptions

SHOWN = (
    State.ACTIVE,
    State.PAUSED,
    State.PENDING,
    State.UNSUBSCRIBED,
    State.BOUNCED,
    State.COMPLAINED,
    State.SUPPRESSED,
)
"""What a reader can be called as a whole (``states.overall``); who was erased is not found."""
_CHOSEN = (State.ACTIVE, State.PAUSED, State.PENDING)
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Wanted:
    """Whom one looks for; empty and None leave it open. ``begins`` is of an address key."""

    begins: str = ""
    channel_id: int | None = None
    state: State | None = None
    after: int | None = None  # the id of the last one that was shown


@dataclass(frozen=True)
class Found:
    """A reader in a list; ``channel_ids`` are those of subscriptions that are not ended."""

    id: int
    address: str
    name: str
    language: str
    state: State
    channel_ids: tuple[int, ...]
    created_at: datetime


def key_begins(text: str) -> str:
    """What is typed of an address, as the beginning of address keys."""
    local, at, domain = text.strip().casefold().partition("@")
    return f"{local}{at}{domain}"[:320]


def search(connection: Connection, wanted: Wanted, limit: int) -> list[Found]:
    """Some readers: by address where its beginning is known, else the newest first."""
    query = select(
        subscribers.c.id,
        subscribers.c.address,
        subscribers.c.name,
        subscribers.c.language,
        subscribers.c.state,
        subscribers.c.created_at,
    ).where(subscribers.c.address.is_not(None), *_filters(wanted))
    if wanted.begins:
        key = subscribers.c.address_key
        query = query.where(key >= wanted.begins, key < wanted.begins + _LAST).order_by(key)
        if wanted.after is not None:
            last = select(subscribers.c.address_key).where(subscribers.c.id == wanted.after)
            query = query.where(key > (connection.scalar(last) or ""))
    else:
        query = query.order_by(subscribers.c.id.desc())
        if wanted.after is not None:
            query = query.where(subscribers.c.id < wanted.after)
    rows = connection.execute(query.limit(limit)).all()
    held = _held(connection, [row.id for row in rows])
    return [
        Found(
            row.id,
            row.address,
            row.name,
            row.language,
            overall(State(row.state), [state for _, state in held.get(row.id, ())]),
            tuple(one for one, state in held.get(row.id, ()) if state in _CHOSEN),
            row.created_at,
        )
        for row in rows
    ]


def counted(connection: Connection) -> dict[int, dict[State, int]]:
    """How many subscriptions each channel (id) has, by their state; of readers who get mail."""
    keys = (subscriptions.c.channel_id, subscriptions.c.state)
    rows = connection.execute(select(*keys, func.count()).group_by(*keys))
    found: dict[int, dict[State, int]] = {}
    for channel_id, state, count in rows:
        found.setdefault(channel_id, {})[State(state)] = count
    return found


def known(connection: Connection) -> dict[State, int]:
    """How many readers there are, by their own state; those who were erased are left out."""
    query = select(subscribers.c.state, func.count()).where(subscribers.c.state != State.ERASED)
    rows = connection.execute(query.group_by(subscribers.c.state))
    return {State(state): count for state, count in rows}


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    theirs = [subscriptions.c.subscriber_id == subscribers.c.id]
    there = wanted.channel_id is not None
    if there:
        theirs.append(subscriptions.c.channel_id == wanted.channel_id)
    if wanted.state is None:
        return [_has(theirs, *_CHOSEN)] if there else []
    if wanted.state in _CHOSEN or wanted.state is State.UNSUBSCRIBED:
        return _called(theirs, wanted.state, there=there)
    once = [exists().where(*theirs)] if there else []
    return [subscribers.c.state == wanted.state, *once]


def _called(
    theirs: Sequence[ColumnElement[bool]], state: State, *, there: bool
) -> list[ColumnElement[bool]]:
    """Who is called so by their subscriptions: the liveliest of them (``states.overall``)."""
    reader = subscribers.c.state
    if state is State.UNSUBSCRIBED:
        once = [exists().where(*theirs)] if there else []
        kept = reader.in_([State.ACTIVE, State.UNSUBSCRIBED])
        return [kept, not_(_has(theirs, *_CHOSEN)), *once]
    livelier = _CHOSEN[: _CHOSEN.index(state)]
    best = and_(_has(theirs, state), not_(_has(theirs, *livelier)) if livelier else true())
    if state is State.PENDING:  # they never confirmed anything, or not this
        return [or_(reader == State.PENDING, reader == State.ACTIVE), best]
    return [reader == State.ACTIVE, best]


def _has(theirs: Sequence[ColumnElement[bool]], *states: State) -> ColumnElement[bool]:
    return exists().where(*theirs, subscriptions.c.state.in_(states))


def _held(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, State]]]:
    rows = connection.execute(
        select(subscriptions.c.subscriber_id, subscriptions.c.channel_id, subscriptions.c.state)
        .where(among(connection, subscriptions.c.subscriber_id, ids))
        .order_by(subscriptions.c.subscriber_id, subscriptions.c.channel_id)
    )
    found: dict[int, list[tuple[int, State]]] = {}
    for subscriber_id, channel_id, state in rows:
        found.setdefault(subscriber_id, []).append((channel_id, State(state)))
    return found
