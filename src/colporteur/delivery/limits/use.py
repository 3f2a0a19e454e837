"""What was used of quotas, in the database: a restart forgets nothing of it.

Who reads it holds it until their transaction ends: on PostgreSQL by an advisory lock for each
quota, on SQLite as the one writer that there is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.delivery import limit_use
from colporteur.delivery.limits.quotas import Quota, Used

_FORGOTTEN = timedelta(days=63)  # no quota looks back further than 31 days and a bucket
_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtext('colporteur.limit.' || name)) "
    "FROM unnest(CAST(:names AS text[])) AS name"
)

Taken = tuple[str, datetime]
"""A quota's name and the bucket in which something was counted."""


def read_use(connection: Connection, quotas: Sequence[Quota]) -> dict[str, Used]:
    """What was used of each quota, by its name; nobody else uses them until the commit.

    Ask for all quotas of a transaction at once: two that ask one by one may wait for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"names": sorted(one.name for one in quotas)})
    return look_at_use(connection, quotas)


def look_at_use(connection: Connection, quotas: Sequence[Quota]) -> dict[str, Used]:
    """What was used of each quota, by its name, a moment ago."""
    counting = [
        and_(limit_use.c.name == one.name, limit_use.c.starts_at > one.since) for one in quotas
    ]
    found: dict[str, dict[datetime, int]] = {one.name: {} for one in quotas}
    for row in connection.execute(select(limit_use).where(or_(*counting))):
        found[row.name][row.starts_at] = row.used
    return dict(found)


def note_use(
    connection: Connection,
    quotas: Sequence[Quota],
    known: dict[str, Used],
    count: int,
    now: datetime,
) -> None:
    """Count what leaves. With a new bucket, those that count no more are removed."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"name": one.name, "starts_at": one.bucket, "used": count} for one in quotas]
    adding = dialect.insert(limit_use)
    both = limit_use.c.used + adding.excluded.used
    added = adding.on_conflict_do_update(index_elements=["name", "starts_at"], set_={"used": both})
    connection.execute(added, rows)
    if any(one.bucket not in known[one.name] for one in quotas):
        _prune(connection, quotas, now)


def take_back(connection: Connection, taken: Iterable[Taken], count: int) -> None:
    """Count less where something did not leave after all."""
    for name, starts_at in taken:
        same = (limit_use.c.name == name, limit_use.c.starts_at == starts_at)
        enough = limit_use.c.used >= count
        connection.execute(
            update(limit_use).where(*same, enough).values(used=limit_use.c.used - count)
        )


def _prune(connection: Connection, quotas: Sequence[Quota], now: datetime) -> None:
    passed = [
        and_(limit_use.c.name == one.name, limit_use.c.starts_at <= one.since) for one in quotas
    ]
    of_none = limit_use.c.starts_at < now - _FORGOTTEN  # quotas that were taken away
    connection.execute(delete(limit_use).where(or_(*passed, of_none)))
