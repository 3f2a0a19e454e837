"""What became of an edition: its history, its variants, and who got it or did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.editions.clicks import Clicked, clicks_of
from colporteur.editions.store import Edition, history
from colporteur.editions.tallies import DELIVERED, Tally, tallies


@dataclass(frozen=True)
class Happened:
    """A change of an edition: who, when and why; equal states where something else changed."""

    at: datetime
    by: str
    before: str | None
    after: str
    why: str


@dataclass(frozen=True)
class Brought:
    """A variant: how many get it now, its subject once rendered, its articles' slugs."""

    id: int
    readers: int
    subject: str | None
    articles: tuple[str, ...]
    more: int
    layout: str
    copy_of: int | None


@dataclass(frozen=True)
class Received:
    """One reader's delivery; ``address`` is None once they were erased."""

    address: str | None
    status: str
    reason: str | None
    due_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None
    attempts: int
    possible_duplicates: int
    smtp_code: int | None
    reply: str | None


@dataclass(frozen=True)
class Report:
    """All there is to say of an edition but its readers one by one."""

    edition: Edition
    history: tuple[Happened, ...]
    tallies: tuple[Tally, ...]
    variants: tuple[Brought, ...]
    deferred: tuple[Received, ...]
    clicks: tuple[Clicked, ...]

    @property
    def readers(self) -> int:
        """How many were to get it."""
        return sum(one.readers for one in self.tallies if one.outcome in DELIVERED)


def report(connection: Connection, edition: Edition) -> Report:
    """What became of an edition so far."""
    happened = [
        Happened(row.at, row.by, row.from_state, row.to_state, row.why)
        for row in history(connection, edition.id)
    ]
    deferred = _received(deliveries.c.edition_id == edition.id, deliveries.c.status == "deferred")
    return Report(
        edition,
        tuple(happened),
        tuple(tallies(connection, edition)),
        tuple(_variants(connection, edition.id)),
        tuple(Received(*row) for row in connection.execute(deferred)),
        tuple(clicks_of(connection, edition.id)),
    )


def readers_of(connection: Connection, edition_id: int) -> list[Received]:
    """Every reader's delivery of an edition, in the order of their addresses."""
    query = _received(deliveries.c.edition_id == edition_id)
    return [Received(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class Missed:
    """A reader whom an edition has not reached; ``reader_id`` leads to them unless erased."""

    id: int
    reader_id: int
    received: Received


def missed(connection: Connection, edition_id: int, limit: int, after: int = 0) -> list[Missed]:
    """Readers whom an edition has not reached: put off, refused or skipped; some at a time."""
    own = [name for name in Received.__dataclass_fields__ if name != "address"]
    rows = connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.subscriber_id,
            subscribers.c.address,
            *(deliveries.c[name] for name in own),
        )
        .outerjoin_from(deliveries, subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.id > after)
        .where(deliveries.c.status.in_(["deferred", "failed", "skipped"]))
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return [Missed(row[0], row[1], Received(*row[2:])) for row in rows]


def _received(*which: ColumnElement[bool]) -> Select[Any]:
    own = [name for name in Received.__dataclass_fields__ if name != "address"]
    return (
        select(subscribers.c.address, *(deliveries.c[name] for name in own))
        .outerjoin_from(deliveries, subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(*which)
        .order_by(subscribers.c.address_key, deliveries.c.id)
    )


def _variants(connection: Connection, edition_id: int) -> list[Brought]:
    """The variants that somebody gets, the one of most readers first."""
    rows = connection.execute(
        select(variants, func.count(deliveries.c.id).label("got_by"))
        .join(deliveries, deliveries.c.variant_id == variants.c.id)
        .where(variants.c.edition_id == edition_id)
        .group_by(variants.c.id)
        .order_by(func.count(deliveries.c.id).desc(), variants.c.id)
    ).all()
    slugs = _slugs(connection, sorted({one for row in rows for one in row.articles}))
    return [
        Brought(
            row.id,
            row.got_by,
            row.subject if row.rendered_at else None,
            tuple(slugs[one] for one in row.articles),
            row.more,
            row.layout,
            row.base_id,
        )
        for row in rows
    ]


def _slugs(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    query = select(articles.c.id, articles.c.slug).where(articles.c.id.in_(ids))
    return {row.id: row.slug for row in connection.execute(query)}
