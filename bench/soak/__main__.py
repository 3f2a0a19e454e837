"""``make soak``: ten minutes of everything at once; its report goes to ``bench/soak.md``.

``python -m bench.soak --minutes 2 --readers 200`` is a small one, and leaves the file alone.
"""

import argparse
import shutil
import signal
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "support"))  # real servers

from bench.soak.playing import play
from bench.soak.report import markdown
from bench.soak.stage import grown
from bench.soak.world import groups

_REPORT = Path(__file__).resolve().parents[1] / "soak.md"
_MINUTES, _READERS = 10.0, 2500


def main() -> int:
    """Play it; 1 if a promise was not kept."""
    asked = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    asked.add_argument("--minutes", type=float, default=_MINUTES)
    asked.add_argument("--readers", type=int, default=_READERS)
    asked.add_argument("--logs", type=Path, help="a folder for the logs of the processes")
    said = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of every end in between
    who = groups(said.readers)
    with grown(who, said.minutes) as stage:
        try:
            played = play(stage, who, said.minutes)
        finally:
            if said.logs:
                said.logs.mkdir(parents=True, exist_ok=True)
                for path in stage.folder.glob("*.log"):
                    shutil.copy(path, said.logs)
    report = markdown(played, sum(one.size for one in who))
    print(report)
    if (said.minutes, said.readers) == (_MINUTES, _READERS):
        _REPORT.write_text(report, encoding="utf-8")
    return int(not played.went_well)


if __name__ == "__main__":
    sys.exit(main())
