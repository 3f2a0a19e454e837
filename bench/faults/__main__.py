"""``make faults``: every scenario, a table on the screen, and the same in ``bench/faults.md``.

``python -m bench.faults kills relay --readers 2000`` plays some of them, smaller, and leaves the
file alone.
"""

import argparse
import pickle
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "support"))  # real servers

from bench.faults.disks import can_mount, unshared
from bench.faults.playing import Played, play
from bench.faults.report import markdown, show
from bench.faults.scenarios import ALL as SCENARIOS
from bench.faults.scenarios import LeftOut, Size

_SHORT = "mixed"  # the tests' own
_REPORT = Path(__file__).resolve().parents[1] / "faults.md"


def main() -> int:
    """Play them; 1 if one broke a promise."""
    asked = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    asked.add_argument("scenario", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    asked.add_argument("--readers", type=int, default=20_000)
    asked.add_argument("--rate", type=float, default=160, help="messages a second at most")
    asked.add_argument("--kills", type=int, default=25)
    asked.add_argument("--every", type=float, default=3.5, help="seconds between kills")
    asked.add_argument("--logs", type=Path, help="a folder for the logs of the processes")
    asked.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    said = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of every end in between
    size = Size(said.readers, said.rate, said.kills, said.every)
    if unknown := sorted({*said.scenario} - {*SCENARIOS}):
        asked.error(f"there is no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    if said.into:
        said.into.write_bytes(pickle.dumps(play(SCENARIOS[said.scenario[0]], size, said.logs)))
        return 0
    played: list[Played] = []
    left_out: list[str] = []
    for key in said.scenario or [one for one in SCENARIOS if one != _SHORT]:
        print(f"{time.strftime('%H:%M:%S')} {SCENARIOS[key].name} …", file=sys.stderr)
        try:
            played.append(_play(key, size, said.logs))
            show(played[-1:])
        except LeftOut as why:
            left_out.append(f"{SCENARIOS[key].name}: {why}")
            print(f"left out, {why}", file=sys.stderr)
    show(played)
    if not said.scenario:
        _REPORT.write_text(markdown(played, left_out, size), encoding="utf-8")
    return int(any(one.verdict.complaints for one in played))


def _play(key: str, size: Size, logs: Path | None) -> Played:
    scenario = SCENARIOS[key]
    if not scenario.mounts:
        return play(scenario, size, logs)
    if not can_mount():
        raise LeftOut("this machine gives nobody a namespace of their own")
    with tempfile.TemporaryDirectory() as name:
        into = Path(name) / "played"
        own = [f"--readers={size.readers}", f"--rate={size.rate}", f"--kills={size.kills}"]
        own += [f"--every={size.every}", f"--into={into}", *([f"--logs={logs}"] if logs else [])]
        if unshared([sys.executable, "-m", "bench.faults", key, *own]):
            raise RuntimeError(f"{scenario.name} did not come to an end")
        found = pickle.loads(into.read_bytes())  # our own process wrote it
        assert isinstance(found, Played)
        return found


if __name__ == "__main__":
    sys.exit(main())
