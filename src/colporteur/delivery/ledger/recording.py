"""What came of deliveries, as the relay answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.types import TypeEngine

from colporteur.articles.publishing import touch_channels
from colporteur.audience.addresses import mask_in
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.types import Instant
from colporteur.delivery.ledger.conditions import WAITING, among, still
from colporteur.delivery.ledger.leasing import Lease
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.delivery.transports import Reply


@dataclass(frozen=True)
class Came:
    """What came of a delivery: the outcome, and the reply that it rests on."""

    delivery_id: int
    outcome: Outcome
    reply: Reply


# What is told of each: the column and how PostgreSQL calls its type.
_TOLD: dict[str, TypeEngine[Any]] = {
    "status": Text(),
    "next_attempt_at": Instant(),
    "ended_at": Instant(),
    "smtp_code": Integer(),
    "enhanced_code": Text(),
    "reply": Text(),
    "reason": Text(),
    "relay_id": Text(),
}


def _ours(status: ColumnElement[str]) -> ColumnElement[bool]:
    """Those that this lease marked.

    A message that was taken is sent even if the lease was lost meanwhile, unless its new owner
    has begun to send it again.
    """
    waiting = still(WAITING)
    return or_(
        deliveries.c.lease_token == bindparam("held"),
        and_(status == literal_column("'sent'"), waiting),
    )


def _row_by_row() -> Update:
    """For SQLite, where a statement costs little."""
    told = {name: bindparam(f"a_{name}", type_=type_) for name, type_ in _TOLD.items()}
    mine = deliveries.c.id == bindparam("a_id")
    return update(deliveries).where(mine, _ours(told["status"])).values(told)


def _all_at_once() -> Update:
    """For PostgreSQL: one statement for a group takes a fifth of the time of as many."""
    rows = func.json_to_recordset(bindparam("rows", type_=JSON()))
    columns = [column(f"a_{name}", type_) for name, type_ in {"id": BigInteger(), **_TOLD}.items()]
    told = rows.table_valued(*columns, name="told").render_derived(with_types=True)
    values = {name: told.c[f"a_{name}"] for name in _TOLD}
    # Named once more, so that their rows are found by their key however many there are.
    named = among(deliveries.c.id, "ids", "postgresql")
    mine = deliveries.c.id == told.c.a_id
    return update(deliveries).where(mine, named, _ours(told.c.a_status)).values(values)


_ROW_BY_ROW, _ALL_AT_ONCE = _row_by_row(), _all_at_once()


def record(connection: Connection, held: Lease, came: Sequence[Came], now: datetime) -> None:
    """Write what came of deliveries that this lease marked in flight, in the order of answers.

    Each ends a microsecond after the one before: whether refusals came in a row is told by it.
    """
    first = now - timedelta(microseconds=len(came))
    rows = [_told(one, first + timedelta(microseconds=place)) for place, one in enumerate(came, 1)]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(_ROW_BY_ROW, [{**row, "held": held.token} for row in rows])
    else:
        ids = [one.delivery_id for one in came]
        told = [{name: _plain(value) for name, value in row.items()} for row in rows]
        connection.execute(_ALL_AT_ONCE, {"rows": told, "ids": ids, "held": held.token})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _told(one: Came, now: datetime) -> dict[str, object]:
    status = one.outcome.status
    return {
        "a_id": one.delivery_id,
        "a_status": status.value,
        "a_next_attempt_at": one.outcome.next_attempt_at,
        "a_ended_at": None if status is Status.DEFERRED else now,
        "a_smtp_code": one.reply.code,
        "a_enhanced_code": one.reply.enhanced,
        "a_reply": mask_in(one.reply.text),  # servers name whom they refuse
        "a_reason": one.outcome.verdict,
        "a_relay_id": one.reply.queued_as,
    }


@dataclass(frozen=True)
class First:
    """An edition of which the first message left: its kind, and how late that was."""

    kind: str
    late_s: float


def note_left(connection: Connection, edition_id: int, now: datetime) -> First | None:
    """Note that a message of an edition was taken: from the first on it can be read on the web.

    How late that was, if it was the first; from when it was let go, if it had been stopped.
    """
    first = (
        update(editions)
        .where(editions.c.id == edition_id, editions.c.first_left_at.is_(None))
        .values(first_left_at=now)
        .returning(
            editions.c.channel_id,
            editions.c.kind,
            editions.c.send_at,
            editions.c.frozen_at,
            editions.c.resumed_at,
        )
    )
    row = connection.execute(first).first()
    if row is None:
        return None
    touch_channels(connection, [row.channel_id])  # its feed of editions
    due = select(func.min(batches.c.due_at, type_=batches.c.due_at.type))
    hour = connection.scalar(due.where(batches.c.edition_id == edition_id))
    since = max(one for one in (hour, row.frozen_at, row.resumed_at, row.send_at) if one)
    return First(row.kind, max((now - since).total_seconds(), 0.0))
