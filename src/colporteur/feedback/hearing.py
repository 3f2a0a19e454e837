"""Bounces and complaints, from whichever way: found, kept and acted on, or dropped and counted.

In the caller's transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from colporteur.audience.bouncing import Effect, Heard, note_feedback
from colporteur.counting import FEEDBACK
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.feedback import feedback
from colporteur.delivery import ledger
from colporteur.delivery.classifier import Verdict
from colporteur.delivery.outcomes import GIVE_UP_AFTER
from colporteur.feedback.clues import Incoming, readable
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.finding import Found, find
from colporteur.publication.domains import REST

RAW_AT_MOST = 1024 * 1024
"""Bytes of a message that are kept to be played again; what reports stands before that."""
_TEXT_AT_MOST = 4000  # characters; fewer are kept
_PATIENCE = (Verdict.RATE, Verdict.POLICY)
_READERS = 3  # of a provider: fewer may be somebody who writes reports
_TOGETHER = timedelta(hours=1)
_RESTS = timedelta(minutes=1)
_LAST = 1000  # things heard that are looked through: more than what an hour brings is enough too


def hear(
    connection: Connection, ears: Ears, source: str, incoming: Incoming, now: datetime
) -> Effect | Drop | None:
    """Act on a bounce or a complaint: what it did, why it was dropped, or None: heard before."""
    found = find(connection, ears.secret_key, incoming.clues)
    if isinstance(found, Drop):
        count_dropped(connection, source, found, now)
        return found
    effect = note_feedback(connection, _heard(source, incoming, found), now)
    if effect is not None:
        FEEDBACK.labels(source, incoming.kind.value, incoming.verdict or "").inc()
    if effect is not None and incoming.verdict in _PATIENCE:
        _pause(connection, found, now)
    return effect


def _heard(source: str, incoming: Incoming, found: Found) -> Heard:
    return Heard(
        source=source,
        event_id=f"{readable(incoming.event_id[:150])}.{found.delivery_id}",
        kind=incoming.kind,
        verdict=incoming.verdict.value if incoming.verdict else None,
        subscriber_id=found.subscriber_id,
        delivery_id=found.delivery_id,
        edition_id=found.edition_id,
        smtp_code=incoming.smtp_code,
        enhanced_code=readable(incoming.enhanced_code[:20]) if incoming.enhanced_code else None,
        text=readable(incoming.text[:_TEXT_AT_MOST]),
        raw=incoming.raw[:RAW_AT_MOST] if incoming.raw is not None else None,
    )


def _pause(connection: Connection, found: Found, now: datetime) -> None:
    """Leave a provider in peace that blocks us; what it said about mail of last month is over.

    Whoever reads us could write such a report: so it takes several readers of that provider
    within an hour, each delivery counts once, and the rest never gets longer. Letters still go.
    """
    recent = found.left_at is None or found.left_at >= now - GIVE_UP_AFTER
    group = found.domain_group
    if not recent or group is None or group == REST or _said_before(connection, found):
        return
    if _readers_who_say_so(connection, group, now - _TOGETHER) >= _READERS:
        ledger.rest(connection, group, now + _RESTS)


def _said_before(connection: Connection, found: Found) -> bool:
    """Whether more than what is heard now says it of the same delivery."""
    query = select(func.count()).where(
        feedback.c.subscriber_id == found.subscriber_id,
        feedback.c.delivery_id == found.delivery_id,
        feedback.c.verdict.in_(_PATIENCE),
    )
    return (connection.scalar(query) or 0) > 1


def _readers_who_say_so(connection: Connection, group: str, since: datetime) -> int:
    """How many readers of a group what was heard lately says it of; of the last that was heard."""
    last = (
        select(feedback.c.at, feedback.c.verdict, feedback.c.delivery_id, feedback.c.subscriber_id)
        .order_by(feedback.c.id.desc())
        .limit(_LAST)
        .subquery()
    )
    query = (
        select(func.count(func.distinct(last.c.subscriber_id)))
        .join_from(last, deliveries, deliveries.c.id == last.c.delivery_id)
        .join(batches, batches.c.id == deliveries.c.batch_id)
        .where(last.c.at >= since, last.c.verdict.in_(_PATIENCE))
        .where(batches.c.domain_group == group)
    )
    return connection.scalar(query) or 0
