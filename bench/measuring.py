"""Medians of repeated runs, printed side by side."""

import statistics
import time
from collections.abc import Callable


def median_us(work: Callable[[], object], repeat: int = 50) -> float:
    """Microseconds that one call takes, the median of ``repeat``."""
    work()
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


def compare(title: str, ours: tuple[str, float], other: tuple[str, float]) -> None:
    """Print two figures and how many times faster ours is."""
    print(f"\n{title}")
    for name, figure in (ours, other):
        print(f"  {name:<46} {figure:>10.0f} µs")
    print(f"  {'ratio':<46} {other[1] / ours[1]:>10.2f} x")
