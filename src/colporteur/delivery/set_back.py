"""Notices that the database's clock was set back, and has what was due stay due.

Every moment in the ledger is of that clock. Set back an hour, what was due a minute ago would
wait for an hour, and so would what a dead worker held. The latest moment that was seen is noted
each minute, and each ring leaves one too: what lies between now and then is due now.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.publication import facts
from colporteur.delivery.outcomes import Status
from colporteur.publication.site import note

SEEN = "clock_seen"
_NOTED_EACH = timedelta(minutes=1)
_STEPS_ASIDE = timedelta(seconds=5)  # less than that is how clocks are kept right
_OWED = (Status.PENDING, Status.INFLIGHT, Status.DEFERRED)  # a dead worker's are sent again
_UNFINISHED = text("batches.status <> 'done'")  # written out, so that its index serves
_log = logging.getLogger(__name__)


def stay_due(connection: Connection, now: datetime, lease_seconds: int) -> timedelta:
    """Have what was due by the clock before it was set back be due; by how much it was.

    Leases of then end within ``lease_seconds``: who is alive extends theirs meanwhile.
    """
    seen = _seen(connection)
    if seen is None or now - seen >= _NOTED_EACH:
        note(connection, SEEN, now.isoformat())
    rung = connection.scalar(
        select(func.max(batches.c.enqueued_at, type_=batches.c.enqueued_at.type)).where(_UNFINISHED)
    )
    latest = max((one for one in (seen, rung) if one is not None), default=now)
    if latest - now < _STEPS_ASIDE:
        return timedelta(0)
    _log.warning("The database's clock was set back by %s: what was due stays due.", latest - now)
    note(connection, SEEN, now.isoformat())
    for moment in (deliveries.c.due_at, deliveries.c.next_attempt_at):
        were_due = update(deliveries).where(
            deliveries.c.status.in_(_OWED), moment > now, moment <= latest
        )
        connection.execute(were_due.values({moment: now}))
    were_due = update(batches).where(_UNFINISHED, batches.c.due_at > now)
    connection.execute(were_due.where(batches.c.due_at <= latest).values(due_at=now))
    connection.execute(update(batches).where(_UNFINISHED).values(enqueued_at=None))
    until = now + timedelta(seconds=lease_seconds)
    held = update(batches).where(batches.c.status == "leased", batches.c.lease_until > until)
    connection.execute(held.values(lease_until=until))
    return latest - now


def _seen(connection: Connection) -> datetime | None:
    value = connection.scalar(select(facts.c.value).where(facts.c.name == SEEN))
    return None if value is None else datetime.fromisoformat(str(value))
