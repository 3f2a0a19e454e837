"""The temporary tables of a freeze, which carry its readers from choosing to the ledger.

``freeze_readers`` has a row a reader, with what choosing looks at; ``freeze_choices`` says which
variant readers get whom choosing cannot tell apart; ``freeze_hours`` when they want it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    select,
    text,
)

from colporteur.db.types import Id, Instant

_metadata = MetaData()
_TEMPORARY = ["TEMPORARY"]
ALIKE = ("profile_id", "start_number", "base_id", "settled", "claimed")
"""What choosing looks at: readers equal in it get the same."""
HOUR = ("weekday", "minute", "timezone")
NO_NUMBER, NO_ZONE = -1, ""
"""Stand for what a reader has not chosen, so that joins are plain."""

readers = Table(
    "freeze_readers",
    _metadata,
    Column("subscription_id", Id),
    Column("subscriber_id", Id),
    Column("profile_id", Id),
    Column("start_number", Id),
    Column("base_id", Id),  # the variant whose ``settled`` holds for them; 0: see ``settled``
    Column("settled", Text),
    Column("claimed", Text),
    Column("weekday", Integer),
    Column("minute", Integer),
    Column("timezone", String(64)),
    Column("domain", String(255)),
    prefixes=_TEMPORARY,
)
domains = Table(
    "freeze_domains",
    _metadata,
    Column("domain", String(255), primary_key=True),
    Column("domain_group", String(255)),
    prefixes=_TEMPORARY,
)
troubled = Table(
    "freeze_troubled",
    _metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    prefixes=_TEMPORARY,
)
others = Table(
    "freeze_others",
    _metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    prefixes=_TEMPORARY,
)
claims = Table(
    "freeze_claims",
    _metadata,
    Column("variant_id", Id, primary_key=True, autoincrement=False),
    Column("claim", Integer),
    prefixes=_TEMPORARY,
)
claimed = Table(
    "freeze_claimed",
    _metadata,
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    Column("claims", Text),
    prefixes=_TEMPORARY,
)
choices = Table(
    "freeze_choices",
    _metadata,
    *(Column(name, Id) for name in ALIKE[:3]),
    *(Column(name, Text) for name in ALIKE[3:]),
    Column("variant_id", Id),
    prefixes=_TEMPORARY,
)
hours = Table(
    "freeze_hours",
    _metadata,
    Column("weekday", Integer),
    Column("minute", Integer),
    Column("timezone", String(64)),
    Column("due_at", Instant),
    prefixes=_TEMPORARY,
)
rows = Table(
    "freeze_rows",
    _metadata,
    Column("subscription_id", Id),
    Column("subscriber_id", Id),
    Column("variant_id", Id),
    Column("due_at", Instant),
    Column("domain_group", String(255)),
    Column("part", Integer),  # of those due together in one group
    prefixes=_TEMPORARY,
)
parts = Table(
    "freeze_parts",
    _metadata,
    Column("due_at", Instant),
    Column("domain_group", String(255)),
    Column("part", Integer),
    Column("batch_no", Integer),
    Column("size", Integer),
    prefixes=_TEMPORARY,
)
profiles = Table(
    "freeze_profiles",
    _metadata,
    Column("profile_id", Id, primary_key=True, autoincrement=False),
    prefixes=_TEMPORARY,
)


@dataclass(frozen=True)
class Group:
    """Readers whom choosing cannot tell apart, and how many they are."""

    profile_id: int
    start_number: int
    base_id: int
    settled: str
    claimed: str
    readers: int


@contextmanager
def freezing_tables(connection: Connection) -> Iterator[None]:
    """Have the temporary tables for the length of a freeze."""
    _metadata.create_all(connection)
    yield
    _metadata.drop_all(connection)


def count_rows(connection: Connection, *tables: Table) -> None:
    """Have the planner know how long tables are that were just filled: it would guess wrongly."""
    for table in tables:
        connection.execute(text(f"ANALYZE {table.name}"))


def grouped(connection: Connection) -> list[Group]:
    """The readers, counted by what choosing looks at."""
    same = [readers.c[name] for name in ALIKE]
    found = connection.execute(select(*same, func.count()).group_by(*same).order_by(*same))
    return [Group(*tuple(row)) for row in found]
