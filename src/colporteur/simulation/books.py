"""What the oracle keeps in mind: articles, subscriptions, editions and deliveries."""

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
    young: bool  # may open an instant edition
    order: int  # of handing in
    channels: set[str] = field(default_factory=set)
    own_places: dict[str, int] = field(default_factory=dict)  # where it came later
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
    until: datetime | None = None
    backlog: bool = False


@dataclass
class Plan:
    """What editors want of an edition to come."""

    pinned: tuple[Article, ...] = ()
    left_out: frozenset[Article] = frozenset()
    approved: bool = False
    closed_at: int | None = None  # an early approval closes the candidates here


@dataclass
class Issue:
    """An edition that was frozen; its key is channel, cadence and slot."""

    key: tuple[str, str, datetime | None]
    needs_approval: bool = False
    special: bool = False
    cancelled: bool = False
    stopped: bool = False  # held or paused
    resumed_at: datetime | None = None

    def lets_go(self) -> bool:
        """Whether its mails may leave."""
        return not (self.needs_approval or self.cancelled or self.stopped)


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
    reason: str = ""
    tried: bool = False
    lent: dict[Article, tuple[int, set[Place]]] = field(default_factory=dict)  # to a special

    @property
    def live(self) -> bool:
        """Whether its articles count as the reader's."""
        return self.status not in {"failed", "skipped"}

    def take_out(self, article: Article, special: int | None = None) -> None:
        """Leave an article to a special, or to nobody."""
        self.brings.remove(article)
        if special is not None:
            places = {one for one in self.settles if one[0] == article}
            self.settles -= places
            self.lent[article] = (special, places)

    def take_back(self, special: int) -> None:
        """The special does not bring what was lent to it."""
        for article, (borrower, places) in list(self.lent.items()):
            if borrower == special:
                del self.lent[article]
                if self.status != "pending" and self.reason != "in_special":
                    continue  # it has left without
                self.brings.append(article)
                self.settles |= places
                self.status, self.reason = "pending", ""
