"""Readers' choices when what they chose becomes part of something else. In the caller's transaction.

A channel that is archived hands its readers to another; a topic that is merged, their choice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from colporteur.audience.choices import Choice
from colporteur.audience.states import State
from colporteur.audience.subscribing import profile_of
from colporteur.db.tables.audience import profiles, subscriber_events, subscriptions

_AT_A_TIME = 500
_LIVELY = (State.ACTIVE, State.PAUSED)
MOVED, JOINED, RETOLD = "moved", "joined", "chose"
"""What the history calls it: on the new channel, on the old one, and for a merged topic."""


@dataclass(frozen=True)
class House:
    """Where readers go: a channel, the cadence they get, and after which article.

    ``weekly``: it leaves them their weekday; ``hourly``: their hour.
    """

    channel_id: int
    cadence: str
    start_number: int
    weekly: bool
    hourly: bool


@dataclass(frozen=True)
class Rehoused:
    """How many went there, and how many had it already or had left it, and so stayed out."""

    moved: int
    ended: int


def rehouse(
    connection: Connection, channel_id: int, to: House, *, by: str, now: datetime
) -> Rehoused:
    """Have a channel's readers go to another; who is or was a reader of that one stays as they are.

    Nobody who left the other channel is brought back to it.
    """
    known = select(subscriptions.c.subscriber_id).where(subscriptions.c.channel_id == to.channel_id)
    mine = (subscriptions.c.channel_id == channel_id, subscriptions.c.state.in_(_LIVELY))
    there = subscriptions.c.subscriber_id.in_(known)
    ended = list(connection.scalars(select(subscriptions.c.id).where(*mine, there)))
    moved = list(connection.scalars(select(subscriptions.c.id).where(*mine, ~there)))
    for some in _parts(ended):
        gone = {"state": State.UNSUBSCRIBED, "ended_at": now, "paused_until": None}
        _keep(connection, some, JOINED, by, now, {"to": to.channel_id})
        chosen = update(subscriptions).where(subscriptions.c.id.in_(some))
        connection.execute(chosen.values(gone))
    values: dict[str, Any] = {
        "channel_id": to.channel_id,
        "cadence": to.cadence,
        "start_number": to.start_number,
    }
    values |= {} if to.weekly else {"weekday": None}
    values |= {} if to.hourly else {"minute": None, "timezone": None}
    for some in _parts(moved):
        chosen = update(subscriptions).where(subscriptions.c.id.in_(some))
        connection.execute(chosen.values(values))
        _keep(connection, some, MOVED, by, now, {"from": channel_id})
    return Rehoused(len(moved), len(ended))


def retell_topic(
    connection: Connection, topic_id: int, into: int, *, by: str, now: datetime
) -> int:
    """Have who chose a topic, or chose it away, have chosen another; how many it is.

    Where both were said and contradict each other, the wish to have it prevails: nobody is to
    miss what they asked for.
    """
    count = 0
    for row in connection.execute(select(profiles)).all():
        if topic_id not in {*row.topics_in, *row.topics_out}:
            continue
        wanted = _instead(row.topics_in, topic_id, into)
        unwanted = [one for one in _instead(row.topics_out, topic_id, into) if one not in wanted]
        choice = Choice(0, "", tuple(wanted), tuple(unwanted), row.layout)
        theirs = select(subscriptions.c.id).where(subscriptions.c.profile_id == row.id)
        affected = list(connection.scalars(theirs))
        anew = profile_of(connection, choice)
        for some in _parts(affected):
            chosen = update(subscriptions).where(subscriptions.c.id.in_(some))
            connection.execute(chosen.values(profile_id=anew))
            _keep(connection, some, RETOLD, by, now, {"merged": topic_id})
        count += len(affected)
    return count


def _parts(found: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(found), _AT_A_TIME):
        yield found[first : first + _AT_A_TIME]


def _instead(topics: Iterable[int], gone: int, into: int) -> list[int]:
    return list(dict.fromkeys(into if one == gone else one for one in topics))


def _keep(
    connection: Connection,
    some: Sequence[int],
    kind: str,
    by: str,
    now: datetime,
    more: Mapping[str, Any],
) -> None:
    events = list(_events(connection, some, kind, by, now, more))
    if events:
        connection.execute(insert(subscriber_events), events)


def _events(
    connection: Connection,
    some: Sequence[int],
    kind: str,
    by: str,
    now: datetime,
    more: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """What the history keeps of each, with the whole choice as ``choices.told`` has it."""
    rows = connection.execute(
        select(subscriptions, profiles.c.topics_in, profiles.c.topics_out, profiles.c.layout)
        .join(profiles, profiles.c.id == subscriptions.c.profile_id)
        .where(subscriptions.c.id.in_(some))
    )
    shown = ("start_number", "cadence", "layout", "weekday", "minute", "timezone", "specials")
    for row in rows.mappings():
        topics = {name: sorted(row[name]) for name in ("topics_in", "topics_out")}
        said = {"by": by, "state": row["state"], **{name: row[name] for name in shown}, **topics}
        yield {
            "subscriber_id": row["subscriber_id"],
            "channel_id": row["channel_id"],
            "at": now,
            "kind": kind,
            "detail": {**said, **more},
        }
