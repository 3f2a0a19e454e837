"""Readers as a list holds them, some thousand at a time: memory stays flat however many."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, select

from colporteur.audience.exporting.shapes import Exported
from colporteur.audience.states import State, overall
from colporteur.db import reading
from colporteur.db.tables.audience import profiles, subscribers, subscriptions
from colporteur.publication.identities import Ids

_AT_ONCE = 5000


def exported(
    engine: Engine, names: Ids, channels: Mapping[int, str], states: Collection[State] = ()
) -> Iterator[Exported]:
    """A row for each reader of each of these channels (slugs by id), in order of arrival.

    ``states``: only who is in one of them, as a whole; empty: all but the erased. Each page is
    read in a transaction of its own, so that nothing waits for who reads the list slowly.
    """
    topics = {id_: slug for slug, id_ in reversed(list(names.topics.items()))}
    last = 0
    while True:
        with reading(engine) as connection:
            rows = _page(connection, channels, last)
        for row in rows:
            found = _exported(row, channels, topics)
            if not states or found.state in states:
                yield found
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _page(connection: Connection, channels: Collection[int], last: int) -> list[Row[Any]]:
    channel_id: ColumnElement[int] = subscriptions.c.channel_id
    if connection.dialect.name == "sqlite":
        channel_id += 0  # else its index serves, and all rows of the channels are sorted each time
    query = (
        select(
            subscriptions,
            subscribers.c.address,
            subscribers.c.name,
            subscribers.c.language,
            subscribers.c.state.label("reader_state"),
            subscribers.c.created_at.label("reader_since"),
            subscribers.c.confirmed_at,
            profiles.c.topics_in,
            profiles.c.topics_out,
            profiles.c.layout,
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(profiles, profiles.c.id == subscriptions.c.profile_id)
        .where(
            subscriptions.c.id > last,
            channel_id.in_(channels),
            subscribers.c.address.is_not(None),
        )
    )
    return list(connection.execute(query.order_by(subscriptions.c.id).limit(_AT_ONCE)))


def _exported(row: Row[Any], channels: Mapping[int, str], topics: Mapping[int, str]) -> Exported:
    return Exported(
        email=row.address,
        name=row.name,
        channel=channels[row.channel_id],
        state=_called(State(row.reader_state), State(row.state)),
        language=row.language,
        cadence=row.cadence,
        weekday=row.weekday,
        minute=row.minute,
        timezone=row.timezone,
        topics=[topics[one] for one in row.topics_in if one in topics],
        without=[topics[one] for one in row.topics_out if one in topics],
        layout=row.layout,
        specials=row.specials,
        created_at=row.reader_since,
        consented_at=row.confirmed_at,
        left_at=row.ended_at,
        paused_until=row.paused_until,
    )


def _called(reader: State, chosen: State) -> State:
    """Who left a channel has left it, though the address waits for the button of another."""
    waits = reader is State.PENDING and chosen is State.UNSUBSCRIBED
    return chosen if waits else overall(reader, [chosen])
