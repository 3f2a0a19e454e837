"""What programs were told, and what they answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.exceptions import ColporteurError, UnknownName

KEPT = timedelta(days=30)
MESSAGE = webhook_messages.c.id
_ID_AT_MOST = 2**62


@dataclass(frozen=True)
class Message:
    """Something that a program is told: waiting (``next_at``), delivered, or given up."""

    id: int
    webhook_id: int
    webhook: str
    message_id: str
    kind: str
    at: datetime
    data: dict[str, Any]
    attempts: int
    tried_at: datetime | None
    next_at: datetime | None
    delivered_at: datetime | None
    status: int | None
    problem: str
    took_ms: int | None

    @property
    def state(self) -> str:
        """``waiting``, ``delivered`` or ``failed``."""
        if self.next_at is not None:
            return "waiting"
        return "failed" if self.delivered_at is None else "delivered"


def messages(
    connection: Connection,
    *,
    limit: int,
    webhook_id: int | None = None,
    before: int | None = None,
) -> list[Message]:
    """What was told, the newest first; ``before`` is an id."""
    query = _joined().order_by(webhook_messages.c.id.desc()).limit(limit)
    if webhook_id is not None:
        query = query.where(webhook_messages.c.webhook_id == webhook_id)
    if before is not None:
        query = query.where(webhook_messages.c.id < before)
    return [_message(row) for row in connection.execute(query)]


def load(connection: Connection, number: int) -> Message:
    """One message.

    Raises:
        UnknownName: there is none of this number.
    """
    return _message(_row(connection, number))


def send_again(connection: Connection, number: int, now: datetime) -> Message:
    """Send a message once more, at once: it keeps its ``webhook-id``.

    Raises:
        UnknownName: there is none of this number.
        ColporteurError: its program is switched off.
    """
    row = _row(connection, number)
    which = webhook_messages.c.id == row.id
    if row.disabled_at is not None:
        raise ColporteurError(f"The webhook {row.webhook!r} is off.", cure="Switch it on first.")
    anew = {"next_at": now, "attempts": 0, "delivered_at": None, "problem": ""}
    connection.execute(update(webhook_messages).where(which).values(anew))
    waking = update(webhooks).where(webhooks.c.id == row.webhook_id)
    connection.execute(waking.values(rests_until=None))
    return _message(connection.execute(_joined().where(which)).one())


def old(now: datetime) -> Select[int]:
    """The ids of what is in the log for longer than it is kept."""
    return select(webhook_messages.c.id).where(webhook_messages.c.at < now - KEPT)


def _row(connection: Connection, number: int) -> Any:
    known = 0 < number < _ID_AT_MOST
    which = webhook_messages.c.id == number
    row = connection.execute(_joined().where(which)).first() if known else None
    if row is None:
        raise UnknownName(
            f"There is no message {number} in the log, or not any more.",
            cure="`colporteur webhooks log` has those there are.",
        )
    return row


def _joined() -> Select[Any]:
    return select(webhook_messages, webhooks.c.name.label("webhook"), webhooks.c.disabled_at).join(
        webhooks, webhooks.c.id == webhook_messages.c.webhook_id
    )


def _message(row: Any) -> Message:
    return Message(**{name: getattr(row, name) for name in Message.__dataclass_fields__})
