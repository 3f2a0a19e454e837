"""Counts polls and the subscribers that aggregators tell of; nothing of who asked is kept."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.syndication import feed_polls, feed_readers
from colporteur.syndication.feed import FORMATS

RECENT = timedelta(days=7)
"""An aggregator that has not asked for so long reads for nobody any more."""
READERS_AT_MOST = 1000  # rows: a stranger may make up names
_TOLD = re.compile(
    rb"\b(\d{1,3}(?:,\d{3}){1,2}|\d{1,7})\s+(?:subscriber|reader)s?\b", re.IGNORECASE
)
# Such as Feedly/1.0, NewsBlur Feed Fetcher, and theoldreader.com, which calls itself Mozilla first.
_NAME = re.compile(
    rb"(?:Mozilla/[\d.]+ \(compatible; )?([A-Za-z][\w.]{0,40}(?: [A-Z][\w.]{0,40}){0,2})"
)


@dataclass
class Tally:
    """What a process has counted since it last wrote it down."""

    polls: Counter[tuple[str, int]] = field(default_factory=Counter)  # by path and status
    readers: dict[tuple[str, str], int] = field(default_factory=dict)  # by path and aggregator

    def note(self, path: str, status: int, told: tuple[str, int] | None) -> None:
        """Count one poll; ``told`` is an aggregator and for how many it reads."""
        self.polls[path, status] += 1
        if told is not None and (
            len(self.readers) < READERS_AT_MOST or (path, told[0]) in self.readers
        ):
            self.readers[path, told[0]] = told[1]

    def add(self, other: "Tally") -> None:
        """Count what another counted, which could not be written down."""
        self.polls += other.polls
        self.readers = other.readers | self.readers


def told_subscribers(agent: bytes) -> tuple[str, int] | None:
    """An aggregator's name and how many it reads for, as its User-Agent tells, or None."""
    found = _TOLD.search(agent)
    name = _NAME.match(agent)
    if found is None or name is None:
        return None
    return name[1].decode("ascii", "replace"), int(found[1].replace(b",", b""))


def suffix_of(path: str) -> str:
    """The format of a poll's path: rss, atom, json or opml; ``other`` where it leads nowhere."""
    suffix = path.rpartition(".")[2]
    return suffix if suffix in {*FORMATS, "opml"} else "other"


def unknown_path(path: str) -> str:
    """What polls of addresses that lead nowhere are counted under: strangers make them up."""
    suffix = path.rpartition(".")[2]
    return f"unknown.{suffix}" if suffix in FORMATS else "unknown"


def write_down(connection: Connection, tally: Tally, now: datetime) -> None:
    """Add a tally to what is stored."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert
    for (path, status), count in sorted(tally.polls.items()):
        row = {"day": f"{now:%Y-%m-%d}", "path": path, "status": status, "polls": count}
        keys = [feed_polls.c.day, feed_polls.c.path, feed_polls.c.status]
        more = {"polls": feed_polls.c.polls + count}
        added = insert(feed_polls).values(row)
        connection.execute(added.on_conflict_do_update(index_elements=keys, set_=more))
    for (path, agent), count in sorted(tally.readers.items()):
        row = {"path": path, "agent": agent, "subscribers": count, "seen_at": now}
        told = insert(feed_readers).values(row)
        keys = [feed_readers.c.path, feed_readers.c.agent]
        connection.execute(told.on_conflict_do_update(index_elements=keys, set_=row))
    if tally.readers:
        _forget_readers(connection, now)


def _forget_readers(connection: Connection, now: datetime) -> None:
    """Forget aggregators that ask no more, and the oldest where there are too many."""
    connection.execute(delete(feed_readers).where(feed_readers.c.seen_at <= now - RECENT))
    order = feed_readers.c.seen_at.desc()
    too_old = select(feed_readers.c.seen_at).order_by(order).offset(READERS_AT_MOST).limit(1)
    oldest = connection.scalar(too_old)
    if oldest is not None:
        connection.execute(delete(feed_readers).where(feed_readers.c.seen_at <= oldest))


def polls_by_format(connection: Connection, since: datetime) -> list[dict[str, Any]]:
    """Polls of each format by status, since a day."""
    query = (
        select(feed_polls.c.path, feed_polls.c.status, func.sum(feed_polls.c.polls).label("polls"))
        .where(feed_polls.c.day >= f"{since:%Y-%m-%d}")
        .group_by(feed_polls.c.path, feed_polls.c.status)
    )
    counts: Counter[tuple[str, int]] = Counter()
    for path, status, polls in connection.execute(query):
        counts[path.rpartition(".")[2], status] += int(polls)
    return [
        {"format": suffix, "status": status, "polls": polls}
        for (suffix, status), polls in sorted(counts.items())
    ]


def subscribers_by_feed(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """How many subscribers aggregators tell of, by feed and aggregator, in the last week."""
    query = select(
        feed_readers.c.path,
        feed_readers.c.agent,
        feed_readers.c.subscribers,
        feed_readers.c.seen_at,
    ).where(feed_readers.c.seen_at > now - RECENT)
    order = (feed_readers.c.subscribers.desc(), feed_readers.c.path, feed_readers.c.agent)
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]


def polls_by_day(connection: Connection, since: datetime, slug: str = "") -> dict[str, int]:
    """Polls of each day (2026-11-22, UTC) since one: of all feeds, or of a channel's and its topics'."""
    query = select(feed_polls.c.day, func.sum(feed_polls.c.polls)).where(
        feed_polls.c.day >= f"{since:%Y-%m-%d}"
    )
    if slug:
        own = (feed_polls.c.path.startswith(f"feeds/{slug}{one}") for one in "./")
        query = query.where(or_(*own))
    return {day: int(polls) for day, polls in connection.execute(query.group_by(feed_polls.c.day))}
