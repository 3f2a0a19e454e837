"""What can only be seen by looking at a feed's entries side by side."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from colporteur.syndication.lint.fault import Fault, fault


@dataclass(frozen=True)
class Key:
    """What tells entries apart; None for what an entry or its format does not say."""

    id: str
    published: datetime | None = None
    updated: datetime | None = None


def lint_together(entries: Sequence[Key]) -> list[Fault]:
    """No id twice; the newest first; no two moments of change the same. Tombstones aside."""
    return [*_repeated(entries), *_order(entries), *_equal(entries)]


def _repeated(entries: Sequence[Key]) -> Iterator[Fault]:
    for name, count in Counter(one.id for one in entries if one.id).items():
        if count > 1:
            yield fault("entry-id-repeated", f"{count} entries have this id.", name)


def _order(entries: Sequence[Key]) -> Iterator[Fault]:
    """In order of publication or of change, whichever fits."""
    by_publication = _first_out_of_order(
        [(one.id, one.published or one.updated) for one in entries]
    )
    by_change = _first_out_of_order([(one.id, one.updated or one.published) for one in entries])
    if by_publication is not None and by_change is not None:
        yield fault("order", "It is newer than the entry before it.", by_publication)


def _first_out_of_order(dated: Sequence[tuple[str, datetime | None]]) -> str | None:
    known = [(name, moment) for name, moment in dated if moment is not None]
    return next((name for (_, above), (name, one) in pairwise(known) if one > above), None)


def _equal(entries: Sequence[Key]) -> Iterator[Fault]:
    counts = Counter(one.updated for one in entries if one.updated is not None)
    for moment, count in counts.items():
        if count > 1:
            names = [one.id for one in entries if one.updated == moment]
            told = f"{count} entries were updated at {moment.isoformat()}."
            yield fault("updated-equal", told, names[1])
