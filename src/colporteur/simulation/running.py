"""Runs a world on an engine from its first day to its last, and has the log judged."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from colporteur.db import make_engine
from colporteur.db.migrate import migrate
from colporteur.simulation.engine import Driver
from colporteur.simulation.log import Froze, Log, Ticked
from colporteur.simulation.oracle import judge
from colporteur.simulation.verdict import Verdict
from colporteur.simulation.world import World


@dataclass(frozen=True)
class Outcome:
    """What a simulation showed."""

    log: Log
    verdict: Verdict

    @property
    def editions(self) -> int:
        """How many editions had readers."""
        return sum(isinstance(one, Froze) and bool(one.rows) for one in self.log.events)

    @property
    def deliveries(self) -> int:
        """How many mails they made."""
        return sum(len(one.rows) for one in self.log.events if isinstance(one, Froze))


def simulate(
    engine: Engine, world: World, *, progress: Callable[[datetime], None] = lambda _: None
) -> Outcome:
    """Live through a world on a migrated, empty database; ``progress`` hears the true time."""
    driver = Driver(engine, world.publication, world.start, world.fortune)
    troubles, doings = world.troubles(), world.doings()
    for moment in world.moments():
        while doings and doings[0].at <= moment:
            doing = doings.pop(0)
            driver.do(doing, _engines_time(world, doing.at))
        reigning = {one.kind for one in troubles if one.reigns(moment)}
        if "down" not in reigning:
            now = _engines_time(world, moment)
            driver.do(Ticked(now), now)
            driver.deliver(now, relay="relay" not in reigning)
        progress(moment)
    return Outcome(driver.log, judge(driver.log))


@contextmanager
def scratch_engine() -> Iterator[Engine]:
    """An empty database in a temporary folder. Nobody needs it after a power cut."""
    with tempfile.TemporaryDirectory(prefix="colporteur-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'simulation.db'}")
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        migrate(engine)
        yield engine
        engine.dispose()


def _engines_time(world: World, moment: datetime) -> datetime:
    wrong = (one.wrong_by for one in world.troubles() if one.kind == "clock" and one.reigns(moment))
    return next((moment + by for by in wrong), moment)
