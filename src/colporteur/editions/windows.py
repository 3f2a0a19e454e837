"""Windows of article numbers: what a digest settles, and what is still open. Pure.

A window ``(low, high)`` holds the numbers above ``low`` up to and with ``high``; a text such as
``3-5,10-20`` lists several.
"""

from collections.abc import Iterable, Sequence

Window = tuple[int, int]


def read_windows(text: str) -> tuple[Window, ...]:
    """The windows that a text lists."""
    pairs = (part.split("-") for part in text.split(",") if part)
    return tuple((int(low), int(high)) for low, high in pairs)


def write_windows(windows: Sequence[Window]) -> str:
    """The text that ``read_windows`` reads."""
    return ",".join(f"{low}-{high}" for low, high in windows)


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same numbers in as few windows as can be, in order."""
    found: list[Window] = []
    for low, high in sorted(windows):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        elif low < high:
            found.append((low, high))
    return tuple(found)


def open_windows(start: int, upto: int, settled: Sequence[Window]) -> tuple[Window, ...]:
    """What of (start, upto] no earlier digest has dealt with, in order."""
    found: list[Window] = []
    low = start
    for settled_from, settled_to in joined(settled):
        if settled_from > low:
            found.append((low, min(settled_from, upto)))
        low = max(low, settled_to)
    if low < upto:
        found.append((low, upto))
    return tuple((low, high) for low, high in found if low < high)


def without(windows: Sequence[Window], numbers: Iterable[int]) -> tuple[Window, ...]:
    """The windows less these numbers."""
    found = list(joined(windows))
    for number in sorted(numbers):
        cut: list[Window] = []
        for low, high in found:
            inside = low < number <= high
            cut += [(low, number - 1), (number, high)] if inside else [(low, high)]
        found = [(low, high) for low, high in cut if low < high]
    return tuple(found)


def holds(windows: Sequence[Window], number: int) -> bool:
    """Whether a number lies in one of them."""
    return any(low < number <= high for low, high in windows)
