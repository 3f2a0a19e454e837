"""From groups to the ledger: variants, batches and deliveries, by a few statements."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, and_, func, insert, literal, select

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.editions.freezing.tables import (
    ALIKE,
    HOUR,
    NO_NUMBER,
    NO_ZONE,
    Group,
    choices,
    hours,
    readers,
    rows,
)
from colporteur.editions.hours import Hour

BATCH_SIZE = 100
SPECIAL_PRIORITY = 1
REGULAR_PRIORITY = 5
EVERYWHERE = "rest"  # the domain group of addresses that have no limits of their own


def deliver(
    connection: Connection,
    edition_id: int,
    served: Sequence[tuple[Group, int]],
    due: Callable[[Hour], datetime],
    priority: int,
) -> int:
    """Insert the batches and deliveries of groups, each with its variant's id; how many.

    ``due`` says when mail is due to readers who chose an hour.
    """
    connection.execute(
        insert(choices),
        [
            {**{name: getattr(group, name) for name in ALIKE}, "variant_id": variant_id}
            for group, variant_id in served
        ],
    )
    _note_hours(connection, due)
    _note_rows(connection)
    per_batch = (
        select(
            literal(edition_id),
            rows.c.batch_no,
            literal(priority),
            literal(EVERYWHERE),
            func.min(rows.c.due_at, type_=rows.c.due_at.type),
            literal("pending"),
            literal(0),
        )
        .group_by(rows.c.batch_no)
        .order_by(rows.c.batch_no)
    )
    columns = "edition_id batch_no priority domain_group due_at status attempts"
    connection.execute(insert(batches).from_select(columns.split(), per_batch))
    _insert_deliveries(connection, edition_id)
    return sum(group.readers for group, _ in served)


def _note_hours(connection: Connection, due: Callable[[Hour], datetime]) -> None:
    chosen = select(*(readers.c[name] for name in HOUR)).distinct()
    noted = [
        {**dict(zip(HOUR, row, strict=True)), "due_at": due(_hour(*row))}
        for row in connection.execute(chosen)
    ]
    connection.execute(insert(hours), noted)


def _hour(weekday: int, minute: int, timezone: str) -> Hour:
    return Hour(
        None if weekday == NO_NUMBER else weekday,
        None if minute == NO_NUMBER else minute,
        None if timezone == NO_ZONE else timezone,
    )


def _note_rows(connection: Connection) -> None:
    """A row a delivery, those due first in the first batches."""
    alike = and_(*(choices.c[name] == readers.c[name] for name in ALIKE))
    same_hour = and_(*(hours.c[name] == readers.c[name] for name in HOUR))
    order = (hours.c.due_at, readers.c.subscription_id)
    place = func.row_number().over(order_by=order) - 1
    numbered = (
        select(
            readers.c.subscription_id,
            readers.c.subscriber_id,
            choices.c.variant_id,
            hours.c.due_at,
            place // literal(BATCH_SIZE, Integer, literal_execute=True),
        )
        .join(choices, alike)
        .join(hours, same_hour)
    )
    connection.execute(insert(rows).from_select(list(rows.c), numbered))


def _insert_deliveries(connection: Connection, edition_id: int) -> None:
    found = (
        select(
            literal(edition_id),
            rows.c.variant_id,
            rows.c.subscriber_id,
            rows.c.subscription_id,
            batches.c.id,
            literal("pending"),
            rows.c.due_at,
            literal(0),
            literal(0),
        )
        .join(batches, batches.c.batch_no == rows.c.batch_no)
        .where(batches.c.edition_id == edition_id)
        .order_by(rows.c.batch_no, rows.c.due_at, rows.c.subscription_id)
    )
    columns = (
        "edition_id variant_id subscriber_id subscription_id batch_id status due_at attempts "
        "possible_duplicates"
    )
    connection.execute(insert(deliveries).from_select(columns.split(), found))
