"""The readers of a freeze, set-based: from subscriptions to deliveries in a few statements.

Two temporary tables carry them: ``freeze_readers`` has a row a reader, ``freeze_choices`` says
which variant readers get whom choosing cannot tell apart.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Subquery,
    Table,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    select,
)

from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.db.types import Id
from colporteur.editions.choosing import Window
from colporteur.editions.store import Edition

BATCH_SIZE = 100
REGULAR_PRIORITY = 5
EVERYWHERE = "rest"  # the domain group of addresses that have no limits of their own

_metadata = MetaData()
_readers = Table(
    "freeze_readers",
    _metadata,
    Column("subscription_id", Id),
    Column("subscriber_id", Id),
    Column("profile_id", Id),
    Column("start_number", Id),
    Column("settled", Text),
    Column("claimed", Text),
    prefixes=["TEMPORARY"],
)
_choices = Table(
    "freeze_choices",
    _metadata,
    Column("profile_id", Id),
    Column("start_number", Id),
    Column("settled", Text),
    Column("claimed", Text),
    Column("variant_id", Id),
    prefixes=["TEMPORARY"],
)
_ALIKE = ("profile_id", "start_number", "settled", "claimed")  # what choosing looks at
_LIVE = deliveries.c.status.not_in(["failed", "skipped"])


@dataclass(frozen=True)
class Group:
    """Readers whom choosing cannot tell apart, and how many they are."""

    profile_id: int
    start_number: int
    settled: str
    claimed: str
    readers: int


@contextmanager
def freezing_tables(connection: Connection) -> Iterator[None]:
    """Have the temporary tables for the length of a freeze."""
    _metadata.create_all(connection)
    yield
    _metadata.drop_all(connection)


def gather(
    connection: Connection, edition: Edition, oldest_number: int, overlapping: Sequence[int]
) -> list[Group]:
    """Note each active reader of the cadence, and count them by what choosing looks at.

    ``settled`` lists the windows of live deliveries that reach ``oldest_number`` or beyond;
    ``claimed`` the variants among ``overlapping`` that they get through another channel.
    """
    settled = _settled(oldest_number)
    claimed = _claimed(edition.channel_id, overlapping)
    of_cadence = (
        select(
            subscriptions.c.id,
            subscriptions.c.subscriber_id,
            subscriptions.c.profile_id,
            subscriptions.c.start_number,
            func.coalesce(settled.c.windows, ""),
            func.coalesce(claimed.c.variants, ""),
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .outerjoin(settled, settled.c.subscription_id == subscriptions.c.id)
        .outerjoin(claimed, claimed.c.subscriber_id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.channel_id == edition.channel_id,
            subscriptions.c.cadence == edition.cadence,
            subscriptions.c.state == "active",
            subscribers.c.state == "active",
        )
    )
    connection.execute(insert(_readers).from_select(list(_readers.c), of_cadence))
    same = [_readers.c[name] for name in _ALIKE]
    rows = connection.execute(select(*same, func.count()).group_by(*same).order_by(*same))
    return [Group(*tuple(row)) for row in rows]


def _settled(oldest_number: int) -> Subquery:
    """For each subscription, the windows of its live deliveries."""
    live = (
        select(deliveries.c.subscription_id, variants.c.windows)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(_LIVE, variants.c.number_to >= oldest_number)
        .order_by(deliveries.c.subscription_id, variants.c.id)
        .subquery()
    )
    windows = func.aggregate_strings(live.c.windows, ",").label("windows")
    return select(live.c.subscription_id, windows).group_by(live.c.subscription_id).subquery()


def _claimed(channel_id: int, overlapping: Sequence[int]) -> Subquery:
    """For each subscriber, the overlapping variants that other channels bring them."""
    live = (
        select(deliveries.c.subscriber_id, cast(deliveries.c.variant_id, Text).label("variant"))
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            _LIVE,
            deliveries.c.variant_id.in_(overlapping),
            subscriptions.c.channel_id != channel_id,
        )
        .order_by(deliveries.c.subscriber_id, deliveries.c.variant_id)
        .subquery()
    )
    variant_ids = func.aggregate_strings(live.c.variant, ",").label("variants")
    return select(live.c.subscriber_id, variant_ids).group_by(live.c.subscriber_id).subquery()


def read_windows(settled: str) -> tuple[Window, ...]:
    """The windows that a text such as ``3-5,10-20`` lists."""
    pairs = (part.split("-") for part in settled.split(",") if part)
    return tuple((int(low), int(high)) for low, high in pairs)


def write_windows(windows: Sequence[Window]) -> str:
    """The text that ``read_windows`` reads."""
    return ",".join(f"{low}-{high}" for low, high in windows)


def deliver(connection: Connection, edition: Edition, served: Sequence[tuple[Group, int]]) -> None:
    """Insert the batches and deliveries of groups, each with its variant's id."""
    connection.execute(
        insert(_choices),
        [
            {**{name: getattr(group, name) for name in _ALIKE}, "variant_id": variant_id}
            for group, variant_id in served
        ],
    )
    readers = sum(group.readers for group, _ in served)
    connection.execute(
        insert(batches),
        [
            {
                "edition_id": edition.id,
                "batch_no": number,
                "priority": REGULAR_PRIORITY,
                "domain_group": EVERYWHERE,
                "due_at": edition.send_at,
                "status": "pending",
                "attempts": 0,
            }
            for number in range(-(-readers // BATCH_SIZE))
        ],
    )
    _insert_deliveries(connection, edition)


def _insert_deliveries(connection: Connection, edition: Edition) -> None:
    same = and_(*(_choices.c[name] == _readers.c[name] for name in _ALIKE))
    place = func.row_number().over(order_by=_readers.c.subscription_id) - 1
    numbered = (
        select(
            _readers.c.subscriber_id,
            _readers.c.subscription_id,
            _choices.c.variant_id,
            (place // literal(BATCH_SIZE, Integer, literal_execute=True)).label("no"),
        )
        .join(_choices, same)
        .subquery()
    )
    rows = select(
        literal(edition.id),
        numbered.c.variant_id,
        numbered.c.subscriber_id,
        numbered.c.subscription_id,
        batches.c.id,
        literal("pending"),
        literal(edition.send_at, deliveries.c.due_at.type),
        literal(0),
        literal(0),
    ).join(batches, and_(batches.c.edition_id == edition.id, batches.c.batch_no == numbered.c.no))
    columns = (
        "edition_id variant_id subscriber_id subscription_id batch_id status due_at attempts "
        "possible_duplicates"
    )
    connection.execute(
        insert(deliveries).from_select(columns.split(), rows.order_by(numbered.c.subscription_id))
    )
