"""``make faults``: every scenario, a table on the screen, and the same in ``bench/faults.md``.

``python -m bench.faults kills relay --readers 2000`` plays some of them, smaller, and leaves the
file alone.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "support"))  # real servers

from bench.faults.playing import Played, play
from bench.faults.report import markdown, show
from bench.faults.scenarios import ALL as SCENARIOS, Size

_REPORT = Path(__file__).resolve().parents[1] / "faults.md"


def main() -> int:
    """Play them; 1 if one broke a promise."""
    asked = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    asked.add_argument("scenario", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    asked.add_argument("--readers", type=int, default=20_000)
    asked.add_argument("--rate", type=float, default=160, help="messages a second at most")
    asked.add_argument("--kills", type=int, default=25)
    asked.add_argument("--every", type=float, default=3.5, help="seconds between kills")
    said = asked.parse_args()
    size = Size(said.readers, said.rate, said.kills, said.every)
    played: list[Played] = []
    for key in said.scenario or SCENARIOS:
        if key not in SCENARIOS:
            asked.error(f"there is no scenario {key!r}; there are {', '.join(SCENARIOS)}")
        print(f"{time.strftime('%H:%M:%S')} {SCENARIOS[key].name} …", file=sys.stderr)
        played.append(play(SCENARIOS[key], size))
        show(played[-1:])
    show(played)
    if not said.scenario:
        _REPORT.write_text(markdown(played, size), encoding="utf-8")
    return int(any(one.verdict.complaints for one in played))


if __name__ == "__main__":
    sys.exit(main())
