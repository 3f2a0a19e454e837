"""Which editions are late: due and not gone whole, or not frozen in time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select, text

from colporteur.db.tables.delivery import backoffs, batches
from colporteur.db.tables.editions import editions
from colporteur.db.tables.publication import channels
from colporteur.delivery.letters import PRIORITY
from colporteur.editions import brakes
from colporteur.editions.opening import places
from colporteur.editions.states import State
from colporteur.publication import revisions
from colporteur.publication.identities import ids
from colporteur.vitals.figures import LateEdition, UnfrozenEdition


def late_editions(connection: Connection, now: datetime) -> tuple[LateEdition, ...]:
    """Editions with due batches that nothing holds back, and frozen ones that have not begun."""
    resting = exists().where(
        backoffs.c.domain_group == batches.c.domain_group, backoffs.c.until > now
    )
    left = batches.c.size - batches.c.sent - batches.c.failed - batches.c.skipped
    due = (
        select(
            batches.c.edition_id,
            func.min(batches.c.due_at, type_=batches.c.due_at.type).label("due_at"),
            func.sum(left).label("waiting"),
        )
        # Written out, and by priority, so that the index of unfinished ones is seen to serve.
        .where(text("batches.status <> 'done'"), batches.c.due_at <= now)
        .where(batches.c.priority > PRIORITY, ~resting)
        .group_by(batches.c.edition_id)
        .subquery()
    )
    not_begun = and_(editions.c.state == State.FROZEN, editions.c.send_at <= now)
    going = and_(editions.c.state == State.SENDING, due.c.due_at.is_not(None))
    names = [editions.c[name] for name in ("id", "cadence", "slot", "send_at", "frozen_at")]
    query = (
        select(*names, editions.c.resumed_at, editions.c.first_left_at, editions.c.state)
        .add_columns(channels.c.slug, due.c.due_at, due.c.waiting)
        .join(channels, channels.c.id == editions.c.channel_id)
        .outerjoin(due, due.c.edition_id == editions.c.id)
        .where(or_(not_begun, going))
        .order_by(editions.c.id)
    )
    released = brakes.released_at(connection)
    return tuple(_late_one(row, released, now) for row in connection.execute(query))


def _late_one(row: Any, released: datetime | None, now: datetime) -> LateEdition:
    due = row.due_at if row.state == State.SENDING else row.send_at
    since = max(one for one in (due, row.frozen_at, row.resumed_at, released) if one is not None)
    begun = row.first_left_at is not None
    waiting = int(row.waiting or 0)
    return LateEdition(row.id, row.slug, row.cadence, row.slot, age(since, now), waiting, begun)


def unfrozen_editions(connection: Connection, now: datetime) -> tuple[UnfrozenEdition, ...]:
    """Open editions whose time to freeze is past: each tick freezes those that are due."""
    rows = connection.execute(
        select(editions, channels.c.slug)
        .join(channels, channels.c.id == editions.c.channel_id)
        .where(editions.c.state == State.OPEN, editions.c.send_at.is_not(None))
        .order_by(editions.c.id)
    ).all()
    lead = _leads(connection) if rows else {}
    found = []
    for row in rows:
        since = row.send_at - lead.get((row.channel_id, row.cadence), timedelta(0))
        if since < now:
            late = age(max(since, row.resumed_at or row.opened_at), now)
            found.append(UnfrozenEdition(row.id, row.slug, row.cadence, row.slot, late))
    return tuple(found)


def _leads(connection: Connection) -> Mapping[tuple[int, str | None], timedelta]:
    """How long before it is sent an edition freezes; an instant one gathers to the end.

    A special, which has no cadence, freezes when its hold begins.
    """
    revision = revisions.require(connection)
    names = ids(connection, revision.publication)
    known = places(connection, revision, names)
    hold = revision.publication.specials.hold
    specials: dict[tuple[int, str | None], timedelta]
    specials = {(channel, None): hold for channel in names.channels.values()}
    return specials | {
        (one.channel_id, one.name): one.rules.freeze
        for one in known
        if one.cadence.rule != "instant"
    }


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since then; 0 of what is yet to come, or never was."""
    return max((now - since).total_seconds(), 0.0) if since else 0.0
