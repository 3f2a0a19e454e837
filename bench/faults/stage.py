"""A whole installation to do harm to: servers, processes, an edition under way."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from servers import free_port
from sqlalchemy.exc import DBAPIError

from bench.faults import workers
from bench.faults.disks import Disk, disk
from bench.faults.house import House, house_at
from bench.faults.servers import PostgreSQL, Redis, Sink, environment_for, folder_for
from bench.faults.workers import Supervisor
from colporteur.exceptions import ServiceUnavailable

WORKERS = 3
_LOOK_EVERY_S = 0.25
_ROOM = 32 * 1024 * 1024


@dataclass
class Stage:
    """What a scenario plays on."""

    folder: Path
    sink: Sink
    house: House
    processes: Supervisor
    postgresql: PostgreSQL | None = None
    redis: Redis | None = None
    disk: Disk | None = None
    refuses_to_start: bool = False  # a worker that starts while a server is away ends, and says so
    chance: random.Random = field(default_factory=lambda: random.Random(6))
    began: float = field(default_factory=time.monotonic)

    @property
    def senders(self) -> int:
        """Processes that send, of all workers."""
        names = [name for name in self.processes.kept if name.startswith("worker")]
        return len(names) * workers.CHILDREN

    def share(self) -> float:
        """How much of the edition the relay has taken."""
        return self.sink.count() / self.house.readers

    def until(self, share: float, within: float = 600) -> None:
        """Wait until the relay has taken a part of the edition."""
        wait_until(lambda: self.share() >= share, within, f"{share:.0%} of the edition")

    def finish(self, within: float) -> None:
        """Wait until the edition is over, by the ledger; do not mind a database that is away."""

        def over() -> bool:
            with contextlib.suppress(ServiceUnavailable, DBAPIError):
                return set(self.house.counts()) <= {"sent", "failed", "skipped"}
            return False

        wait_until(over, within, "the end of the edition")


def wait_until(condition: Callable[[], bool], within: float, what: str) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: it is not so after ``within`` seconds.
    """
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {within:.0f} s")
        time.sleep(_LOOK_EVERY_S)


def ready(processes: Supervisor, name: str) -> None:
    """Wait until a worker takes tasks."""
    wait_until(lambda: " ready." in processes.log(name), 120, f"{name} at work")


@contextlib.contextmanager
def grown(
    readers: int,
    rate: float,
    *,
    how_many: int = WORKERS,
    clock: str = "",
    relay_up: bool = True,
    settings: dict[str, str] | None = None,
) -> Iterator[Stage]:
    """PostgreSQL, Redis, a relay, workers and a clock that rings; nothing is sent yet.

    ``clock``: what LD_PRELOAD shifts PostgreSQL's clock with; empty leaves it alone.
    """
    with folder_for(postgresql=True) as folder, contextlib.ExitStack() as ends:
        postgresql, redis, sink = PostgreSQL(folder), Redis(folder), Sink(_made(folder), rate)
        for server in (redis, sink, postgresql):
            ends.callback(server.kill)
        shifted = {"LD_PRELOAD": clock, **_clock_in(folder)} if clock else {}
        postgresql.start(**shifted)
        redis.start()
        if relay_up:
            sink.start()
        house = house_at(postgresql.url, readers)
        ends.callback(house.engine.dispose)
        house.make()
        house.publish(1)
        own = environment_for(folder, postgresql.url, redis.url, sink.url, **(settings or {}))
        processes = Supervisor(folder, own)
        ends.callback(processes.close)
        for number in range(how_many):
            processes.start(f"worker{number}", workers.worker(number))
        processes.start("beat", workers.beat())
        for number in range(how_many):
            ready(processes, f"worker{number}")
        yield Stage(folder, sink, house, processes, postgresql, redis)


@contextlib.contextmanager
def small(readers: int, rate: float) -> Iterator[Stage]:
    """``colporteur up`` on SQLite, which is not started yet, and a relay."""
    with folder_for(postgresql=False) as folder, contextlib.ExitStack() as ends:
        sink = Sink(_made(folder), rate)
        ends.callback(sink.kill)
        sink.start()
        url = f"sqlite:///{folder}/var/colporteur.db"
        house = house_at(url, readers)
        ends.callback(house.engine.dispose)
        house.make()
        house.publish(1)
        port = {"COLPORTEUR_PORT": str(free_port())}
        own = environment_for(folder, url, None, sink.url, **port)
        processes = Supervisor(folder, own)
        ends.callback(processes.close)
        yield Stage(folder, sink, house, processes)


@contextlib.contextmanager
def small_on_a_disk(readers: int, rate: float) -> Iterator[Stage]:
    """As ``small``, with the database on a disk that can be filled."""
    with small(readers, rate) as stage:
        stage.house.engine.dispose()
        with disk(stage.folder / "var", _ROOM) as own:
            stage.disk = own
            try:
                yield stage
            finally:
                stage.house.engine.dispose()
                stage.processes.close()


def set_clock(folder: Path, shift: str) -> None:
    """Shift the clock of a PostgreSQL that was started with one to shift, such as ``-1h``."""
    (folder / "clock").write_text(f"{shift}\n", encoding="ascii")


def _clock_in(folder: Path) -> dict[str, str]:
    set_clock(folder, "+0")
    (folder / "clock").chmod(0o644)
    return {
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def _made(folder: Path) -> Path:
    own = folder / "relay"
    own.mkdir()
    return own
