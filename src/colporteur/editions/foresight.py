"""What will go out, and when: the calendar's slots, merged with the editions there are. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from colporteur.editions.states import ENDED, State

PLANNED = "planned"
DRAFT = "draft"
NEVER_LEFT = (State.SKIPPED, State.MISSED, State.CANCELLED)


@dataclass(frozen=True)
class Outing:
    """Something that goes out, or did not: ``edition`` is None while the calendar alone has it.

    ``leaves`` is None for a draft. ``articles`` is None where an earlier edition of the same
    cadence brings what there is, or nobody can tell.
    """

    channel: str
    zone: str
    leaves: datetime | None
    kind: str
    cadence: str | None
    state: str
    slot: datetime | None = None
    reason: str = ""
    readers: int = 0
    articles: int | None = None
    edition: int | None = None
    arranged_by: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing of it will go out any more."""
        return self.state in ENDED


@dataclass(frozen=True)
class Slots:
    """The coming slots of a cadence, how many readers it has, and how many articles wait.

    With ``rests``, the reason, nothing of it will go out.
    """

    channel: str
    zone: str
    cadence: str
    slots: tuple[datetime, ...]
    readers: int
    waiting: int
    rests: str = ""


def merged(slots: Sequence[Slots], editions: Sequence[Outing]) -> list[Outing]:
    """Everything in the order in which it leaves; drafts at the end.

    The first unfrozen edition of a cadence shows what waits for it: it takes that along.
    """
    taken = {(one.channel, one.cadence, one.slot) for one in editions}
    planned = [
        Outing(
            one.channel,
            one.zone,
            slot,
            "regular",
            one.cadence,
            State.SKIPPED if one.rests else PLANNED,
            slot=slot,
            reason=one.rests,
            readers=one.readers,
        )
        for one in slots
        for slot in one.slots
        if (one.channel, one.cadence, slot) not in taken
    ]
    waiting = {(one.channel, one.cadence): one.waiting for one in slots}
    return _with_waiting(sorted([*planned, *editions], key=_when), waiting)


def caught_up(due: Sequence[datetime], oldest: datetime) -> tuple[datetime, ...]:
    """Of slots that were missed, the one that will be caught up (docs/rules.md, 8), if any."""
    return tuple(slot for slot in due[-1:] if slot >= oldest)


def _when(one: Outing) -> tuple[bool, datetime | int, str, str]:
    return (one.leaves is None, one.leaves or one.edition or 0, one.channel, one.cadence or "")


def _with_waiting(found: Iterable[Outing], waiting: Mapping[tuple[str, str], int]) -> list[Outing]:
    shown: set[tuple[str, str]] = set()
    told = []
    for one in found:
        mine = (one.channel, one.cadence or "")
        unfrozen = one.articles is None and not one.ended and one.kind == "regular"
        if unfrozen and mine in waiting and mine not in shown:
            shown.add(mine)
            told.append(replace(one, articles=waiting[mine]))
        else:
            told.append(one)
    return told


def of_channel(found: Collection[Outing], channel: str | None) -> list[Outing]:
    """Those of one channel, or all."""
    return [one for one in found if channel is None or one.channel == channel]
