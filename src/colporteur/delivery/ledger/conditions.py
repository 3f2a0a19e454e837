"""Conditions that the ledger's queries share."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, text

from colporteur.db.tables.delivery import backoffs, batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.leaving import LETTING_GO
from colporteur.delivery.outcomes import Status
from colporteur.editions.brakes import suspended_now

WAITING = (Status.PENDING, Status.DEFERRED)
UNFINISHED = (*WAITING, Status.INFLIGHT)


def free(now: datetime) -> ColumnElement[bool]:
    """A condition on batches: nobody holds it."""
    expired = and_(
        batches.c.status == "leased",
        or_(batches.c.lease_until.is_(None), batches.c.lease_until < now),
    )
    # Written out, so that the index of unfinished ones is seen to serve.
    return and_(text("batches.status <> 'done'"), or_(batches.c.status == "pending", expired))


def may_go(now: datetime) -> ColumnElement[bool]:
    """A condition on batches: due, free, and nothing holds it back."""
    let_go = exists().where(editions.c.id == batches.c.edition_id, editions.c.state.in_(LETTING_GO))
    # A letter waits for nobody's limits but its own, which are asked about when it leaves.
    resting = exists().where(
        backoffs.c.domain_group == batches.c.domain_group,
        backoffs.c.until > now,
        or_(backoffs.c.step > 0, batches.c.priority > 0),
    )
    return and_(
        free(now),
        batches.c.due_at <= now,
        or_(batches.c.edition_id.is_(None), let_go),
        ~resting,
        ~suspended_now(),
    )


def when_due() -> ColumnElement[datetime]:
    """When a delivery is due: at its next attempt, else at its hour."""
    return func.coalesce(
        deliveries.c.next_attempt_at, deliveries.c.due_at, type_=deliveries.c.due_at.type
    )


def as_before() -> ColumnElement[str]:
    """What a delivery in flight was before: one that was deferred is not pending again."""
    return case((deliveries.c.next_attempt_at.is_(None), Status.PENDING), else_=Status.DEFERRED)
