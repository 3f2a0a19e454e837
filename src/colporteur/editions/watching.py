"""An edition as it leaves: how far it is, how fast it goes, and how long the rest takes."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from colporteur.db import database_now
from colporteur.db.tables.delivery import batches
from colporteur.editions.progress import COUNTED, Progress, progress
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load

UNDER_WAY = (State.OPEN, State.FROZEN, State.SENDING)
"""The states in which an edition goes on by itself."""
_RATE_OVER_S = 20.0


@dataclass(frozen=True)
class Seen:
    """An edition at one moment; ``rate`` in messages a second, of late; 0 where none is known.

    ``later`` of its readers get it at an hour that has not come yet.
    """

    edition: Edition
    progress: Progress
    later: int
    at: datetime
    rate: float = 0.0

    @property
    def due(self) -> int:
        """Those that were not tried yet and could be now."""
        return max(0, self.progress.waiting - self.later)

    @property
    def seconds_left(self) -> int | None:
        """How long what is due takes at that rate; None where nobody can tell."""
        return round(self.due / self.rate) if self.rate else None


@dataclass
class Pace:
    """How fast an edition leaves, of what was seen of it in the last seconds."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def rate(self, at: datetime, done: int) -> float:
        """Messages a second, with so many ``done`` at this moment; 0 at the first look."""
        now = at.timestamp()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _RATE_OVER_S:
            self._seen.popleft()
        elapsed, more = now - self._seen[0][0], done - self._seen[0][1]
        return max(0.0, more / elapsed) if elapsed > 0 else 0.0


def look(connection: Connection, edition_id: int, pace: Pace | None = None) -> Seen:
    """An edition now, by the database's clock; ``pace`` knows how fast it goes.

    Raises:
        UnknownName: there is none.
    """
    edition = load(connection, edition_id)
    far = progress(connection, edition_id)
    now = database_now(connection)
    rate = pace.rate(now, far.done) if pace else 0.0
    return Seen(edition, far, _later(connection, edition_id, now), now, rate)


def _later(connection: Connection, edition_id: int, now: datetime) -> int:
    """How many wait for an hour of theirs: batches that have not been due yet."""
    counted = sum((batches.c[name] for name in COUNTED[1:]), batches.c[COUNTED[0]])
    untried = select(func.coalesce(func.sum(batches.c.size - counted), 0)).where(
        batches.c.edition_id == edition_id, batches.c.status == "pending", batches.c.due_at > now
    )
    return int(connection.scalar(untried) or 0)
