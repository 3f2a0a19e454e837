"""Looks at the editions that somebody watches: one look a second, however many watch.

It lives in the event loop of a process; only a look itself takes a thread, for a moment.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from colporteur.db import reading
from colporteur.editions.states import ENDED
from colporteur.editions.watching import UNDER_WAY, Pace, Seen, look
from colporteur.exceptions import ColporteurError

LISTENERS_AT_MOST = 300
EACH_AT_MOST = 8  # tabs of one person
_SLOWER = 5  # times, while an edition waits for a person
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Watched:
    """An edition that somebody watches; ``over`` when nothing new will be seen of it here."""

    woken: set[asyncio.Event] = field(default_factory=set)
    task: asyncio.Task[None] | None = None
    seen: Seen | None = None
    told: dict[str, str] = field(default_factory=dict)
    over: bool = False

    def news(self, seen: Seen) -> None:
        self.seen, self.told = seen, {}
        self.wake()

    def wake(self) -> None:
        for one in self.woken:
            one.set()


class Listener:
    """Somebody who watches some editions."""

    def __init__(self, watched: dict[int, _Watched]) -> None:
        self._watched = watched
        self._woken = asyncio.Event()
        for one in watched.values():
            one.woken.add(self._woken)

    async def wait(self, seconds: float) -> None:
        """Wait for the next look, that long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def told(self, tag: str, tell: Callable[[Seen], str]) -> dict[int, str]:
        """What there is to say now of each edition; said once for all who read a language."""
        found = {}
        for edition_id, one in self._watched.items():
            if one.seen is not None:
                if tag not in one.told:
                    one.told[tag] = tell(one.seen)
                found[edition_id] = one.told[tag]
        return found

    @property
    def over(self) -> bool:
        """Whether there will be no more news of any."""
        return all(one.over for one in self._watched.values())

    @property
    def ended(self) -> bool:
        """Whether every edition has ended."""
        seen = [one.seen for one in self._watched.values()]
        return all(one is not None and one.edition.state in ENDED for one in seen)

    def leave(self) -> None:
        """Watch no more."""
        for one in self._watched.values():
            one.woken.discard(self._woken)


@dataclass(frozen=True)
class Rhythm:
    """How often, in seconds, an edition is looked at, a listener hears something, and is asked for."""

    look: float = 1.0
    heartbeat: float = 15.0
    still_in: float = 30.0


class Lookout:
    """The lookout of a process."""

    def __init__(self, engine: Engine, rhythm: Rhythm = Rhythm()) -> None:
        self._engine = engine
        self.rhythm = rhythm
        self._watched: dict[int, _Watched] = {}
        self._people: Counter[int] = Counter()
        self._closed = False

    def has_room(self, person_id: int) -> bool:
        """Whether somebody may watch through this process, too."""
        return (
            not self._closed
            and self._people.total() < LISTENERS_AT_MOST
            and self._people[person_id] < EACH_AT_MOST
        )

    @contextmanager
    def listening(self, person_id: int, edition_ids: Collection[int]) -> Iterator[Listener]:
        """Somebody who watches these editions, until they leave."""
        listener = Listener({one: self._watch(one) for one in edition_ids})
        self._people[person_id] += 1
        try:
            yield listener
        finally:
            self._people[person_id] -= 1
            self._people += Counter()  # forget who has left
            listener.leave()
            self._rest()

    def seen(self, edition_id: int) -> Seen | None:
        """What was seen of an edition in the last second or so, if somebody watches it."""
        watched = self._watched.get(edition_id)
        return watched.seen if watched and not watched.over else None

    def close(self) -> None:
        """Send everybody home: the process ends."""
        self._closed = True
        for one in list(self._watched.values()):
            one.over = True
            one.wake()
            if one.task:
                one.task.cancel()

    def _watch(self, edition_id: int) -> _Watched:
        found = self._watched.get(edition_id)
        if found is None or found.over:
            found = self._watched[edition_id] = _Watched()
            found.task = asyncio.create_task(self._keep_looking(edition_id, found))
        return found

    def _rest(self) -> None:
        """Look no more at what nobody watches."""
        for edition_id, one in list(self._watched.items()):
            if not one.woken:
                del self._watched[edition_id]
                if one.task:
                    one.task.cancel()

    async def _keep_looking(self, edition_id: int, watched: _Watched) -> None:
        pace = Pace()
        try:
            while not watched.over:
                seen = await run_in_threadpool(self._look, edition_id, pace)
                watched.news(seen)
                if seen.edition.state in ENDED:
                    return
                slower = 1 if seen.edition.state in UNDER_WAY else _SLOWER
                await asyncio.sleep(self.rhythm.look * slower)
        except (ColporteurError, SQLAlchemyError) as error:
            _log.warning("Edition %s cannot be watched now: %s", edition_id, error)
        finally:
            watched.over = True
            watched.wake()

    def _look(self, edition_id: int, pace: Pace) -> Seen:
        with reading(self._engine) as connection:
            return look(connection, edition_id, pace)
