"""What the oracle keeps in mind: articles, subscriptions and deliveries, in plain sets."""

from dataclasses import dataclass, field
from datetime import datetime

from colporteur.simulation.log import Article, Chose, Reader

Place = tuple[Article, int]
"""An article at one of its places in the sequence: it gets a new one when it comes back."""


@dataclass
class Known:
    """An article: where it stands in the sequence, and what choosing asks about it."""

    key: Article
    language: str
    topics: frozenset[str]
    dated_at: datetime | None
    publish_at: datetime | None
    in_digests: bool
    order: int  # of handing in
    channels: set[str] = field(default_factory=set)
    own_places: dict[str, int] = field(default_factory=dict)  # channels joined later
    place: int | None = None
    numbered_at: datetime | None = None
    withdrawn: bool = False

    def place_in(self, channel: str) -> int | None:
        """Its place for the readers of a channel; None if it has none yet."""
        return None if self.place is None else self.own_places.get(channel, self.place)

    def date(self) -> datetime:
        """The author's own, else when it was numbered."""
        found = self.dated_at or self.numbered_at
        assert found is not None
        return found


@dataclass
class Taker:
    """A reader of one channel."""

    reader: Reader
    channel: str
    choice: Chose
    start: int  # places after it are theirs
    state: str = "active"


@dataclass
class Owed:
    """One edition to one reader: what it shall bring, and what is settled by it."""

    edition: int
    reader: Reader
    channel: str
    due_at: datetime
    brings: list[Article]
    settles: set[Place]
    status: str = "pending"

    @property
    def live(self) -> bool:
        """Whether its articles count as the reader's."""
        return self.status not in {"failed", "skipped"}
