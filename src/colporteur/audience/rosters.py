"""Readers and their subscriptions as lists, page by page, the newest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, Select, and_, exists, or_, select

from colporteur.audience.states import State, overall
from colporteur.db.tables.audience import profiles, subscribers, subscriptions


@dataclass(frozen=True)
class Listed:
    """A reader, what they are called as a whole, and all their subscriptions, ended ones too."""

    id: int
    address: str
    name: str
    language: str
    state: State
    created_at: datetime
    confirmed_at: datetime | None
    subscriptions: tuple["Chosen", ...]


@dataclass(frozen=True)
class Chosen:
    """A subscription; channel and topics are ids, ``weekday`` 0 is Monday, None the cadence's own."""

    id: int
    subscriber_id: int
    channel_id: int
    state: State
    cadence: str
    weekday: int | None
    minute: int | None
    timezone: str | None
    specials: bool
    topics_in: Sequence[int]
    topics_out: Sequence[int]
    layout: str
    created_at: datetime
    paused_until: datetime | None
    keeps_backlog: bool
    ended_at: datetime | None


def readers(
    connection: Connection,
    *,
    limit: int,
    before: int | None = None,
    address_key: str | None = None,
    channel_id: int | None = None,
    state: State | None = None,
) -> list[Listed]:
    """Readers, the erased aside; ``state`` is what they are called as a whole."""
    query = select(subscribers).where(subscribers.c.address.is_not(None))
    if before is not None:
        query = query.where(subscribers.c.id < before)
    if address_key is not None:
        query = query.where(subscribers.c.address_key == address_key)
    if channel_id is not None:
        query = query.where(_has(subscriptions.c.channel_id == channel_id))
    if state is not None:
        query = query.where(_called(state))
    rows = connection.execute(query.order_by(subscribers.c.id.desc()).limit(limit)).all()
    held = _held(connection, [row.id for row in rows])
    return [_listed(row, held.get(row.id, ())) for row in rows]


def reader(connection: Connection, subscriber_id: int) -> Listed | None:
    """One reader; None where there is none, or they were erased."""
    mine = (subscribers.c.id == subscriber_id, subscribers.c.address.is_not(None))
    row = connection.execute(select(subscribers).where(*mine)).first()
    return _listed(row, _held(connection, [row.id]).get(row.id, ())) if row else None


def chosen(
    connection: Connection,
    *,
    limit: int,
    before: int | None = None,
    channel_id: int | None = None,
    state: State | None = None,
) -> list[Chosen]:
    """Subscriptions of all who were not erased; ``before`` is an id."""
    query = _subscriptions().join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
    query = query.where(subscribers.c.address.is_not(None))
    if before is not None:
        query = query.where(subscriptions.c.id < before)
    if channel_id is not None:
        query = query.where(subscriptions.c.channel_id == channel_id)
    if state is not None:
        query = query.where(subscriptions.c.state == state)
    rows = connection.execute(query.order_by(subscriptions.c.id.desc()).limit(limit))
    return [_chosen(row) for row in rows]


def _called(state: State) -> ColumnElement[bool]:
    """Whether ``overall`` calls a reader so."""
    awake = subscribers.c.state == State.ACTIVE
    has = {one: _has(subscriptions.c.state == one) for one in State}
    alive = has[State.ACTIVE] | has[State.PAUSED]
    waits = and_(awake, ~alive, has[State.PENDING])
    if state is State.ACTIVE:
        return and_(awake, has[State.ACTIVE])
    if state is State.PAUSED:
        return and_(awake, has[State.PAUSED], ~has[State.ACTIVE])
    if state is State.PENDING:
        return or_(subscribers.c.state == State.PENDING, waits)
    if state is State.UNSUBSCRIBED:
        gone = and_(awake, ~alive, ~has[State.PENDING])
        return or_(subscribers.c.state == State.UNSUBSCRIBED, gone)
    return subscribers.c.state == state


def _has(which: ColumnElement[bool]) -> Exists:
    return exists().where(subscriptions.c.subscriber_id == subscribers.c.id, which)


def _subscriptions() -> Select[Any]:
    return select(
        subscriptions, profiles.c.topics_in, profiles.c.topics_out, profiles.c.layout
    ).join(profiles, profiles.c.id == subscriptions.c.profile_id)


def _held(connection: Connection, ids: Collection[int]) -> Mapping[int, tuple[Chosen, ...]]:
    if not ids:
        return {}
    query = _subscriptions().where(subscriptions.c.subscriber_id.in_(ids))
    found: dict[int, tuple[Chosen, ...]] = {}
    for row in connection.execute(query.order_by(subscriptions.c.id)):
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), _chosen(row))
    return found


def _chosen(row: Any) -> Chosen:
    values = {name: getattr(row, name) for name in Chosen.__dataclass_fields__}
    return Chosen(**values | {"state": State(row.state)})


def _listed(row: Any, held: tuple[Chosen, ...]) -> Listed:
    return Listed(
        row.id,
        row.address,
        row.name,
        row.language,
        overall(State(row.state), [one.state for one in held]),
        row.created_at,
        row.confirmed_at,
        held,
    )
