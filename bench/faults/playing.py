"""Plays one scenario from its start to its verdict."""

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bench.faults.scenarios import STOP_WITHIN_S, Scenario, Size
from bench.faults.stage import Stage
from bench.faults.verdict import Harm, Verdict, judge
from colporteur.delivery import sending

WINDOW: int = getattr(sending, "GROUP", 20)
"""Messages whose answers one connection may not have recorded yet: what a kill may double."""
_ENDS_WITHIN_S = 300.0


@dataclass(frozen=True)
class Played:
    """A scenario, how much harm it did, and how it ended."""

    name: str
    harm: Harm
    verdict: Verdict
    seconds: float


def play(scenario: Scenario, size: Size, logs: Path | None = None) -> Played:
    """Send an edition while a scenario does its harm; ``logs`` gets the processes' logs."""
    size = replace(size, rate=size.rate * scenario.hurry)
    with scenario.stage(size) as stage:
        try:
            began = time.monotonic()
            notes: tuple[str, ...] = ()
            harm = Harm()
            try:
                harm = scenario.play(stage, size)
                stage.finish(_ENDS_WITHIN_S + 3 * size.readers / size.rate)
            except TimeoutError as error:
                notes = (str(error),)
            seconds = time.monotonic() - began
            return Played(scenario.name, harm, _verdict(stage, harm, notes), seconds)
        finally:
            if logs is not None:
                for path in (*stage.folder.glob("*.log"), *stage.folder.glob("relay/*")):
                    shutil.copy(path, logs)


def _verdict(stage: Stage, harm: Harm, notes: tuple[str, ...]) -> Verdict:
    found = judge(
        stage.house.expected(),
        stage.sink.accepted(),
        stage.house.deliveries(),
        harm,
        WINDOW,
        STOP_WITHIN_S,
    )
    if stage.processes.unexpected and not stage.refuses_to_start:
        notes += (f"{stage.processes.unexpected} processes ended by themselves",)
    return replace(found, complaints=(*found.complaints, *notes))
