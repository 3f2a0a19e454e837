"""Conditions that the ledger's queries share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    text,
)

from colporteur.db.tables.delivery import backoffs, batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.types import Instant
from colporteur.delivery.leaving import LETTING_GO
from colporteur.delivery.outcomes import Status
from colporteur.editions.brakes import suspended_now

NOW = bindparam("now", type_=Instant())
"""The moment, for statements that are built once: building one takes longer than running it."""
DIALECTS = ("sqlite", "postgresql")
WAITING = (Status.PENDING, Status.DEFERRED)
UNFINISHED = (*WAITING, Status.INFLIGHT)


def free(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """A condition on batches: nobody holds it."""
    expired = and_(
        batches.c.status == "leased",
        or_(batches.c.lease_until.is_(None), batches.c.lease_until < now),
    )
    # Written out, so that the index of unfinished ones is seen to serve.
    return and_(text("batches.status <> 'done'"), or_(batches.c.status == "pending", expired))


def may_go(now: datetime | BindParameter[datetime] = NOW) -> ColumnElement[bool]:
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


def among(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """A condition: the column is one of the values of a parameter of that name.

    On PostgreSQL an array: one statement, planned once, for any number of values.
    """
    if dialect == "postgresql":
        return column == func.any(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


def still(statuses: Sequence[Status]) -> ColumnElement[bool]:
    """A condition on deliveries that are named by their ids: their status is one of these.

    No index serves it: a planner that knows no better reads all that an edition has to send.
    """
    return func.coalesce(deliveries.c.status, "").in_(
        [literal_column(f"'{one}'") for one in statuses]
    )
