"""What became of many editions, some numbers each: a query for all of them, not one for each."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from colporteur.db.tables.audience import subscriber_events
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.feedback import feedback
from colporteur.editions.progress import COUNTED
from colporteur.editions.store import Edition
from colporteur.editions.tallies import AFTERWARDS

SUMMED = ("readers", *COUNTED, *AFTERWARDS)
_CAME_BACK = {"bounce": "bounced", "complaint": "complained"}


def sums_of(connection: Connection, found: Collection[Edition]) -> Mapping[int, Mapping[str, int]]:
    """By edition: readers, sent, deferred, failed, skipped, bounced, complained, unsubscribed."""
    sums = {one.id: dict.fromkeys(SUMMED, 0) for one in found}
    _sent(connection, sums)
    _came_back(connection, sums)
    _left(connection, {one.public_id: one for one in found}, sums)
    return sums


def _sent(connection: Connection, sums: dict[int, dict[str, int]]) -> None:
    counted = [func.sum(batches.c[name]) for name in ("size", *COUNTED)]
    rows = connection.execute(
        select(batches.c.edition_id, *counted)
        .where(batches.c.edition_id.in_(sums))
        .group_by(batches.c.edition_id)
    )
    for edition_id, *numbers in rows:
        named = zip(("readers", *COUNTED), numbers, strict=True)
        sums[edition_id] |= {name: int(number or 0) for name, number in named}


def _came_back(connection: Connection, sums: dict[int, dict[str, int]]) -> None:
    """Readers, not messages; what a relay refused at once is a failed delivery already."""
    rows = connection.execute(
        select(
            feedback.c.edition_id,
            feedback.c.kind,
            func.count(feedback.c.subscriber_id.distinct()),
        )
        .where(
            feedback.c.edition_id.in_(sums),
            feedback.c.kind.in_(list(_CAME_BACK)),
            feedback.c.source != "smtp",
        )
        .group_by(feedback.c.edition_id, feedback.c.kind)
    )
    for edition_id, kind, readers in rows:
        sums[edition_id][_CAME_BACK[kind]] = readers


def _left(
    connection: Connection, editions: Mapping[str, Edition], sums: dict[int, dict[str, int]]
) -> None:
    """Who left by a link of it."""
    frozen = [one.frozen_at for one in editions.values() if one.frozen_at is not None]
    if not frozen:
        return
    event = subscriber_events.c
    by_link = event.detail["edition"].as_string()
    rows = connection.execute(
        select(by_link, func.count(event.subscriber_id.distinct()))
        .where(event.kind == "unsubscribed", event.at >= min(frozen), by_link.in_(list(editions)))
        .group_by(by_link)
    )
    for public_id, readers in rows:
        sums[editions[public_id].id]["unsubscribed"] = readers
