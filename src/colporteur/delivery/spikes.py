"""Tells people when much of an edition comes back: a bad list costs the sender's good name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, distinct, func, select

from colporteur.audience.heard import Kind
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.delivery.alerts import tell_of_bounces
from colporteur.delivery.classifier import Verdict
from colporteur.editions.store import load

ONE_IN = 10
"""More than one in so many is a spike."""
AT_LEAST = 100
"""Messages of an edition; of fewer, chance says as much."""
_LEFT_SINCE = timedelta(days=7)
_HEARD_SINCE = timedelta(hours=1)
"""Nothing is counted over and over once it is quiet again."""


@dataclass(frozen=True)
class Spike:
    """An edition of which much came back: ``hard`` of those that were ``sent``."""

    edition: int
    hard: int
    sent: int


def spikes(connection: Connection, now: datetime, heard_since: timedelta) -> list[Spike]:
    """The editions of the last week of which more than a tenth bounced hard, some of it lately."""
    return [
        Spike(edition_id, hard, sent)
        for edition_id, hard in _bounced_hard(connection, now, heard_since)
        if (sent := _sent(connection, edition_id)) >= AT_LEAST and hard * ONE_IN > sent
    ]


def tell_of_spikes(connection: Connection, now: datetime) -> int:
    """Write to those in charge about each edition of which more than a tenth bounced hard.

    Once for each; how many letters were written.
    """
    return sum(
        tell_of_bounces(connection, load(connection, one.edition), one.hard, one.sent, now)
        for one in spikes(connection, now, _HEARD_SINCE)
    )


def _bounced_hard(
    connection: Connection, now: datetime, heard_since: timedelta
) -> list[tuple[int, int]]:
    """Editions that hard bounces were just heard of, and how many of their deliveries bounced so."""
    recent = select(editions.c.id).where(editions.c.first_left_at > now - _LEFT_SINCE)
    found = feedback.c
    query = (
        select(found.edition_id, func.count(distinct(found.delivery_id)))
        .where(found.edition_id.in_(recent), found.kind == Kind.BOUNCE)
        .where(found.verdict == Verdict.HARD)
        .group_by(found.edition_id)
        .having(func.max(found.at) > now - heard_since)
        .order_by(found.edition_id)
    )
    return [(edition_id, int(count)) for edition_id, count in connection.execute(query)]


def _sent(connection: Connection, edition_id: int) -> int:
    """How many messages of an edition were offered: those that the relay refused count too."""
    offered = func.sum(batches.c.sent + batches.c.failed)
    found = connection.scalar(select(offered).where(batches.c.edition_id == edition_id))
    return int(found or 0)
