"""Forgets what was kept long enough, in small transactions: nobody waits for a nightly task."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from colporteur.db import alone, reading, writing
from colporteur.delivery.forgetting import tasks
from colporteur.publication import Publication

CHUNK = 5_000
"""Rows of a transaction: a second at most, on SQLite too; they are found outside of it."""


def prune(
    engine: Engine, publication: Publication, now: datetime, *, chunk: int = CHUNK
) -> Iterator[tuple[str, int]]:
    """Forget what is old enough; after each transaction what it forgot, and how much of it.

    Whoever stops asking has the rest forgotten the next time. Nothing is done while another
    process does it.
    """
    with reading(engine) as connection:
        found = tasks(connection, publication, now)
    for task in found:
        left = True
        while left:
            with reading(engine) as connection:  # to look through a large table locks nobody out
                old = list(connection.scalars(task.old.limit(chunk)))
            left = len(old) == chunk
            if not old:
                break
            with writing(engine) as connection:
                if not alone(connection, "prune"):
                    return
                task.forget(connection, old)
            yield task.what, len(old)


def count_old(connection: Connection, publication: Publication, now: datetime) -> Mapping[str, int]:
    """How much ``prune`` would forget, by what it is."""
    found = tasks(connection, publication, now)
    counts = {one.what: select(func.count()).select_from(one.old.subquery()) for one in found}
    return {what: connection.scalar(count) or 0 for what, count in counts.items()}
