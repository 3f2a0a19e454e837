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
class Paused(Event):
    """A reader wants nothing until then; what comes meanwhile follows only with ``backlog``."""

    reader: Reader
    channel: str
    until: datetime
    backlog: bool = False


@dataclass(frozen=True)
class Resumed(Event):
    """A reader ended their pause."""

    reader: Reader
    channel: str


@dataclass(frozen=True)
class Suspended(Event):
    """All sending was suspended."""


@dataclass(frozen=True)
class Released(Event):
    """Sending goes on."""


@dataclass(frozen=True)
class Arranged(Event):
    """An editor arranged the next edition of a cadence, whose ``slot`` the engine says."""

    channel: str
    cadence: str
    lead: Article | None = None
    order: tuple[Article, ...] = ()
    left_out: frozenset[Article] = frozenset()
    slot: datetime | None = None


@dataclass(frozen=True)
class Approved(Event):
    """An editor approved the edition of a cadence that waits for it, else the next one."""

    channel: str
    cadence: str
    slot: datetime | None = None


@dataclass(frozen=True)
class Steered(Event):
    """An editor did something to the newest unfinished edition of a cadence, if there was one.

    ``how``: cancel, pause, resume, hold, release.
    """

    channel: str
    cadence: str
    how: str
    edition: int = 0


@dataclass(frozen=True)
class Announced(Event):
    """A special edition was drafted and confirmed, to leave at ``send_at`` or after its hold."""

    key: str
    home: str
    channels: tuple[str, ...]
    topics: frozenset[str] = frozenset()
    articles: tuple[Article, ...] = ()
    note: str = ""
    send_at: datetime | None = None


@dataclass(frozen=True)
class Recalled(Event):
    """A special edition was withdrawn, or cancelled if it had begun to leave."""

    key: str


@dataclass(frozen=True)
class Refused(Event):
    """The engine refused what somebody wanted."""

    doing: Event
    why: str


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
    """An edition got its readers; ``rows`` is empty when it was skipped.

    A special has a ``key``, and neither cadence nor slot.
    """

    edition: int
    channel: str
    cadence: str = ""
    slot: datetime | None = None
    key: str | None = None
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
class Tried(Event):
    """A message was not taken this time."""

    edition: int
    reader: Reader


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
