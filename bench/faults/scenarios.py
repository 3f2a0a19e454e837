"""The scenarios: each does its harm while an edition goes out, and says how much it did."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import redis as redis_client

from bench.faults import workers
from bench.faults.relaying import connections_to
from bench.faults.stage import Stage, grown, set_clock, small, small_on_a_disk, wait_until
from bench.faults.verdict import Harm

STOP_WITHIN_S = 25.0


class LeftOut(Exception):  # noqa: N818 - it says what became of a scenario
    """This machine has not what a scenario needs."""


_GONE_S = 30.0
_CHILDREN = 0.5
"""Of the kills, those of a pool's child; the others are of whole workers."""
_NEARLY_ALL = 0.8  # of the readers: so much lets a scenario see the end of an edition


@dataclass(frozen=True)
class Size:
    """How large a run is: readers, messages a second at most, kills, seconds between them."""

    readers: int
    rate: float
    kills: int
    every: float


@dataclass(frozen=True)
class Scenario:
    """A name for people, where it plays, and what happens there."""

    name: str
    stage: Callable[[Size], AbstractContextManager[Stage]]
    play: Callable[[Stage, Size], Harm]
    mounts: bool = False
    hurry: float = 2.5  # times the usual rate: it need not outlast many kills


def _grown(size: Size) -> AbstractContextManager[Stage]:
    return grown(size.readers, size.rate)


def _small(size: Size) -> AbstractContextManager[Stage]:
    return small(size.readers, size.rate)


def _short(size: Size) -> AbstractContextManager[Stage]:
    return grown(size.readers, size.rate, how_many=2)


def _full(size: Size) -> AbstractContextManager[Stage]:
    return small_on_a_disk(size.readers, size.rate)


def _shifted(size: Size) -> AbstractContextManager[Stage]:
    return grown(size.readers, size.rate, clock=_clock())


def _relay_down(size: Size) -> AbstractContextManager[Stage]:
    return grown(size.readers, size.rate, relay_up=False)


def nothing(stage: Stage, _size: Size) -> Harm:
    """Nothing is done to it."""
    stage.house.send()
    return Harm()


def kills(stage: Stage, size: Size) -> Harm:
    """SIGKILL of a whole worker or of a child of a pool, every few seconds."""
    stage.house.send()
    stage.until(0.01)
    harm = Harm()
    while harm.kills < size.kills:
        time.sleep(size.every)
        if stage.share() >= 1:
            return harm + Harm(notes=(f"it was over after {harm.kills} kills",))
        harm += one_kill(stage)
    return harm


def one_kill(stage: Stage) -> Harm:
    """Kill one child, or one worker with all of its children."""
    if stage.chance.random() < _CHILDREN and stage.processes.kill_child(stage.chance):
        return Harm(1, 1)
    return worker_killed(stage)


def worker_killed(stage: Stage) -> Harm:
    """Kill one worker with all of its children."""
    names = [one for one in stage.processes.kept if one.startswith("worker")]
    stage.processes.kill(stage.chance.choice(sorted(names)))
    return Harm(1, workers.CHILDREN)


def rolling(stage: Stage, size: Size) -> Harm:
    """SIGTERM to one worker after the other, twice round: nobody may be doubled."""
    stage.house.send()
    stage.until(0.05)
    harm = Harm()
    for _ in range(2):
        for name in sorted(one for one in stage.processes.kept if one.startswith("worker")):
            code, seconds = stage.processes.terminate(name)
            said = () if code == 0 else (f"SIGTERM ended {name} with {code}",)
            harm += Harm(1, slowest_stop=seconds, notes=said)
            time.sleep(size.every)
    return harm


def flushall(stage: Stage, _size: Size) -> Harm:
    """All that Redis holds is thrown away, several times."""
    stage.house.send()
    for share in _shares(5):
        stage.until(share)
        flush(stage)
    return Harm(5)


def flush(stage: Stage) -> None:
    """FLUSHALL."""
    assert stage.redis is not None
    with redis_client.Redis.from_url(stage.redis.url) as client:
        client.flushall()


def redis_killed(stage: Stage, _size: Size) -> Harm:
    """Redis is killed and starts again, empty."""
    assert stage.redis is not None
    stage.house.send()
    for share in _shares(3):
        stage.until(share)
        stage.redis.kill()
        time.sleep(2)
        stage.redis.start()
    return Harm(3)


def redis_gone(stage: Stage, _size: Size) -> Harm:
    """Redis is away for half a minute in the middle."""
    assert stage.redis is not None
    stage.house.send()
    stage.until(0.4)
    stage.redis.kill()
    time.sleep(_GONE_S)
    stage.redis.start()
    return Harm(1)


def postgresql_killed(stage: Stage, _size: Size) -> Harm:
    """PostgreSQL stops at once, three times, and recovers."""
    assert stage.postgresql is not None
    stage.house.send()
    for share in _shares(3):
        stage.until(share)
        stage.postgresql.stop_immediately()
        stage.postgresql.start()
    return Harm(3, 3 * stage.senders)


def postgresql_gone(stage: Stage, _size: Size) -> Harm:
    """PostgreSQL is away for half a minute in the middle."""
    assert stage.postgresql is not None
    stage.house.send()
    stage.until(0.4)
    stage.postgresql.stop_immediately()
    time.sleep(_GONE_S)
    stage.postgresql.start()
    return Harm(1, stage.senders)


def beat_killed(stage: Stage, size: Size) -> Harm:
    """The clock that rings is killed, again and again."""
    stage.house.send()
    for share in _shares(5):
        stage.until(share)
        stage.processes.kill("beat")
        time.sleep(size.every)
    return Harm(5)


def relay_killed(stage: Stage, _size: Size) -> Harm:
    """The relay is killed with replies unsent, and comes back."""
    stage.house.send()
    lost = 0
    for share in _shares(3):
        stage.until(share)
        lost += len(connections_to(stage.sink.port))
        stage.sink.kill()
        time.sleep(2)
        stage.sink.start()
    return Harm(3, replies=lost)


def relay_drops(stage: Stage, size: Size) -> Harm:
    """The relay hangs up at random: at commands, in bodies, after the final dot, before its 250."""
    stage.sink.order(size.rate, drops=0.005)
    stage.house.send()
    stage.until(0.9)
    stage.sink.order(size.rate)
    stage.until(1.0)
    cut = stage.sink.cut()
    return Harm(cut, replies=cut)


def everything(stage: Stage, size: Size) -> Harm:
    """A bit of each, in no order."""
    stage.house.send()
    stage.until(0.01)
    assert stage.postgresql is not None
    assert stage.redis is not None
    stage.sink.order(size.rate, drops=0.001)
    stage.refuses_to_start = True
    harm = Harm()
    while stage.share() < _NEARLY_ALL:
        time.sleep(size.every)
        match stage.chance.randrange(6):
            case 0:
                flush(stage)
            case 1:
                stage.redis.kill()
                stage.redis.start()
            case 2:
                stage.processes.kill("beat")
            case 3:
                stage.postgresql.stop_immediately()
                stage.postgresql.start()
                harm += Harm(0, stage.senders)
            case _:
                harm += one_kill(stage)
                continue
        harm += Harm(1)
    stage.sink.order(size.rate)
    stage.until(0.95)
    return harm + Harm(replies=stage.sink.cut())


def mixed(stage: Stage, size: Size) -> Harm:
    """For CI: connections that the relay cuts, a FLUSHALL and three kills."""
    stage.sink.order(size.rate, drops=0.05)  # early: a batch rests after a relay that failed
    stage.house.send()
    wait_until(lambda: stage.sink.cut() > 1, 60, "a connection that the relay cuts")
    stage.sink.order(size.rate)
    stage.until(0.1)
    harm = worker_killed(stage)
    flush(stage)
    for share in (0.2, 0.4):
        stage.until(share)
        harm += Harm(1, 1) if stage.processes.kill_child(stage.chance) else worker_killed(stage)
    return harm + Harm(replies=stage.sink.cut())


def killed_at_40(stage: Stage, _size: Size) -> Harm:
    """Listmonk's first failure: everything is killed at 40 %, and started again later."""
    stage.house.send()
    stage.until(0.4)
    stage.processes.kill_all(again=False)
    time.sleep(3)
    stage.processes.start_all()
    return Harm(1, stage.senders)


def relay_down_first(stage: Stage, _size: Size) -> Harm:
    """Listmonk's second: no relay at the start, a pause, the relay comes, and it is resumed."""
    stage.house.send()
    _wait_for_trouble(stage)
    command(stage, "editions", "pause", str(stage.house.edition), "--why", "no relay")
    stage.sink.start()
    time.sleep(3)
    notes = () if stage.sink.count() == 0 else ("it sent while it was paused",)
    command(stage, "editions", "resume", str(stage.house.edition))
    return Harm(1, notes=notes)


def embedded(stage: Stage, size: Size) -> Harm:
    """``colporteur up`` on SQLite is killed every few seconds, and started again."""
    stage.house.send()
    stage.processes.start("up", workers.embedded())
    harm = Harm()
    for number in range(min(size.kills, 8)):
        stage.until((number + 1) / 10)
        one = stage.processes.kept["up"]
        one.process.send_signal(signal.SIGSTOP)  # or a connection could open after the count
        cut = len(connections_to(stage.sink.port))
        stage.processes.kill("up")
        harm += Harm(1, max(1, cut))
    return harm


def embedded_stopped(stage: Stage, _size: Size) -> Harm:
    """``colporteur up`` is asked to end, and started again: nobody may be doubled."""
    stage.house.send()
    stage.processes.start("up", workers.embedded())
    harm = Harm()
    for share in _shares(3):
        stage.until(share)
        code, seconds = stage.processes.terminate("up")
        said = () if code == 0 else (f"SIGTERM ended it with {code}",)
        harm += Harm(1, slowest_stop=seconds, notes=said)
    return harm


def disk_full(stage: Stage, _size: Size) -> Harm:
    """The database's disk is full for a while, twice."""
    assert stage.disk is not None
    stage.house.send()
    stage.processes.start("up", workers.embedded())
    harm = Harm()
    for share in (0.2, 0.5):
        stage.until(share)
        stage.disk.fill()
        harm += Harm(1, max(1, len(connections_to(stage.sink.port))))
        time.sleep(_GONE_S / 2)
        stage.disk.empty()
    return harm


def clock_back(stage: Stage, _size: Size) -> Harm:
    """The database's clock is set back an hour just as a worker dies."""
    stage.house.send()
    stage.until(0.3)
    harm = worker_killed(stage)
    set_clock(stage.folder, "-1h")
    return harm + Harm(1)


def command(stage: Stage, *words: str) -> None:
    """Run a command of Colporteur's beside the processes.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", "colporteur.cli", *words],
        cwd=stage.folder,
        env={**os.environ, **stage.processes.environment},  # noqa: TID251 - handed on
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"colporteur {' '.join(words)}: {done.stdout}{done.stderr}")


def _wait_for_trouble(stage: Stage) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        logs = [stage.processes.log(one) for one in stage.processes.kept if "worker" in one]
        if any("does not serve" in one or "reach" in one for one in logs):
            return
        time.sleep(0.5)
    raise TimeoutError("no worker noticed that there is no relay")


def _shares(how_many: int) -> Iterator[float]:
    for number in range(how_many):
        yield 0.1 + 0.7 * number / how_many


def _clock() -> str:
    """The library that shifts a clock, if there is one here."""
    places = (*Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), *_fetched())
    found = next(iter(places), None)
    if found is None:
        raise LeftOut("no libfaketime here (`make faults` fetches it on Debian)")
    return str(found)


def _fetched() -> Iterator[Path]:
    root = Path(__file__).resolve().parents[2]
    yield from (root / ".programs").glob("usr/lib/*/faketime/libfaketime.so.1")


ALL = {
    "calm": Scenario("nothing happens", _grown, nothing),
    "kills": Scenario("SIGKILL of workers and of pools' children", _grown, kills, hurry=1),
    "rolling": Scenario("SIGTERM, one worker after the other", _grown, rolling, hurry=1),
    "flushall": Scenario("FLUSHALL", _grown, flushall),
    "redis": Scenario("Redis killed", _grown, redis_killed),
    "redis-gone": Scenario("Redis gone for 30 s", _grown, redis_gone),
    "postgresql": Scenario("PostgreSQL stopped at once", _grown, postgresql_killed),
    "postgresql-gone": Scenario("PostgreSQL gone for 30 s", _grown, postgresql_gone),
    "beat": Scenario("beat killed", _grown, beat_killed),
    "relay": Scenario("relay killed", _grown, relay_killed),
    "drops": Scenario("relay hangs up at random", _grown, relay_drops),
    "everything": Scenario("all of these at random", _grown, everything, hurry=1),
    "killed-at-40": Scenario("all killed at 40 %, then started", _grown, killed_at_40),
    "relay-down": Scenario("relay down, pause, relay up, resume", _relay_down, relay_down_first),
    "mixed": Scenario("three kills, a FLUSHALL, connections cut", _short, mixed, hurry=1),
    "embedded": Scenario("SQLite, `colporteur up` killed", _small, embedded),
    "disk": Scenario("SQLite, disk full for 15 s, twice", _full, disk_full, mounts=True),
    "clock": Scenario("the database's clock set back an hour", _shifted, clock_back),
    "embedded-stop": Scenario("SQLite, `colporteur up` ended by SIGTERM", _small, embedded_stopped),
}
