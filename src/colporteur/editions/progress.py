"""How far editions are: sums over batches, which are counted anew as they are worked on.

An edition of a million has ten thousand batches: reading its progress counts no delivery.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Update, bindparam, func, select, update

from colporteur.db.tables.delivery import batches, deliveries

COUNTED = ("sent", "deferred", "failed", "skipped")


@dataclass(frozen=True)
class Progress:
    """How many readers of an edition have it, and how the others stand.

    ``deferred`` are tried again; ``next_at`` is when the next are due, None when none waits.
    """

    readers: int
    sent: int
    deferred: int
    failed: int
    skipped: int
    next_at: datetime | None

    @property
    def waiting(self) -> int:
        """Those that were not tried yet."""
        return self.readers - self.done - self.deferred

    @property
    def done(self) -> int:
        """Those that nothing more is sent to."""
        return self.sent + self.failed + self.skipped


def progress(connection: Connection, edition_id: int) -> Progress:
    """How far an edition is; a batch that is being sent counts as at its last group but one."""
    sums = [func.coalesce(func.sum(batches.c[name]), 0) for name in ("size", *COUNTED)]
    open_until = func.min(batches.c.due_at, type_=batches.c.due_at.type)
    row = connection.execute(
        select(*sums, open_until.filter(batches.c.status != "done")).where(
            batches.c.edition_id == edition_id
        )
    ).one()
    readers, sent, deferred, failed, skipped = (int(one) for one in row[:5])
    return Progress(readers, sent, deferred, failed, skipped, row[5])


def _recounting(of_batches: ColumnElement[bool]) -> Update:
    counts = {
        name: func.count().filter(deliveries.c.status == name).label(name) for name in COUNTED
    }
    found = (
        select(deliveries.c.batch_id, *counts.values())
        .where(of_batches)
        .group_by(deliveries.c.batch_id)
        .subquery()
    )
    return (
        update(batches)
        .where(batches.c.id == found.c.batch_id)
        .values({name: found.c[name] for name in COUNTED})
    )


_RECOUNT_ONE = _recounting(deliveries.c.batch_id == bindparam("batch"))
"""Built once: it is run with each batch that is given back."""


def recount(connection: Connection, batch_id: int) -> None:
    """Count anew how far a batch is."""
    connection.execute(_RECOUNT_ONE, {"batch": batch_id})


def recount_all(connection: Connection, *which: ColumnElement[bool]) -> None:
    """Count anew how far batches are; ``which`` are conditions on them."""
    ids = select(batches.c.id).where(*which)
    connection.execute(_recounting(deliveries.c.batch_id.in_(ids)))


def recount_editions(connection: Connection, edition_ids: Collection[int]) -> None:
    """Count anew how far editions are of which deliveries were closed or opened at once."""
    if edition_ids:
        recount_all(connection, batches.c.edition_id.in_(sorted(edition_ids)))
