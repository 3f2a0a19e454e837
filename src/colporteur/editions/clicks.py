"""How often each link of an edition was followed, where the publisher counts that; never by whom."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.editions import clicks


@dataclass(frozen=True)
class Clicked:
    """A link of an edition, and how often it was followed."""

    url: str
    count: int


def count_click(connection: Connection, edition_id: int, url: str) -> None:
    """Count one."""
    key = hashlib.sha256(url.encode()).hexdigest()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = {"edition_id": edition_id, "url_key": key, "url": url, "count": 1}
    connection.execute(
        dialect.insert(clicks)
        .values(first)
        .on_conflict_do_update(
            index_elements=[clicks.c.edition_id, clicks.c.url_key],
            set_={"count": clicks.c.count + 1},
        )
    )


def clicks_of(connection: Connection, edition_id: int) -> Sequence[Clicked]:
    """The links of an edition that were followed, the most followed first."""
    mine = select(clicks.c.url, clicks.c["count"]).where(clicks.c.edition_id == edition_id)
    rows = connection.execute(mine.order_by(clicks.c["count"].desc(), clicks.c.url))
    return [Clicked(*row) for row in rows]
