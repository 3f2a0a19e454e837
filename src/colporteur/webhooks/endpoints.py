"""The programs that are told: added, listed, switched off and on, removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.exceptions import ColporteurError, UnknownName
from colporteur.fetch.guard import parse_target
from colporteur.sealing import seal
from colporteur.webhooks.kinds import Kind
from colporteur.webhooks.signing import new_secret

PURPOSE = "webhook"
AT_MOST = 50
NAME_AT_MOST = 100
_AWAKE: dict[str, Any] = {
    "disabled_at": None,
    "disabled_why": "",
    "alerted_at": None,
    "failures": 0,
    "failing_since": None,
    "rests_until": None,
    "problem": "",
}


@dataclass(frozen=True)
class Webhook:
    """A program that is told; instants are aware. Its secret is not among this."""

    id: int
    name: str
    url: str
    kinds: tuple[Kind, ...]
    addresses: bool
    made_by: str
    made_at: datetime
    disabled_at: datetime | None
    disabled_why: str
    failures: int
    failing_since: datetime | None
    delivered_at: datetime | None
    problem: str
    waiting: int

    @property
    def state(self) -> str:
        """``on``, ``failing`` or ``off``."""
        if self.disabled_at is not None:
            return "off"
        return "failing" if self.failures else "on"


def add(
    connection: Connection,
    secret_key: str,
    *,
    url: str,
    name: str,
    kinds: Sequence[Kind],
    addresses: bool = False,
    by: str,
    now: datetime,
    key: str | None = None,
) -> tuple[Webhook, str] | None:
    """A program to be told from now on, and its secret, which is never shown again.

    None where one was added under this ``key`` before: a form that was sent twice.

    Raises:
        FetchRefused: the address is none that we would ask.
        ColporteurError: the name cannot be one, or there are too many.
    """
    target = parse_target(url.strip())
    called = name.strip() or target.host[:NAME_AT_MOST]
    _check(connection, called)
    secret = new_secret()
    values = {
        "name": called,
        "url": target.url,
        "kinds": [one.value for one in kinds],
        "addresses": addresses,
        "secret": seal(secret_key, PURPOSE, secret),
        "made_by": by,
        "made_at": now,
        "key": key,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(webhooks).values(values).on_conflict_do_nothing()
    made = connection.scalar(added.returning(webhooks.c.id))
    return None if made is None else (load(connection, made), secret)


def listing(connection: Connection) -> list[Webhook]:
    """All of them, in the order they were added."""
    waiting = (
        select(func.count())
        .where(
            webhook_messages.c.webhook_id == webhooks.c.id, webhook_messages.c.next_at.is_not(None)
        )
        .scalar_subquery()
        .label("waiting")
    )
    rows = connection.execute(select(webhooks, waiting).order_by(webhooks.c.id))
    return [_webhook(row) for row in rows]


def load(connection: Connection, webhook_id: int) -> Webhook:
    """One of them.

    Raises:
        UnknownName: there is none of this number.
    """
    found = [one for one in listing(connection) if one.id == webhook_id]
    if not found:
        raise UnknownName(
            f"There is no webhook {webhook_id}.", cure="`colporteur webhooks list` has them."
        )
    return found[0]


def switch_on(connection: Connection, webhook_id: int, now: datetime) -> int:
    """Tell it again, from now on and what it still waits for; how many that is at once.

    Raises:
        UnknownName: there is none of this number.
    """
    load(connection, webhook_id)
    mine = update(webhooks).where(webhooks.c.id == webhook_id)
    connection.execute(mine.values(_AWAKE))
    waiting = update(webhook_messages).where(
        webhook_messages.c.webhook_id == webhook_id, webhook_messages.c.next_at.is_not(None)
    )
    return connection.execute(waiting.values(next_at=now)).rowcount


def switch_off(connection: Connection, webhook_id: int, why: str, now: datetime) -> bool:
    """Tell it nothing any more, until it is switched on; whether it was on."""
    on = (webhooks.c.id == webhook_id, webhooks.c.disabled_at.is_(None))
    values = {"disabled_at": now, "disabled_why": why[:300], "rests_until": None}
    return connection.execute(update(webhooks).where(*on).values(values)).rowcount > 0


def to_alert(connection: Connection, now: datetime) -> list[Webhook]:
    """Those that failed so long that they were switched off, each once: people are to be told."""
    silent = (webhooks.c.disabled_at.is_not(None), webhooks.c.failures > 0)
    untold = update(webhooks).where(*silent, webhooks.c.alerted_at.is_(None))
    told = connection.scalars(untold.values(alerted_at=now).returning(webhooks.c.id)).all()
    return [load(connection, one) for one in told]


def remove(connection: Connection, webhook_id: int) -> Webhook:
    """Forget it and its log; what it was.

    Raises:
        UnknownName: there is none of this number.
    """
    found = load(connection, webhook_id)
    theirs = webhook_messages.c.webhook_id == webhook_id
    connection.execute(delete(webhook_messages).where(theirs))
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))
    return found


def _check(connection: Connection, name: str) -> None:
    if len(name) > NAME_AT_MOST or not name.isprintable():
        raise ColporteurError(
            "This cannot be a webhook's name.",
            cure=f"Write at most {NAME_AT_MOST} printable characters.",
        )
    if (connection.scalar(select(func.count()).select_from(webhooks)) or 0) >= AT_MOST:
        raise ColporteurError(
            f"There are {AT_MOST} webhooks already.", cure="Remove one that is not used any more."
        )


def _webhook(row: Any) -> Webhook:
    values = {name: getattr(row, name) for name in Webhook.__dataclass_fields__}
    known = {one.value: one for one in Kind}
    values["kinds"] = tuple(known[one] for one in row.kinds if one in known)
    return Webhook(**values)
