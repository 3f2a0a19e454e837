"""One reader as the page of their choices sees them. All in the caller's transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from colporteur.audience.addresses import EmailAddress
from colporteur.audience.history import Standing, note, standing
from colporteur.audience.states import State
from colporteur.db.tables.audience import subscriber_events, subscribers, subscriptions
from colporteur.exceptions import UnknownName

ADDRESS_CHANGED = "address_changed"
_KEY_BYTES = 12


@dataclass(frozen=True)
class Person:
    """A reader; ``feed_key`` is that of their private feed, None while they have none."""

    id: int
    address: str
    name: str
    language: str
    state: State
    feed_key: str | None


@dataclass(frozen=True)
class Held:
    """A subscription of theirs, ended ones included."""

    id: int
    standing: Standing


def person(connection: Connection, subscriber_id: int, *, lock: bool = False) -> Person:
    """A reader by their id; ``lock`` keeps others from changing them until commit.

    Raises:
        UnknownName: there is none, or they were erased.
    """
    query = select(*(subscribers.c[name] for name in Person.__dataclass_fields__)).where(
        subscribers.c.id == subscriber_id, subscribers.c.address.is_not(None)
    )
    row = connection.execute(query.with_for_update(key_share=True) if lock else query).first()
    if row is None:
        raise UnknownName("There is no such reader any more.", cure="Subscribe once more.")
    return Person(row.id, row.address, row.name, row.language, State(row.state), row.feed_key)


def person_of(connection: Connection, address: EmailAddress) -> Person | None:
    """The reader who has an address, however it is spelt; None if nobody has."""
    found = connection.scalar(
        select(subscribers.c.id).where(subscribers.c.address_key == address.key)
    )
    return None if found is None else person(connection, found)


def held_by(connection: Connection, subscriber_id: int) -> list[Held]:
    """A reader's subscriptions in the order in which they were made."""
    query = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    ids = connection.scalars(query.order_by(subscriptions.c.id)).all()
    found = ((one, standing(connection, one)) for one in ids)
    return [Held(one, stands) for one, stands in found if stands is not None]


def links_count_from(connection: Connection, subscriber_id: int) -> datetime | None:
    """When the reader last changed their address: links that were sent before are of the old one."""
    found: datetime | None = connection.scalar(
        select(func.max(subscriber_events.c.at, type_=subscriber_events.c.at.type)).where(
            subscriber_events.c.subscriber_id == subscriber_id,
            subscriber_events.c.kind == ADDRESS_CHANGED,
        )
    )
    return found


def speak(connection: Connection, reader: Person, language: str, *, by: str, now: datetime) -> bool:
    """Have letters and pages speak a language to a reader; whether it is another one."""
    if reader.language == language:
        return False
    changed = update(subscribers).where(subscribers.c.id == reader.id)
    connection.execute(changed.values(language=language))
    note(connection, reader.id, "language", by=by, now=now, more={"language": language})
    return True


def renew_feed(connection: Connection, reader: Person, *, by: str, now: datetime) -> str:
    """Give a reader's private feed a new address, which ends the one it had; its key."""
    key = secrets.token_hex(_KEY_BYTES)
    _keep_feed(connection, reader, key, by, now)
    return key


def end_feed(connection: Connection, reader: Person, *, by: str, now: datetime) -> bool:
    """Take a reader's private feed away; whether they had one."""
    if reader.feed_key is None:
        return False
    _keep_feed(connection, reader, None, by, now)
    return True


def _keep_feed(
    connection: Connection, reader: Person, key: str | None, by: str, now: datetime
) -> None:
    changed = update(subscribers).where(subscribers.c.id == reader.id)
    connection.execute(changed.values(feed_key=key))
    kind = "feed_renewed" if key else "feed_ended"
    note(connection, reader.id, kind, by=by, now=now)
