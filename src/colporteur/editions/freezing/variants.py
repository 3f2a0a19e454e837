"""Writes the variants of a freeze: readers with the same choice and layout share one."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from colporteur.db.tables.editions import variants
from colporteur.editions.choosing import Chosen
from colporteur.editions.freezing.tables import Group
from colporteur.editions.windows import Window, joined, without, write_windows


@dataclass(frozen=True)
class Serving:
    """What one group gets, what that settles, and all that is settled for them then."""

    group: Group
    chosen: Chosen
    layout: str
    windows: str = ""
    settled: str = ""

    @property
    def key(self) -> str:
        """Equal for groups that share a variant."""
        parts = [self.windows, self.settled, self.chosen.articles, self.chosen.more, self.layout]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def settling(
    before: Sequence[Window], windows: Sequence[Window], holes: Iterable[int], start: int
) -> tuple[str, str]:
    """What a regular digest settles of the windows open to a reader, and all that is settled then.

    ``holes`` are numbers that another delivery brings: if that fails, they are open still. What
    lies up to ``start`` was never theirs, or is too old by now.
    """
    dealt_with = without(windows, holes)
    return write_windows(dealt_with), write_windows(joined([(0, start), *before, *dealt_with]))


def write_variants(
    connection: Connection, edition_id: int, number_to: int, served: Sequence[Serving]
) -> dict[str, int]:
    """Insert a variant for each key; their ids by key."""
    rows: dict[str, dict[str, object]] = {}
    readers: dict[str, int] = {}
    for one in served:
        key = one.key
        readers[key] = readers.get(key, 0) + one.group.readers
        rows.setdefault(
            key,
            {
                "edition_id": edition_id,
                "key": key,
                "windows": one.windows,
                "settled": one.settled,
                "number_to": number_to,
                "articles": list(one.chosen.articles),
                "more": one.chosen.more,
                "layout": one.layout,
            },
        )
    connection.execute(
        insert(variants), [row | {"readers": readers[key]} for key, row in rows.items()]
    )
    written = connection.execute(
        select(variants.c.key, variants.c.id).where(variants.c.edition_id == edition_id)
    )
    return {row.key: row.id for row in written}
