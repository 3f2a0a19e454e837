"""Chooses the articles of one digest. Pure: the same candidates and profile, the same choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Window = tuple[int, int]
"""Article numbers above the first, up to and with the second."""


@dataclass(frozen=True)
class Candidate:
    """An article that an edition could bring."""

    id: int
    number: int
    topics: frozenset[int]
    dated_at: datetime  # its own date, else its numbering


@dataclass(frozen=True)
class Profile:
    """What a reader wants: an empty ``topics_in`` is everything (docs/rules.md, 6)."""

    topics_in: frozenset[int]
    topics_out: frozenset[int]
    layout: str

    def wants(self, topics: frozenset[int]) -> bool:
        """Whether an article of these topics passes; one without topics fails any filter."""
        if self.topics_in and not self.topics_in & topics:
            return False
        return not (self.topics_out and (not topics or self.topics_out & topics))


@dataclass(frozen=True)
class Rules:
    """A channel's limits for one digest."""

    min_items: int
    max_items: int
    max_age: timedelta


@dataclass(frozen=True)
class Chosen:
    """The article ids in order, the lead first, and how many more there were."""

    articles: tuple[int, ...]
    more: int


def open_windows(start: int, upto: int, settled: Sequence[Window]) -> tuple[Window, ...]:
    """What of (start, upto] no earlier digest has dealt with, in order."""
    found: list[Window] = []
    low = start
    for settled_from, settled_to in sorted(settled):
        if settled_from > low:
            found.append((low, min(settled_from, upto)))
        low = max(low, settled_to)
    if low < upto:
        found.append((low, upto))
    return tuple((low, high) for low, high in found if low < high)


def choose(
    candidates: Sequence[Candidate],
    profile: Profile,
    windows: Sequence[Window],
    rules: Rules,
    slot: datetime,
) -> Chosen | None:
    """What a reader gets of the numbers in their open windows, newest first.

    None when that is under ``min_items``: the articles are carried over.
    """
    oldest = slot - rules.max_age
    found = [
        candidate
        for candidate in candidates
        if any(low < candidate.number <= high for low, high in windows)
        and candidate.dated_at >= oldest
        and profile.wants(candidate.topics)
    ]
    if len(found) < rules.min_items:
        return None
    found.sort(key=lambda one: (one.dated_at, one.number), reverse=True)
    kept = found[: rules.max_items]
    return Chosen(tuple(one.id for one in kept), len(found) - len(kept))
