"""What happens in a simulation, in the order it happened: what people did, what the engine did.

People's doings are what the world asks for and what the engine is told; the rest is what the
engine answered. Articles go by their external ids, readers by their addresses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from colporteur.publication import Publication

Article = str
Reader = str


@dataclass(frozen=True)
class Event:
    """Something that happened at an instant of the engine's clock, which may be wrong."""

    at: datetime


@dataclass(frozen=True)
class Handed(Event):
    """An article was handed in; ``publish_at`` keeps it back."""

    article: Article
    language: str
    channels: tuple[str, ...]
    topics: frozenset[str]
    dated_at: datetime | None = None
    publish_at: datetime | None = None
    in_digests: bool = True


@dataclass(frozen=True)
class Changed(Event):
    """A known article was handed in again: None is not said, ``joins`` are further channels."""

    article: Article
    topics: frozenset[str] | None = None
    joins: tuple[str, ...] = ()
    significant: bool = True


@dataclass(frozen=True)
class Withdrawn(Event):
    """An article was taken back."""

    article: Article


@dataclass(frozen=True)
class Restored(Event):
    """An article that was taken back is published again."""

    article: Article


@dataclass(frozen=True)
class Chose(Event):
    """A reader subscribed, came back, or chose anew."""

    reader: Reader
    channel: str
    cadence: str
    topics_in: frozenset[str] = frozenset()
    topics_out: frozenset[str] = frozenset()
    layout: str = "briefing"
    weekday: int | None = None
    minute: int | None = None
    timezone: str | None = None
    specials: bool = True


@dataclass(frozen=True)
class Left(Event):
    """A reader unsubscribed."""

    reader: Reader
    channel: str


@dataclass(frozen=True)
class Forced(Event):
    """An editor asked for an edition of this moment."""

    channel: str
    cadence: str


@dataclass(frozen=True)
class Ticked(Event):
    """The calendar was looked at: what was due to be published or frozen was."""


@dataclass(frozen=True)
class Row:
    """What an edition brings one reader, and when."""

    articles: tuple[Article, ...]
    due_at: datetime


@dataclass(frozen=True)
class Froze(Event):
    """An edition got its readers; ``rows`` is empty when it was skipped."""

    edition: int
    channel: str
    cadence: str
    slot: datetime
    forced: bool = False
    rows: Mapping[Reader, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Missed(Event):
    """An edition was recorded as missed."""

    edition: int
    channel: str
    cadence: str
    slot: datetime


@dataclass(frozen=True)
class Sent(Event):
    """A message was taken by the relay, with these articles in it."""

    edition: int
    reader: Reader
    articles: tuple[Article, ...]


@dataclass(frozen=True)
class Ended(Event):
    """A delivery failed for good, or was skipped."""

    edition: int
    reader: Reader
    status: str
    reason: str = ""


@dataclass
class Log:
    """All that happened to a publication since it was applied at ``started``."""

    publication: Publication
    started: datetime
    events: list[Any] = field(default_factory=list)
