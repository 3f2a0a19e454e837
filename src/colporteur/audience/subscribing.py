"""Adds readers and lets them leave. All in the caller's transaction."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.addresses import EmailAddress
from colporteur.audience.announcing import announce
from colporteur.audience.choices import Choice, told
from colporteur.audience.history import Standing, record, standing
from colporteur.audience.moving import lock_reader_of
from colporteur.audience.states import Event as Happening
from colporteur.audience.states import State, states_before, transition
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.audience import profiles, subscribers, subscriptions, suppressions
from colporteur.exceptions import AddressRefused, UnknownName
from colporteur.webhooks.kinds import Kind

_LIFTED = (
    "Its owner lifts that by subscribing again, unless they asked for it: then you do, with "
    "`colporteur subscribers lift`."
)


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

    For who is subscribed already it is a change of choice: it acts from the next edition, and
    what was frozen for them stays as it is.

    Raises:
        AddressRefused: the address is on the do-not-mail list, or nothing is sent to its reader.
    """
    _refuse_suppressed(connection, address)
    subscriber_id = _subscriber(connection, address, name, language, now)
    found = connection.scalar(
        select(subscriptions.c.id).where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.channel_id == choice.channel_id,
        )
    )
    before = standing(connection, found) if found is not None else None
    values = chosen(connection, choice)
    if found is None or before is None:
        values |= {"subscriber_id": subscriber_id, "channel_id": choice.channel_id}
        values |= {"state": State.ACTIVE, "start_number": start_number, "created_at": now}
        found = _insert_id(connection, insert(subscriptions).values(values))
    else:
        values |= _anew(before, start_number)
        connection.execute(update(subscriptions).where(subscriptions.c.id == found).values(values))
    new = before is None or before.state != State.ACTIVE
    if new or (before and told(before.choice) != told(choice)):
        record(connection, found, Happening.SUBSCRIBED if new else "chose", by=by, now=now)
    if new and (before is None or before.state != State.PAUSED):
        why = Happening.SUBSCRIBED
        announce(connection, Kind.SUBSCRIBER_CONFIRMED, subscriber_id, [found], why, now)
    return Subscribed(subscriber_id, found, new)


def _refuse_suppressed(connection: Connection, address: EmailAddress) -> None:
    held = select(suppressions.c.reason).where(suppressions.c.address_hash == address.hash)
    if reason := connection.scalar(held):
        raise AddressRefused(
            f"{address.masked} is on the do-not-mail list ({reason}).",
            cure=_LIFTED,
        )


def chosen(connection: Connection, choice: Choice) -> dict[str, Any]:
    """A choice as the columns of a subscription."""
    return {
        "profile_id": profile_of(connection, choice),
        "cadence": choice.cadence,
        "weekday": choice.weekday,
        "minute": choice.minute,
        "timezone": choice.timezone,
        "specials": choice.specials,
    }


def _anew(before: Standing, start_number: int) -> dict[str, Any]:
    """What changes for who comes back: what was sent while they were away is not owed to them."""
    state = State(before.state)
    if state is State.ACTIVE:
        return {}
    start = start_number
    if state is State.PAUSED:
        kept = before.start_number
        start = kept if before.keeps_backlog else max(kept, start_number)
    awake = transition(state, Happening.SUBSCRIBED)
    values = {"start_number": start, "ended_at": None, "state": awake}
    return values | {"paused_until": None, "keeps_backlog": False}


def choose(
    connection: Connection, subscription_id: int, choice: Choice, *, by: str, now: datetime
) -> bool:
    """Change what a reader chose, whether they are paused or not; whether it is another choice.

    It acts from the next edition, and what was frozen for them stays as it is.
    """
    lock_reader_of(connection, subscription_id)
    before = standing(connection, subscription_id)
    if before is None or told(before.choice) == told(choice):
        return False
    there = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(there.values(chosen(connection, choice)))
    record(connection, subscription_id, "chose", by=by, now=now)
    return True


def unsubscribe(
    connection: Connection,
    subscription_id: int,
    *,
    by: str,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """End one subscription; whether it was not ended already. Queued mail is not sent either.

    ``more`` is kept with it. Who comes back is not owed what came in a pause without backlog.
    """
    lock_reader_of(connection, subscription_id)
    row = connection.execute(
        select(subscriptions).where(subscriptions.c.id == subscription_id)
    ).first()
    if row is None:
        return False
    before = State(row.state)
    after = transition(before, Happening.UNSUBSCRIBED)
    if before is after:
        return False
    values: dict[str, Any] = {"state": after, "ended_at": now}
    values |= {"paused_until": None, "keeps_backlog": False}
    if before is State.PAUSED and not row.keeps_backlog:
        values["start_number"] = max(row.start_number, last_number_at(connection, now))
    ended = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(ended.values(values))
    kept: dict[str, Any] = {"before": before, **(more or {})}
    if before is State.PAUSED and row.paused_until is not None:  # for who takes leaving back
        kept |= {"until": row.paused_until.isoformat(), "backlog": row.keeps_backlog}
    record(connection, subscription_id, Happening.UNSUBSCRIBED, by=by, now=now, more=kept)
    if before is not State.PENDING:
        why = Happening.UNSUBSCRIBED
        left = Kind.SUBSCRIBER_LEFT
        announce(connection, left, row.subscriber_id, [subscription_id], why, now)
    return True


@dataclass(frozen=True)
class Subscription:
    """A subscription as a page shows it."""

    id: int
    address: str
    channel_id: int
    state: str
    subscriber_id: int


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
            subscriptions.c.subscriber_id,
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
    """The reader of an address, locked and awake; made if there is none."""
    values = {
        "address": address.text,
        "address_key": address.key,
        "domain": address.domain,
        "name": name,
        "language": language,
        "state": State.ACTIVE,
        "created_at": now,
        "confirmed_at": now,
    }
    theirs = subscribers.c.address_key == address.key
    locked = select(subscribers.c.id, subscribers.c.state).where(theirs)
    locked = locked.with_for_update(key_share=True)
    while (row := connection.execute(locked).first()) is None:  # perhaps forgotten just now
        made = _insert_unless_there(connection, subscribers, values)
        if made is not None:
            return made
    if row.state not in states_before(Happening.SUBSCRIBED, State.ACTIVE):
        raise AddressRefused(f"Nothing is sent to {address.masked} ({row.state}).", cure=_LIFTED)
    if row.state != State.ACTIVE:
        woken = update(subscribers).where(subscribers.c.id == row.id)
        connection.execute(woken.values(state=State.ACTIVE, confirmed_at=now))
    return int(row.id)


def profile_of(connection: Connection, choice: Choice) -> int:
    """The id of what all share who chose the same topics and layout."""
    parts = [sorted(choice.topics_in), sorted(choice.topics_out), choice.layout]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    values = {"key": key, "topics_in": parts[0], "topics_out": parts[1], "layout": parts[2]}
    there = select(profiles.c.id).where(profiles.c.key == key)
    found = connection.scalar(there)
    if found is None:
        found = _insert_unless_there(connection, profiles, values)
    return int(found if found is not None else connection.execute(there).scalar_one())


def _insert_unless_there(
    connection: Connection, table: Table, values: Mapping[str, Any]
) -> int | None:
    """The id of a new row; None if another has its key, added perhaps at this very moment."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    found: int | None = connection.scalar(added)
    return found


def _insert_id(connection: Connection, statement: Insert) -> int:
    key: Sequence[int] | None = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])
