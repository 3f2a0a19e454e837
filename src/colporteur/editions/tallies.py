"""What became of an edition's messages, counted by outcome, reason and domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select

from colporteur.db.tables.audience import subscriber_events, subscribers
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.feedback import feedback
from colporteur.editions.store import Edition

DELIVERED = ("sent", "pending", "inflight", "deferred", "failed", "skipped")
AFTERWARDS = ("bounced", "complained", "unsubscribed")
"""What became of some of those that were sent."""
OUTCOMES = (*DELIVERED, *AFTERWARDS)
NOBODYS = ""
"""The domain of who was erased, and of deliveries that were forgotten."""
_WORST = ("message", "rate", "policy", "soft", "hard")
"""Verdicts of bounces, those that say most of an address last."""
_CAME_BACK = {"bounce": "bounced", "complaint": "complained"}


@dataclass(frozen=True)
class Tally:
    """How many readers of a domain had an outcome for one reason; empty where there is none."""

    outcome: str
    why: str
    domain: str
    readers: int


def tallies(connection: Connection, edition: Edition) -> list[Tally]:
    """All there is to count, by outcome, then reason and domain.

    Once the deliveries are forgotten, what their batches counted is left.
    """
    found = _delivered(connection, edition.id) or _remembered(connection, edition.id)
    found += _came_back(connection, edition.id)
    found += _left(connection, edition)
    return sorted(found, key=lambda one: (OUTCOMES.index(one.outcome), one.why, one.domain))


def by_outcome(found: Iterable[Tally]) -> dict[tuple[str, str], int]:
    """Readers by outcome and reason, all domains together."""
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one.outcome, one.why)
        counts[key] = counts.get(key, 0) + one.readers
    return counts


def by_domain(found: Iterable[Tally]) -> Mapping[str, Mapping[str, int]]:
    """Readers by outcome for each domain, the domain of most readers first."""
    counts: dict[str, dict[str, int]] = {}
    for one in found:
        row = counts.setdefault(one.domain, dict.fromkeys(OUTCOMES, 0))
        row[one.outcome] += one.readers
    return dict(sorted(counts.items(), key=lambda item: (-_readers(item[1]), item[0])))


def _readers(row: Mapping[str, int]) -> int:
    return sum(row[name] for name in DELIVERED)


def _delivered(connection: Connection, edition_id: int) -> list[Tally]:
    status = deliveries.c.status
    refused = status.in_(["failed", "deferred"])
    code, enhanced = (
        case((refused, column)) for column in (deliveries.c.smtp_code, deliveries.c.enhanced_code)
    )
    keys = (status, deliveries.c.reason, code, enhanced, _domain())
    rows = connection.execute(
        select(*keys, func.count())
        .outerjoin_from(deliveries, subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.edition_id == edition_id)
        .group_by(*keys)
    )
    return [Tally(row[0], _said(*row[1:4]), row[4], row[5]) for row in rows]


def _domain() -> ColumnElement[str]:
    return func.coalesce(subscribers.c.domain, NOBODYS)


def _said(*parts: object) -> str:
    return " ".join(str(one) for one in parts if one)


def _remembered(connection: Connection, edition_id: int) -> list[Tally]:
    names = ("sent", "deferred", "failed", "skipped")
    sums = connection.execute(
        select(*(func.sum(batches.c[name]) for name in names)).where(
            batches.c.edition_id == edition_id
        )
    ).one()
    return [
        Tally(name, "", NOBODYS, count) for name, count in zip(names, sums, strict=True) if count
    ]


def _came_back(connection: Connection, edition_id: int) -> list[Tally]:
    """What came back later, by the worst of it; what relays refused at once is a failed delivery."""
    rank = case({name: at for at, name in enumerate(_WORST)}, value=feedback.c.verdict, else_=-1)
    each = (
        select(
            feedback.c.subscriber_id,
            feedback.c.kind,
            func.max(func.coalesce(feedback.c.domain, NOBODYS)).label("domain"),
            func.max(rank).label("rank"),
        )
        .where(
            feedback.c.edition_id == edition_id,
            feedback.c.source != "smtp",
            feedback.c.kind.in_(list(_CAME_BACK)),
        )
        .group_by(feedback.c.subscriber_id, feedback.c.kind)
        .subquery()
    )
    keys = (each.c.kind, each.c.rank, each.c.domain)
    rows = connection.execute(select(*keys, func.count()).group_by(*keys))
    return [
        Tally(_CAME_BACK[kind], _WORST[rank] if rank >= 0 else "", domain, readers)
        for kind, rank, domain, readers in rows
    ]


def _left(connection: Connection, edition: Edition) -> list[Tally]:
    """Who left by a link of this edition."""
    event = subscriber_events.c
    if edition.frozen_at is None:
        return []
    keys = (func.coalesce(event.detail["reason"].as_string(), ""), _domain())
    rows = connection.execute(
        select(*keys, func.count(event.subscriber_id.distinct()))
        .join(subscribers, subscribers.c.id == event.subscriber_id)
        .where(event.kind == "unsubscribed", event.at >= edition.frozen_at)
        .where(event.detail["edition"].as_string() == edition.public_id)
        .group_by(*keys)
    )
    return [Tally("unsubscribed", *row) for row in rows]
