"""What stops an edition that goes wrong, and what ends deliveries that are too late."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, exists, func, or_, select, text, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.ledger import free
from colporteur.delivery.outcomes import Status
from colporteur.editions.brakes import released_at, suspended_now
from colporteur.editions.freezing.moving import move_back
from colporteur.editions.progress import recount_editions
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import Event, State
from colporteur.editions.store import REGULAR, happen
from colporteur.exceptions import TransitionRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids

BY = "delivery"
_log = logging.getLogger(__name__)
_WHY_AT_MOST = 200
_STILL_TRIED = timedelta(days=7)  # longer than any delivery is tried
UNFINISHED = text("deliveries.status IN ('pending', 'inflight', 'deferred')")
"""Written out, so that the partial index is seen to serve."""
_REFUSED = 500  # RFC 5321 section 4.2.1: a permanent negative reply


def pause(
    connection: Connection, edition_id: int, why: str, now: datetime, *, by: str = BY
) -> bool:
    """Pause an edition that is sending, or about to; False if it is not any more."""
    try:
        happen(connection, edition_id, Event.PAUSE, by=by, now=now, why=why[:_WHY_AT_MOST])
    except TransitionRefused:
        return False
    _log.error("Edition %s is paused: %s", edition_id, why, extra={"edition": edition_id})
    return True


def refused_in_a_row(connection: Connection, edition_id: int, count: int) -> bool:
    """Whether the last ``count`` messages of an edition were all refused, by any worker.

    Since it was last resumed, and those that wait aside.
    """
    resumed = select(editions.c.resumed_at).where(editions.c.id == edition_id).scalar_subquery()
    mine = deliveries.c.edition_id == edition_id
    refusals = select(deliveries.c.ended_at).where(
        mine,
        deliveries.c.status == Status.FAILED,
        deliveries.c.smtp_code >= _REFUSED,
        or_(resumed.is_(None), deliveries.c.ended_at > resumed),
    )
    since = connection.scalar(
        refusals.order_by(deliveries.c.ended_at.desc()).limit(1).offset(count - 1)
    )
    if since is None:
        return False
    taken = exists().where(mine, deliveries.c.status == Status.SENT, deliveries.c.ended_at >= since)
    return not connection.scalar(select(taken))


def skip_too_late(
    connection: Connection, publication: Publication, names: Ids, now: datetime
) -> int:
    """Skip what was never tried and is more than its channel's ``catch_up`` past due; how many.

    Lateness counts from the end of a pause, a hold or a suspension (docs/rules.md, 8), and while
    sending is suspended nothing is late. What the skipped should have brought is open again.
    """
    limits = {
        names.channels[one.slug]: now - one.digest.catch_up
        for one in publication.channels
        if one.digest
    }
    since = func.coalesce(editions.c.resumed_at, editions.c.send_at, type_=editions.c.send_at.type)
    sending = select(editions.c.id, editions.c.channel_id, since.label("since")).where(
        editions.c.state == State.SENDING, editions.c.kind == REGULAR, ~suspended_now()
    )
    late = [
        row
        for row in connection.execute(sending)
        if row.channel_id in limits and row.since < limits[row.channel_id]
    ]
    if not late:
        return 0
    released = released_at(connection)
    return sum(
        _skip_due_before(connection, row.id, limits[row.channel_id], now)
        for row in late
        if released is None or released < limits[row.channel_id]
    )


def close_lost(connection: Connection, now: datetime) -> int:
    """Close what is left of editions that were called off; how many deliveries.

    Such as what was in flight then, and did not arrive or lost its worker: nobody sends it again,
    and it would claim its articles for ever. Whether a dead worker's message was taken is not
    known: it is counted as perhaps received, and open again, since nobody is missed.
    """
    over = select(editions.c.id, editions.c.kind).where(
        editions.c.state.in_([State.CANCELLED, State.MISSED, State.SKIPPED]),
        editions.c.ended_at > now - _STILL_TRIED,
        exists().where(deliveries.c.edition_id == editions.c.id, UNFINISHED),
    )
    closed = 0
    for row in connection.execute(over).all():
        nobodys = or_(free(now), batches.c.status == "done")  # calling it off closed those not held
        lapsed = select(batches.c.id).where(batches.c.edition_id == row.id, nobodys)
        in_flight = deliveries.c.status == Status.INFLIGHT
        lost = and_(in_flight, deliveries.c.batch_id.in_(lapsed))
        found = connection.execute(
            update(deliveries)
            .where(deliveries.c.edition_id == row.id, UNFINISHED, or_(~in_flight, lost))
            .values(
                status=Status.SKIPPED,
                reason=SkipReason.CANCELLED,
                ended_at=now,
                possible_duplicates=deliveries.c.possible_duplicates + case((lost, 1), else_=0),
            )
        )
        closed += found.rowcount
        if found.rowcount and row.kind != REGULAR:
            move_back(connection, row.id, now)
        connection.execute(update(batches).where(batches.c.id.in_(lapsed)).values(status="done"))
        recount_editions(connection, [row.id])
    return closed


def _skip_due_before(
    connection: Connection, edition_id: int, limit: datetime, now: datetime
) -> int:
    # A batch is due when the earliest of its rows is: those of later hours are not looked at.
    waiting = select(batches.c.id).where(
        batches.c.edition_id == edition_id, free(now), batches.c.due_at <= now
    )
    skipped = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.batch_id.in_(waiting),
            deliveries.c.status == Status.PENDING,
            deliveries.c.attempts == 0,
            deliveries.c.due_at < limit,
        )
        .values(status=Status.SKIPPED, reason=SkipReason.TOO_LATE, ended_at=now)
    ).rowcount
    if skipped:
        recount_editions(connection, [edition_id])
    return skipped
