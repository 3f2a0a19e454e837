"""What readers chose and when: each change is kept whole, and can be asked for afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select

from colporteur.audience.choices import Choice, told
from colporteur.db.tables.audience import profiles, subscriber_events, subscriptions

# What the subscription is after an event; a change of choice leaves it as it was.
_STATES = {
    "signed_up": "pending",
    "confirmed": "active",
    "lapsed": "unsubscribed",
    "subscribed": "active",
    "paused": "paused",
    "resumed": "active",
    "unsubscribed": "unsubscribed",
    "returned": "active",
    "moved": "active",  # from a channel that was archived
    "joined": "unsubscribed",  # it was archived, and they had the other channel already
}


@dataclass(frozen=True)
class Standing:
    """A subscription as it is now: pending, active, paused or unsubscribed, and what was chosen."""

    subscriber_id: int
    state: str
    choice: Choice
    start_number: int
    paused_until: datetime | None
    keeps_backlog: bool


@dataclass(frozen=True)
class ChoiceThen:
    """A subscription as it was at a moment; ``start_number`` None where no event told of it."""

    state: str
    choice: Choice
    start_number: int | None


@dataclass(frozen=True)
class Event:
    """Something that happened to a reader; ``detail`` says by whom, and the whole choice."""

    at: datetime
    kind: str
    channel_id: int | None
    detail: Mapping[str, Any]


def standing(connection: Connection, subscription_id: int) -> Standing | None:
    """How a subscription stands; None if there is none."""
    rows = connection.execute(
        select(subscriptions, profiles.c.topics_in, profiles.c.topics_out, profiles.c.layout)
        .join(profiles, profiles.c.id == subscriptions.c.profile_id)
        .where(subscriptions.c.id == subscription_id)
    )
    row = rows.mappings().first()
    if row is None:
        return None
    return Standing(
        row["subscriber_id"],
        row["state"],
        _choice(row["channel_id"], row),
        row["start_number"],
        row["paused_until"],
        row["keeps_backlog"],
    )


def record(
    connection: Connection,
    subscription_id: int,
    kind: str,
    *,
    by: str,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Keep what happened to a subscription, with its choice as it is after that."""
    found = standing(connection, subscription_id)
    assert found is not None
    detail = {"by": by, "start_number": found.start_number, **told(found.choice), **(more or {})}
    connection.execute(
        insert(subscriber_events).values(
            subscriber_id=found.subscriber_id,
            channel_id=found.choice.channel_id,
            at=now,
            kind=kind,
            detail=detail,
        )
    )


def note(
    connection: Connection,
    subscriber_id: int,
    kind: str,
    *,
    by: str,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Keep what happened to a reader, on no channel."""
    values = {"subscriber_id": subscriber_id, "at": now, "kind": kind}
    detail = {"by": by, **(more or {})}
    connection.execute(insert(subscriber_events).values(**values, detail=detail))


def choice_at(connection: Connection, subscription_id: int, moment: datetime) -> ChoiceThen | None:
    """State and choice of a subscription as they were at a moment; None before it began."""
    present = standing(connection, subscription_id)
    if present is None:
        return None
    state, detail = None, dict[str, Any]()
    for event in _until(connection, subscription_id, moment):
        state = _STATES.get(event.kind, state)
        detail |= event.detail
    if state is None:
        return None
    known = "cadence" in detail  # events of the first versions did not tell the choice
    choice = _choice(present.choice.channel_id, detail) if known else present.choice
    return ChoiceThen(state, choice, detail.get("start_number"))


def events_of(connection: Connection, subscriber_id: int) -> list[Event]:
    """All that happened to a reader, in order."""
    found = subscriber_events.c
    rows = connection.execute(
        select(found.at, found.kind, found.channel_id, found.detail)
        .where(found.subscriber_id == subscriber_id)
        .order_by(found.id)
    )
    return [Event(*row) for row in rows]


def _until(connection: Connection, subscription_id: int, moment: datetime) -> list[Event]:
    found = subscriber_events.c
    same = and_(
        subscriptions.c.subscriber_id == found.subscriber_id,
        subscriptions.c.channel_id == found.channel_id,
    )
    rows = connection.execute(
        select(found.at, found.kind, found.channel_id, found.detail)
        .join(subscriptions, same)
        .where(subscriptions.c.id == subscription_id, found.at <= moment)
        .order_by(found.id)
    )
    return [Event(*row) for row in rows]


def _choice(channel_id: int, said: Mapping[Any, Any]) -> Choice:
    return Choice(
        channel_id=channel_id,
        cadence=said["cadence"],
        topics_in=tuple(said["topics_in"]),
        topics_out=tuple(said["topics_out"]),
        layout=said["layout"],
        weekday=said["weekday"],
        minute=said["minute"],
        timezone=said["timezone"],
        specials=said["specials"],
    )
