"""Which rows of a list can be decided at once: those that do not change one another. Pure.

A list may have an address several times, in several channels, and call it first this and then
that. What a later row of it becomes is decided when the earlier one is written, so that it makes
no difference how many rows are written at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from colporteur.audience.importing.judging import Wanted
from colporteur.audience.importing.words import Standing

_HARMLESS = frozenset([Standing.ACTIVE, Standing.PENDING, Standing.PAUSED])


@dataclass
class _Held:
    """What the last round has of an address."""

    round: int
    harmless: bool
    channels: set[int] = field(default_factory=set)


def rounds(rows: Sequence[Wanted]) -> tuple[list[list[int]], list[int]]:
    """The places of rows in rounds, one after the other; and of those that say nothing new.

    In a round an address has one row, or one for each of several channels that all want it.
    """
    found: list[list[int]] = []
    said: set[tuple[object, ...]] = set()
    idle: list[int] = []
    held: dict[str, _Held] = {}
    for place, row in enumerate(rows):
        key = row.address.key
        says = key, row.channel_id, row.standing, row.left_at
        if says in said:
            idle.append(place)
            continue
        said.add(says)
        there = held.get(key)
        harmless = row.standing in _HARMLESS
        if there is None:
            there = held[key] = _Held(0, harmless)
        elif not (harmless and there.harmless) or row.channel_id in there.channels:
            there = held[key] = _Held(there.round + 1, harmless)
        there.channels.add(row.channel_id)
        if there.round == len(found):
            found.append([])
        found[there.round].append(place)
    return found, idle
