"""What a reader had of other editions at the moment when one was frozen.

The ledger says how things are now: a delivery that failed since was live then, and one that made
way for a special since still had its articles. Freezes are put in order by their events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_articles, edition_events, editions, variants
from colporteur.editions.skips import NOT_BROUGHT
from colporteur.editions.store import REGULAR, Edition
from colporteur.editions.windows import Window, read_windows

_FIXED = ("frozen", "awaiting_approval", "held", "skipped")
_NO_END = 2**62


@dataclass(frozen=True)
class Had:
    """An edition's delivery to a reader as it was at a moment; ``tried``: it may have left."""

    edition: int
    day: datetime
    regular: bool
    channel_id: int
    subscription_id: int
    articles: tuple[int, ...]
    windows: tuple[Window, ...]
    tried: bool


def had_before(
    connection: Connection, edition: Edition, subscriber_id: int, moment: datetime
) -> list[Had]:
    """The live deliveries that a reader had when an edition was frozen, or now where it is not."""
    rows = connection.execute(
        select(
            deliveries.c.status,
            deliveries.c.ended_at,
            deliveries.c.inflight_at,
            deliveries.c.subscription_id,
            variants,
            editions.c.kind,
            editions.c.channel_id,
            func.coalesce(editions.c.slot, editions.c.send_at, type_=editions.c.slot.type).label(
                "day"
            ),
        )
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(deliveries.c.subscriber_id == subscriber_id, editions.c.id != edition.id)
        .order_by(deliveries.c.id)
    ).all()
    specials = {_special(mark) for row in rows for mark in row.without} - {None}
    order = _order(connection, {row.edition_id for row in rows} | specials | {edition.id})
    mine = order.get(edition.id, _NO_END)
    return [
        _had(connection, row, order, mine, moment)
        for row in rows
        if order.get(row.edition_id, _NO_END) < mine and _live(row, moment)
    ]


def made_way_for(marks: Iterable[str]) -> list[int]:
    """The special editions among the marks of a copy."""
    return [one for mark in marks if (one := _special(mark)) is not None]


def _live(row: Any, moment: datetime) -> bool:
    if row.status not in NOT_BROUGHT:
        return True
    return row.ended_at is not None and row.ended_at > moment


def _had(
    connection: Connection, row: Any, order: Mapping[Any, int], mine: int, moment: datetime
) -> Had:
    then = row
    if row.base_id is not None and not _moved_by(connection, row, order, mine, moment):
        base = select(variants).where(variants.c.id == row.base_id)
        then = connection.execute(base).one()
    return Had(
        row.edition_id,
        row.day,
        row.kind == REGULAR,
        row.channel_id,
        row.subscription_id,
        tuple(then.articles),
        read_windows(then.windows),
        any(at is not None and at <= moment for at in (row.inflight_at, row.ended_at)),
    )


def _moved_by(
    connection: Connection, copy: Any, order: Mapping[Any, int], mine: int, moment: datetime
) -> bool:
    """Whether anything had been taken out of a copy by then."""
    for mark in copy.without:
        special = _special(mark)
        if special is not None and order.get(special, _NO_END) <= mine:
            return True
        if special is None and (at := _taken_out_at(connection, copy, mark)) and at <= moment:
            return True
    return False


def _taken_out_at(connection: Connection, copy: Any, mark: str) -> datetime | None:
    return connection.scalar(
        select(edition_articles.c.taken_out_at).where(
            edition_articles.c.edition_id == copy.edition_id,
            edition_articles.c.article_id == int(mark.rpartition(" ")[2]),
        )
    )


def _special(mark: str) -> int | None:
    kind, _, number = mark.partition(" ")
    return int(number) if kind == "edition" else None


def _order(connection: Connection, edition_ids: Iterable[Any]) -> dict[Any, int]:
    """By edition the number of the event that was its freeze; none for what is not frozen."""
    rows = connection.execute(
        select(edition_events.c.edition_id, func.max(edition_events.c.id))
        .join(editions, editions.c.id == edition_events.c.edition_id)
        .where(
            edition_events.c.edition_id.in_(sorted(edition_ids)),
            edition_events.c.at == editions.c.frozen_at,
            edition_events.c.from_state == "open",
            edition_events.c.to_state.in_(_FIXED),
        )
        .group_by(edition_events.c.edition_id)
    )
    return {edition_id: number for edition_id, number in rows}  # noqa: C416 - no pairs to mypy
