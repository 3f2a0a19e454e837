"""How readers grow in number, and what they choose: counts, and nobody's name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, text

from colporteur.audience.states import Event, State
from colporteur.db.tables.audience import profiles, subscriber_events, subscriptions

_CAME = (Event.SUBSCRIBED, Event.CONFIRMED, Event.RETURNED)
_WENT = (Event.BOUNCED, Event.COMPLAINED, Event.SUPPRESSED)
_READS = (State.ACTIVE, State.PAUSED)
NO_FILTER = 0
"""Stands for "every topic" among the ids of topics."""


@dataclass(frozen=True)
class Change:
    """How many subscriptions began and ended in a day, or the week that begins with it."""

    day: date
    came: int
    left: int


def changes(
    connection: Connection,
    since: datetime,
    until: datetime,
    zone: str,
    *,
    channel_id: int | None = None,
    weekly: bool = False,
) -> list[Change]:
    """The changes of each day or week of a time, on a zone's clock; those without any too.

    Whoever asked and never confirmed neither came nor left. Of somebody whose address died or who
    complained one is counted, whatever they had.
    """
    came, left = Counter[date](), Counter[date]()
    first = _period(since.astimezone(ZoneInfo(zone)).date(), weekly=weekly)
    for hour, began, ended in _by_hour(connection, since, until, channel_id):
        day = _period(hour.astimezone(ZoneInfo(zone)).date(), weekly=weekly)
        came[day] += began
        left[day] += ended
    last = until.astimezone(ZoneInfo(zone)).date()
    step = timedelta(days=7 if weekly else 1)
    found = []
    while first <= last:
        found.append(Change(first, came[first], left[first]))
        first += step
    return found


def by_cadence(connection: Connection) -> dict[tuple[int, str], int]:
    """How many readers each cadence of a channel (id) has."""
    keys = (subscriptions.c.channel_id, subscriptions.c.cadence)
    query = select(*keys, func.count()).where(subscriptions.c.state.in_(_READS)).group_by(*keys)
    return {
        (channel_id, cadence): count for channel_id, cadence, count in connection.execute(query)
    }


def by_topic(connection: Connection) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many subscriptions want each topic (id), and how many do not; ``NO_FILTER``: want all."""
    query = (
        select(profiles.c.topics_in, profiles.c.topics_out, func.count())
        .join(subscriptions, subscriptions.c.profile_id == profiles.c.id)
        .where(subscriptions.c.state.in_(_READS))
        .group_by(profiles.c.id)
    )
    wanted, unwanted = Counter[int](), Counter[int]()
    for topics_in, topics_out, count in connection.execute(query):
        for topic in topics_in or [NO_FILTER]:
            wanted[topic] += count
        for topic in topics_out:
            unwanted[topic] += count
    return wanted, unwanted


def by_hour(connection: Connection) -> dict[int | None, int]:
    """How many readers chose each hour of the day, on their own clock; None: the channel's."""
    hour = subscriptions.c.minute // 60
    query = select(hour, func.count()).where(subscriptions.c.state.in_(_READS)).group_by(hour)
    return {None if one is None else int(one): count for one, count in connection.execute(query)}


def _period(day: date, *, weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if weekly else day


def _by_hour(
    connection: Connection, since: datetime, until: datetime, channel_id: int | None
) -> list[tuple[datetime, int, int]]:
    found = subscriber_events.c
    came, left = _came(), _left()
    if connection.dialect.name == "postgresql":
        hour: ColumnElement[str] = func.to_char(found.at, text("'YYYY-MM-DD HH24'"))
    else:
        hour = func.strftime(text("'%Y-%m-%d %H'"), found.at)
    query = (
        select(
            hour.label("hour"),
            func.sum(case((came, 1), else_=0)),
            func.sum(case((left, 1), else_=0)),
        )
        .where(found.at >= since, found.at <= until, or_(came, left))
        .group_by(text("hour"))
    )
    if channel_id is not None:
        query = query.where(found.channel_id == channel_id)
    return [
        (datetime.strptime(one, "%Y-%m-%d %H").replace(tzinfo=UTC), int(began), int(ended))
        for one, began, ended in connection.execute(query)
    ]


def _came() -> ColumnElement[bool]:
    """A subscription began: a reader's own confirmation says so once more, on no channel."""
    found = subscriber_events.c
    return and_(found.kind.in_(_CAME), found.channel_id.is_not(None))


def _left() -> ColumnElement[bool]:
    found = subscriber_events.c
    had = func.coalesce(found.detail["before"].as_string(), "") != State.PENDING
    return or_(and_(found.kind == Event.UNSUBSCRIBED, had), found.kind.in_(_WENT))
