"""What became of many editions, a line each: sums that count no delivery one by one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from colporteur.db.bulk import among
from colporteur.db.tables.audience import subscriber_events
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.editions.store import Edition, of_ids


@dataclass(frozen=True)
class Total:
    """An edition and how many readers it was for, by what became of their mail.

    ``sent`` was accepted by the relay; of those some came back, complained, or left by a link of
    it.
    """

    edition: Edition
    readers: int
    sent: int
    deferred: int
    failed: int
    skipped: int
    bounced: int
    complained: int
    unsubscribed: int

    @property
    def at(self) -> datetime:
        """When its mail left, or was to."""
        found = self.edition
        moment = found.first_left_at or found.send_at or found.frozen_at
        assert moment is not None
        return moment


COUNTED = ("sent", "deferred", "failed", "skipped", "bounced", "complained", "unsubscribed")


def totals(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    channel_id: int | None = None,
    limit: int | None = None,
) -> list[Total]:
    """The editions of a time that were fixed for somebody, the newest first."""
    query = select(editions.c.id).where(
        editions.c.send_at >= since, editions.c.send_at <= until, editions.c.frozen_at.is_not(None)
    )
    if channel_id is not None:
        query = query.where(editions.c.channel_id == channel_id)
    order = (editions.c.send_at.desc(), editions.c.id.desc())
    ids = connection.scalars(query.order_by(*order).limit(limit)).all()
    found = of_ids(connection, ids)
    sums, back = _sums(connection, ids), _back(connection, ids)
    left = _left(connection, since)
    return [
        Total(
            found[one],
            *sums[one],
            bounced=back[one, "bounce"],
            complained=back[one, "complaint"],
            unsubscribed=left[found[one].public_id],
        )
        for one in ids
        if one in sums
    ]


def possible_duplicates(connection: Connection, edition_id: int) -> int:
    """How many messages of an edition may have arrived twice: nobody recorded their answer."""
    counted = select(func.coalesce(func.sum(deliveries.c.possible_duplicates), 0))
    return int(connection.scalar(counted.where(deliveries.c.edition_id == edition_id)) or 0)


def last_left_at(connection: Connection, edition_id: int) -> datetime | None:
    """When the last message of an edition was taken, so far."""
    found: datetime | None = connection.scalar(
        select(func.max(deliveries.c.ended_at, type_=deliveries.c.ended_at.type)).where(
            deliveries.c.edition_id == edition_id, deliveries.c.status == "sent"
        )
    )
    return found


def _sums(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, int, int, int, int]]:
    names = ("size", "sent", "deferred", "failed", "skipped")
    query = (
        select(batches.c.edition_id, *(func.sum(batches.c[name]) for name in names))
        .where(among(connection, batches.c.edition_id, ids))
        .group_by(batches.c.edition_id)
    )
    rows = connection.execute(query)
    return {
        one: (int(size), int(sent), int(deferred), int(failed), int(skipped))
        for one, size, sent, deferred, failed, skipped in rows
    }


def _back(connection: Connection, ids: Sequence[int]) -> Counter[tuple[int, str]]:
    """What came back later; what relays refused at once has failed already."""
    keys = (feedback.c.edition_id, feedback.c.kind)
    query = (
        select(*keys, func.count(feedback.c.subscriber_id.distinct()))
        .where(among(connection, feedback.c.edition_id, ids), feedback.c.source != "smtp")
        .group_by(*keys)
    )
    return Counter({(one, kind): count for one, kind, count in connection.execute(query)})


def _left(connection: Connection, since: datetime) -> Counter[str]:
    """How many left by a link of each edition, by its public id."""
    event = subscriber_events.c
    edition = event.detail["edition"].as_string().label("edition")
    query = (
        select(edition, func.count(event.subscriber_id.distinct()))
        .where(event.kind == "unsubscribed", event.at >= since)
        .where(edition.is_not(None))
        .group_by(edition)
    )
    rows = connection.execute(query)
    return Counter({one: count for one, count in rows})  # noqa: C416 - rows are not pairs to mypy
