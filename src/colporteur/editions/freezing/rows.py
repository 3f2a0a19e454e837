"""From groups to the ledger: variants, batches and deliveries, by a few statements."""

from collections.abc import Callable, Mapping, Sequence
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
    domains,
    hours,
    parts,
    readers,
    rows,
)
from colporteur.editions.hours import Hour
from colporteur.publication.domains import REST

BATCH_SIZE = 100
LARGE_DOMAIN = 1000
"""So many readers of an edition make a domain a group by itself."""
SPECIAL_PRIORITY = 1
REGULAR_PRIORITY = 5


def deliver(
    connection: Connection,
    edition_id: int,
    served: Sequence[tuple[Group, int]],
    due: Callable[[Hour], datetime],
    priority: int,
    domain_groups: Mapping[str, str],
) -> int:
    """Insert the batches and deliveries of groups, each with its variant's id; how many.

    ``due`` says when mail is due to readers who chose an hour; ``domain_groups`` in which group
    a domain is. A batch holds what is due together in one domain group.
    """
    connection.execute(
        insert(choices),
        [
            {**{name: getattr(group, name) for name in ALIKE}, "variant_id": variant_id}
            for group, variant_id in served
        ],
    )
    _note_hours(connection, due)
    _note_domains(connection, domain_groups)
    _note_rows(connection)
    _note_parts(connection)
    _insert_batches(connection, edition_id, priority)
    _insert_deliveries(connection, edition_id)
    return sum(group.readers for group, _ in served)


def _note_domains(connection: Connection, domain_groups: Mapping[str, str]) -> None:
    """The groups that readers' domains are in: a large domain of no group is one by itself."""
    noted = [{"domain": one, "domain_group": group} for one, group in domain_groups.items()]
    if noted:
        connection.execute(insert(domains), noted)
    large = (
        select(readers.c.domain, readers.c.domain)
        .outerjoin(domains, domains.c.domain == readers.c.domain)
        .where(domains.c.domain.is_(None), readers.c.domain != "")
        .group_by(readers.c.domain)
        .having(func.count() >= LARGE_DOMAIN)
    )
    connection.execute(insert(domains).from_select(["domain", "domain_group"], large))


def _note_hours(connection: Connection, due: Callable[[Hour], datetime]) -> None:
    chosen = select(*(readers.c[name] for name in HOUR)).distinct()
    noted = [
        {**dict(zip(HOUR, row, strict=True)), "due_at": due(hour_of(*row))}
        for row in connection.execute(chosen)
    ]
    connection.execute(insert(hours), noted)


def hour_of(weekday: int, minute: int, timezone: str) -> Hour:
    """What a reader chose, as the tables of a freeze write it."""
    return Hour(
        None if weekday == NO_NUMBER else weekday,
        None if minute == NO_NUMBER else minute,
        None if timezone == NO_ZONE else timezone,
    )


def _note_rows(connection: Connection) -> None:
    """A row a delivery, numbered within what is due together in one domain group."""
    alike = and_(*(choices.c[name] == readers.c[name] for name in ALIKE))
    same_hour = and_(*(hours.c[name] == readers.c[name] for name in HOUR))
    group = func.coalesce(domains.c.domain_group, REST)
    together = (hours.c.due_at, group)
    place = func.row_number().over(partition_by=together, order_by=readers.c.subscription_id) - 1
    numbered = (
        select(
            readers.c.subscription_id,
            readers.c.subscriber_id,
            choices.c.variant_id,
            hours.c.due_at,
            group,
            place // literal(BATCH_SIZE, Integer, literal_execute=True),
        )
        .join(choices, alike)
        .join(hours, same_hour)
        .outerjoin(domains, domains.c.domain == readers.c.domain)
    )
    connection.execute(insert(rows).from_select(list(rows.c), numbered))


def _note_parts(connection: Connection) -> None:
    """The batches to be, those due first in front."""
    alike = (rows.c.due_at, rows.c.domain_group, rows.c.part)
    number = func.row_number().over(order_by=alike) - 1
    found = select(*alike, number, func.count()).group_by(*alike)
    connection.execute(insert(parts).from_select(list(parts.c), found))


def _insert_batches(connection: Connection, edition_id: int, priority: int) -> None:
    made = select(
        literal(edition_id),
        parts.c.batch_no,
        literal(priority),
        parts.c.domain_group,
        parts.c.due_at,
        literal("pending"),
        literal(0),
        parts.c.size,
    ).order_by(parts.c.batch_no)
    columns = "edition_id batch_no priority domain_group due_at status attempts size"
    connection.execute(insert(batches).from_select(columns.split(), made))


def _insert_deliveries(connection: Connection, edition_id: int) -> None:
    same_part = and_(
        rows.c.due_at == parts.c.due_at,
        rows.c.domain_group == parts.c.domain_group,
        rows.c.part == parts.c.part,
    )
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
        .join(parts, same_part)
        .join(batches, batches.c.batch_no == parts.c.batch_no)
        .where(batches.c.edition_id == edition_id)
        .order_by(parts.c.batch_no, rows.c.subscription_id)
    )
    columns = (
        "edition_id variant_id subscriber_id subscription_id batch_id status due_at attempts "
        "possible_duplicates"
    )
    connection.execute(insert(deliveries).from_select(columns.split(), found))
