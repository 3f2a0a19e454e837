"""How much came back, by which way, and what became of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from colporteur.audience.heard import Effect
from colporteur.db.tables.feedback import feedback, feedback_dropped


@dataclass(frozen=True, order=True)
class Sum:
    """``what`` is a kind with its verdict ("bounce, hard"), or why it was dropped.

    ``became`` is what it did to readers: nothing, bounced, complained; or "dropped".
    """

    source: str
    what: str
    became: str
    count: int


def summed(connection: Connection, now: datetime, days: int) -> list[Sum]:
    """What came back in the last days, in order."""
    since = now - timedelta(days=days)
    found = feedback.c
    keys = (found.source, found.kind, found.verdict, found.effect)
    heard = select(*keys, func.count()).where(found.at > since).group_by(*keys)
    rows = [
        Sum(
            source, f"{kind}, {verdict}" if verdict else kind, effect or Effect.NOTHING.value, count
        )
        for source, kind, verdict, effect, count in connection.execute(heard)
    ]
    return sorted([*rows, *_dropped(connection, since)])


def _dropped(connection: Connection, since: datetime) -> list[Sum]:
    """Those since a moment's day, in UTC."""
    found = feedback_dropped.c
    query = (
        select(found.source, found.reason, func.sum(found.count))
        .where(found.day >= since.astimezone(UTC).date().isoformat())
        .group_by(found.source, found.reason)
    )
    rows = connection.execute(query)
    return [Sum(source, reason, "dropped", int(count)) for source, reason, count in rows]
