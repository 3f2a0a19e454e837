"""One reader, found by their address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.audience.addresses import EmailAddress
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.exceptions import UnknownName


@dataclass(frozen=True)
class Reader:
    """A subscriber, and the ids of their subscriptions, ended ones included."""

    id: int
    address: str
    name: str
    language: str
    state: str
    created_at: datetime
    subscription_ids: tuple[int, ...]


def reader_of(connection: Connection, address: EmailAddress) -> Reader:
    """The reader of an address, however it is spelt.

    Raises:
        UnknownName: nobody has it, or they were erased.
    """
    row = connection.execute(
        select(
            subscribers.c.id,
            subscribers.c.address,
            subscribers.c.name,
            subscribers.c.language,
            subscribers.c.state,
            subscribers.c.created_at,
        ).where(subscribers.c.address_key == address.key)
    ).first()
    if row is None:
        cure = "See how they spell it, or add them: colporteur subscribers add …"
        raise UnknownName(f"No subscriber has the address {address.text}.", cure=cure)
    held = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == row.id)
    ids = connection.scalars(held.order_by(subscriptions.c.id))
    return Reader(*row, subscription_ids=tuple(ids))
