"""What stops an edition that goes wrong, and what ends deliveries that are too late."""

import logging
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.ledger import free
from colporteur.delivery.outcomes import SkipReason, Status
from colporteur.editions.brakes import released_at, suspended_now
from colporteur.editions.states import Event, State
from colporteur.editions.store import happen
from colporteur.exceptions import TransitionRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids

BY = "delivery"
_log = logging.getLogger(__name__)
_WHY_AT_MOST = 200
_REFUSED = 500  # RFC 5321 section 4.2.1: a permanent negative reply


def pause(connection: Connection, edition_id: int, why: str, now: datetime) -> bool:
    """Pause an edition that is sending; False if it is not any more."""
    try:
        happen(connection, edition_id, Event.PAUSE, by=BY, now=now, why=why[:_WHY_AT_MOST])
    except TransitionRefused:
        return False
    _log.error("Edition %s is paused: %s", edition_id, why)
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
    if connection.scalar(select(suspended_now())):
        return 0
    released = released_at(connection)
    skipped = 0
    for channel in publication.channels:
        if channel.digest is None:
            continue
        limit = now - channel.digest.catch_up
        if released is None or released < limit:
            skipped += _skip_due_before(connection, names.channels[channel.slug], limit, now)
    return skipped


def close_lost(connection: Connection, now: datetime) -> int:
    """Close what a dead worker left in flight of an edition that was called off; how many.

    Nobody sends it again, so nobody else would. Whether it was taken is not known: it is counted
    as perhaps received, and what it brought is open again, since nobody is missed.
    """
    over = select(editions.c.id).where(
        editions.c.state.in_([State.CANCELLED, State.MISSED, State.SKIPPED])
    )
    lost = select(batches.c.id).where(
        batches.c.edition_id.in_(over), batches.c.status == "leased", free(now)
    )
    found = connection.execute(
        update(deliveries)
        .where(deliveries.c.batch_id.in_(lost), deliveries.c.status == Status.INFLIGHT)
        .values(
            status=Status.SKIPPED,
            reason=SkipReason.CANCELLED,
            ended_at=now,
            possible_duplicates=deliveries.c.possible_duplicates + 1,
        )
    )
    connection.execute(update(batches).where(batches.c.id.in_(lost)).values(status="done"))
    return found.rowcount


def _skip_due_before(
    connection: Connection, channel_id: int, limit: datetime, now: datetime
) -> int:
    late = and_(
        editions.c.channel_id == channel_id,
        editions.c.kind == "regular",
        editions.c.state == State.SENDING,
        editions.c.send_at < limit,
        func.coalesce(editions.c.resumed_at, editions.c.send_at, type_=editions.c.send_at.type)
        < limit,
    )
    # A batch is due when the earliest of its rows is: those of later hours are not looked at.
    waiting = (
        select(batches.c.id)
        .join(editions, editions.c.id == batches.c.edition_id)
        .where(late, free(now), batches.c.due_at <= now)
    )
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.batch_id.in_(waiting),
            deliveries.c.status == Status.PENDING,
            deliveries.c.attempts == 0,
            deliveries.c.due_at < limit,
        )
        .values(status=Status.SKIPPED, reason=SkipReason.TOO_LATE, ended_at=now)
    ).rowcount
