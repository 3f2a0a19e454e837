"""What a soak counts and times, and the memory of its processes. Pure but for ``resident``."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MIB = 1024 * 1024


@dataclass
class Figures:
    """Times by what was done (seconds), answers by kind and status, what went wrong, memory."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    memory: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))

    def answered(self, what: str, status: int, seconds: float) -> None:
        """Note an answer; 5xx are wrong."""
        self.answers[what, status] += 1
        self.times[what].append(seconds)
        if status >= 500:  # noqa: PLR2004 - HTTP's own number
            self.wrong[f"{what}: HTTP {status}"] += 1


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds, so many times."""

    times: int
    median: float
    p95: float
    p99: float
    longest: float


def spread(values: Sequence[float]) -> Spread:
    """The quantiles of some times, one at least."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    return Spread(len(ordered), at(0.5), at(0.95), at(0.99), ordered[-1])


def slope(samples: Sequence[tuple[float, int]], since: float) -> float:
    """MiB an hour that memory grows by from ``since`` on, by least squares; 0.0 of too few.

    ``samples`` are (seconds, bytes). The first minutes fill caches and are left out by ``since``.
    """
    late = [(at, size) for at, size in samples if at >= since]
    if len(late) < 3:  # noqa: PLR2004 - a line through two says nothing
        return 0.0
    middle = sum(at for at, _ in late) / len(late)
    mean = sum(size for _, size in late) / len(late)
    over = sum((at - middle) ** 2 for at, _ in late)
    return sum((at - middle) * (size - mean) for at, size in late) / over * 3600 / _MIB


def resident(pids: Sequence[int]) -> int:
    """Bytes that some processes hold together; what they share counts once (PSS, proc(5))."""
    return sum(_pss(pid) for pid in pids)


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0  # it has ended
    return next((int(one.split()[1]) * 1024 for one in lines if one.startswith("Pss:")), 0)
