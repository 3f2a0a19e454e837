"""Which editions brought an article, or will."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from colporteur.db.tables.editions import edition_articles, editions


@dataclass(frozen=True)
class Brought:
    """An edition with an article in it; ``left_at`` is None until its first message left."""

    id: int
    public_id: str
    channel_id: int
    kind: str
    state: str
    moment: datetime | None
    left_at: datetime | None
    version: int
    taken_out_at: datetime | None


def editions_of(connection: Connection, article_id: int) -> list[Brought]:
    """The editions that an article was fixed for, the last first."""
    moment = func.coalesce(
        editions.c.slot, editions.c.send_at, editions.c.first_left_at, type_=editions.c.slot.type
    )
    rows = connection.execute(
        select(editions.c.id, editions.c.public_id, editions.c.channel_id, editions.c.kind)
        .add_columns(editions.c.state, moment, editions.c.first_left_at)
        .add_columns(edition_articles.c.version, edition_articles.c.taken_out_at)
        .join(edition_articles, edition_articles.c.edition_id == editions.c.id)
        .where(edition_articles.c.article_id == article_id)
        .order_by(editions.c.id.desc())
    )
    return [Brought(*row) for row in rows]
