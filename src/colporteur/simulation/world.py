"""What happens to a publication over weeks: made up from a seed, the same for each engine."""

import enum
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.publication import Publication
from colporteur.simulation.editors import editors
from colporteur.simulation.log import Event, Handed
from colporteur.simulation.newsroom import articles
from colporteur.simulation.readership import readership

STARTS = ("2026-09-14T09:00:00+00:00", "2026-02-12T11:30:00+00:00", "2027-03-01T18:00:00+00:00")
"""Before the clocks change: in Morocco, in America and Europe in autumn and in spring."""


@dataclass(frozen=True)
class Trouble:
    """Between two true instants something is out of order."""

    kind: str  # down: no tick and no worker; relay: nobody takes mail; clock: it is wrong
    since: datetime
    until: datetime
    wrong_by: timedelta = timedelta(0)

    def reigns(self, moment: datetime) -> bool:
        """Whether it does at that moment."""
        return self.since <= moment < self.until


class Fate(enum.Enum):
    """What the relay makes of a message in the end."""

    SENT = 250
    FAILED = 550


@dataclass(frozen=True)
class Fortune:
    """How a delivery goes: so many times "later", a worker's death at the first try, the end."""

    fate: Fate
    deferred: int = 0
    killed: bool = False


@dataclass(frozen=True)
class World:
    """A seed's span of time, and all that happens in it."""

    seed: int
    days: int
    readers: int
    publication: Publication
    step: timedelta = timedelta(minutes=20)  # between two looks at the clock, about

    @property
    def start(self) -> datetime:
        """When the publication is applied."""
        return datetime.fromisoformat(STARTS[self.seed % len(STARTS)])

    @property
    def end(self) -> datetime:
        """When it is all over."""
        return self.start + timedelta(days=self.days)

    def doings(self) -> list[Event]:
        """What people do, in the order of true time."""
        chance = random.Random(f"doings {self.seed}")
        events = [*articles(chance, self.publication, self.start, self.end)]
        handed = [event for event in events if isinstance(event, Handed)]
        events += editors(chance, self.publication, handed, self.start, self.end)
        for number in range(self.readers):
            events += readership(chance, self.publication, f"r{number}", self.start, self.end)
        return sorted(events, key=lambda event: event.at)

    def troubles(self) -> list[Trouble]:
        """Outages of minutes to days, and clocks that jump."""
        chance = random.Random(f"troubles {self.seed}")
        found = []
        moment = self.start + timedelta(days=2)
        while moment < self.end - timedelta(days=1):
            kind = chance.choice(["down", "down", "relay", "clock"])
            lasts = timedelta(minutes=10 ** chance.uniform(0.8, 3.6))
            wrong = timedelta(minutes=chance.choice([-180, -45, 0, 30, 240, 2000]))
            found.append(Trouble(kind, moment, moment + lasts, wrong))
            moment += lasts + timedelta(days=chance.expovariate(1 / 5))
        return found

    def moments(self) -> Iterator[datetime]:
        """When the engine looks at the clock, in true time."""
        chance = random.Random(f"moments {self.seed}")
        moment = self.start
        while moment < self.end:
            moment += self.step * chance.uniform(0.2, 1.8)
            yield moment

    def fortune(self, channel: str, slot: datetime, reader: str) -> Fortune:
        """What becomes of a delivery: the same whenever and wherever it is asked."""
        chance = random.Random(f"{self.seed} {channel} {slot} {reader}")
        luck = chance.random()
        if luck < 0.04:
            return Fortune(Fate.FAILED)
        if luck < 0.10:
            return Fortune(chance.choice(list(Fate)), deferred=chance.randint(1, 9))
        return Fortune(Fate.SENT, killed=luck < 0.12)
