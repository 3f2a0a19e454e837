"""Adds readers and lets them leave. All in the caller's transaction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Insert, insert, select, update

from colporteur.audience.addresses import EmailAddress
from colporteur.db.tables.audience import (
    profiles,
    subscriber_events,
    subscribers,
    subscriptions,
    suppressions,
)
from colporteur.exceptions import AddressRefused, UnknownName


@dataclass(frozen=True)
class Choice:
    """What a reader asks of a channel: its cadence and the topics (ids) wanted and not."""

    channel_id: int
    cadence: str
    topics_in: tuple[int, ...] = ()
    topics_out: tuple[int, ...] = ()
    layout: str = "briefing"


@dataclass(frozen=True)
class Subscribed:
    """The ids, and whether the subscription is new."""

    subscriber_id: int
    subscription_id: int
    new: bool


def subscribe(
    connection: Connection,
    address: EmailAddress,
    choice: Choice,
    *,
    language: str,
    start_number: int,
    by: str,
    now: datetime,
    name: str = "",
) -> Subscribed:
    """Subscribe a confirmed address; the articles after ``start_number`` are theirs.

    Raises:
        AddressRefused: the address is on the do-not-mail list.
    """
    suppressed = select(suppressions.c.reason).where(suppressions.c.address_hash == address.hash)
    if reason := connection.scalar(suppressed):
        raise AddressRefused(
            f"{address.masked} is on the do-not-mail list ({reason}).",
            cure="Only its owner can lift that, by subscribing again.",
        )
    subscriber_id = _subscriber(connection, address, name, language, now)
    row = connection.execute(
        select(subscriptions.c.id, subscriptions.c.state).where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.channel_id == choice.channel_id,
        )
    ).first()
    values = {
        "profile_id": _profile(connection, choice),
        "cadence": choice.cadence,
        "state": "active",
    }
    if row is None:
        values |= {"start_number": start_number, "created_at": now, "specials": True}
        values |= {"subscriber_id": subscriber_id, "channel_id": choice.channel_id}
        subscription_id = _insert_id(connection, insert(subscriptions).values(values))
    else:
        subscription_id = row.id
        if row.state != "active":  # what was sent while they were away is not owed to them
            values |= {"start_number": start_number, "ended_at": None}
        changed = update(subscriptions).where(subscriptions.c.id == row.id)
        connection.execute(changed.values(values))
    new = row is None or row.state != "active"
    if new:
        _record(connection, subscriber_id, choice.channel_id, "subscribed", {"by": by}, now)
    return Subscribed(subscriber_id, subscription_id, new)


def unsubscribe(connection: Connection, subscription_id: int, *, by: str, now: datetime) -> bool:
    """End one subscription; whether it was not ended already. Queued mail is not sent either."""
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.id == subscription_id)
    ).first()
    if row is None or row.state == "unsubscribed":
        return False
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id)
        .values(state="unsubscribed", ended_at=now)
    )
    _record(connection, row.subscriber_id, row.channel_id, "unsubscribed", {"by": by}, now)
    return True


@dataclass(frozen=True)
class Subscription:
    """A subscription as a page shows it."""

    id: int
    address: str
    channel_id: int
    state: str


def subscription(connection: Connection, subscription_id: int) -> Subscription:
    """One subscription with its reader's address.

    Raises:
        UnknownName: there is none, or the reader was erased.
    """
    row = connection.execute(
        select(
            subscriptions.c.id,
            subscribers.c.address,
            subscriptions.c.channel_id,
            subscriptions.c.state,
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.id == subscription_id, subscribers.c.address.is_not(None))
    ).first()
    if row is None:
        raise UnknownName("There is no such subscription any more.", cure="Nothing is sent for it.")
    return Subscription(*row)


def _subscriber(
    connection: Connection, address: EmailAddress, name: str, language: str, now: datetime
) -> int:
    found = connection.scalar(
        select(subscribers.c.id).where(subscribers.c.address_key == address.key)
    )
    if found is not None:
        return int(found)
    values = {
        "address": address.text,
        "address_key": address.key,
        "domain": address.domain,
        "name": name,
        "language": language,
        "state": "active",
        "created_at": now,
        "confirmed_at": now,
    }
    return _insert_id(connection, insert(subscribers).values(values))


def _profile(connection: Connection, choice: Choice) -> int:
    parts = [sorted(choice.topics_in), sorted(choice.topics_out), choice.layout]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    found = connection.scalar(select(profiles.c.id).where(profiles.c.key == key))
    if found is not None:
        return int(found)
    values = {"key": key, "topics_in": parts[0], "topics_out": parts[1], "layout": parts[2]}
    return _insert_id(connection, insert(profiles).values(values))


def _insert_id(connection: Connection, statement: Insert) -> int:
    key: Sequence[int] | None = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def _record(
    connection: Connection,
    subscriber_id: int,
    channel_id: int,
    kind: str,
    detail: dict[str, str],
    now: datetime,
) -> None:
    connection.execute(
        insert(subscriber_events).values(
            subscriber_id=subscriber_id, channel_id=channel_id, at=now, kind=kind, detail=detail
        )
    )
