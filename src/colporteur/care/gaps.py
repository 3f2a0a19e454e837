"""Ids that the lost part of an installation gave, and that must never be given again.

Links in mails carry ids: of a subscription to leave, of a reader to choose, of a delivery that
bounced. Whoever subscribed after the backup has such links, and the database that was restored
would soon give their numbers to other people. So it goes on with higher ones.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from colporteur.audience.choices import Choice
from colporteur.audience.states import State
from colporteur.audience.subscribing import profile_of
from colporteur.db.tables.audience import consents, subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.publication import channels
from colporteur.delivery.outcomes import Status
from colporteur.editions.skips import SkipReason

_PEOPLE, _MAILS = 10**6, 10**9
GAPS: dict[Table, int] = {
    subscribers: _PEOPLE,
    subscriptions: _PEOPLE,
    consents: _PEOPLE,
    deliveries: _MAILS,
}
"""How far each goes on: more than anybody gains, or sends, between two backups."""


def leave_gaps(connection: Connection, now: datetime) -> None:
    """Have the next ids of what links name be much higher than any that was given."""
    if connection.dialect.name == "sqlite":
        _leave_stones(connection, now)
        return
    for table, gap in GAPS.items():
        on = text("SELECT setval(CAST(:name AS regclass), nextval(CAST(:name AS regclass)) + :gap)")
        connection.execute(on, {"name": f"{table.name}_id_seq", "gap": gap})


def _leave_stones(connection: Connection, now: datetime) -> None:
    """SQLite goes on after the highest id there is: rows that name nobody are put there."""
    ids = {table: _highest(connection, table) + gap for table, gap in GAPS.items()}
    nobody = ids[subscribers]
    over: dict[Table, dict[str, Any]] = {
        subscribers: {"name": "", "language": "", "state": State.ERASED, "created_at": now},
        deliveries: {
            "edition_id": 0,  # of none
            "batch_id": 0,
            "status": Status.SKIPPED,
            "reason": SkipReason.CANCELLED,
            "due_at": now,
            "attempts": 0,
            "possible_duplicates": 0,
            "ended_at": now,
        },
        consents: {
            "subscriber_id": nobody,
            "method": "staff",
            "channels": [],
            "form_url": "",
            "at": now,
            "confirmed_at": now,
        },
    }
    channel = connection.scalar(select(func.min(channels.c.id)))
    if channel is not None:
        over[subscriptions] = {
            "subscriber_id": nobody,
            "channel_id": channel,
            "profile_id": profile_of(connection, Choice(channel, "")),
            "cadence": "",
            "specials": False,
            "state": State.UNSUBSCRIBED,
            "start_number": 0,
            "created_at": now,
            "ended_at": now,
        }
    for table, values in over.items():
        connection.execute(insert(table).values(id=ids[table], **values))


def _highest(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.max(table.c.id))) or 0)
