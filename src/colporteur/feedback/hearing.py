"""Bounces and complaints, from whichever way: found, kept and acted on, or dropped and counted.

In the caller's transaction.
"""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience.bouncing import Effect, Heard, note_feedback
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


def hear(
    connection: Connection, ears: Ears, source: str, incoming: Incoming, now: datetime
) -> Effect | Drop | None:
    """Act on a bounce or a complaint: what it did, why it was dropped, or None: heard before."""
    found = find(connection, ears.secret_key, incoming.clues)
    if isinstance(found, Drop):
        count_dropped(connection, source, found, now)
        return found
    effect = note_feedback(connection, _heard(source, incoming, found), now)
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
    """Leave a provider in peace that blocks us; what it said about mail of last month is over."""
    recent = found.left_at is None or found.left_at >= now - GIVE_UP_AFTER
    if recent and found.domain_group not in {None, REST}:
        assert found.domain_group is not None
        ledger.back_off(connection, found.domain_group, now)
