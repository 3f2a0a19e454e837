"""Chooses the articles of one digest. Pure: the same candidates and profile, the same choice."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from colporteur.editions.arrangement import AS_IT_COMES, Arrangement
from colporteur.editions.windows import Window, holds


@dataclass(frozen=True)
class Candidate:
    """An article that an edition could bring; ``number`` is its place in the channel."""

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


class Fate(enum.StrEnum):
    """What choosing does with a candidate for one reader."""

    IN = "in"
    NOT_THEIRS = "not theirs"  # before their start, or dealt with by an earlier digest
    ALREADY_GOT = "already got"  # another delivery brings it to them
    TOO_OLD = "too old"
    LEFT_OUT = "left out"  # by an editor
    FILTERED = "filtered"  # by the reader's topics
    OVERFLOW = "overflow"  # beyond max_items
    TOO_FEW = "too few"  # below min_items: carried over


@dataclass(frozen=True)
class Offer:
    """What one reader may get: the numbers open to them, and what others bring them already."""

    windows: tuple[Window, ...]
    claimed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """The article ids in order, the lead first, and how many more there were."""

    articles: tuple[int, ...]
    more: int


def choose(
    candidates: Sequence[Candidate],
    profile: Profile,
    offer: Offer,
    rules: Rules,
    slot: datetime,
    arrangement: Arrangement = AS_IT_COMES,
) -> Chosen | None:
    """What a reader gets: what is pinned first, then the newest first.

    None when that is under ``min_items``: the articles are carried over.
    """
    return pick(offered(candidates, offer, rules, slot, arrangement), profile, rules)


def offered(
    candidates: Sequence[Candidate],
    offer: Offer,
    rules: Rules,
    slot: datetime,
    arrangement: Arrangement = AS_IT_COMES,
) -> list[Candidate]:
    """What readers of one offer may get, whatever their topics, in the order of a digest."""
    oldest = slot - rules.max_age
    found = [one for one in candidates if _barred(one, offer, oldest, arrangement) is None]
    return in_order(found, arrangement)


def pick(offered_ones: Sequence[Candidate], profile: Profile, rules: Rules) -> Chosen | None:
    """What one profile picks of what is offered; None when that is too little."""
    found = [one.id for one in offered_ones if profile.wants(one.topics)]
    if len(found) < rules.min_items:
        return None
    return Chosen(tuple(found[: rules.max_items]), max(0, len(found) - rules.max_items))


def in_order(found: Sequence[Candidate], arrangement: Arrangement) -> list[Candidate]:
    """The lead, the pinned ones in their order, then the newest first."""
    places = {article: place for place, article in enumerate(arrangement.pinned)}
    last = len(places)
    newest = sorted(found, key=lambda one: (one.dated_at, one.number), reverse=True)
    return sorted(newest, key=lambda one: places.get(one.id, last))


def fates(
    candidates: Sequence[Candidate],
    profile: Profile,
    offer: Offer,
    rules: Rules,
    slot: datetime,
    arrangement: Arrangement = AS_IT_COMES,
) -> dict[int, Fate]:
    """By article id what becomes of each candidate for one reader, for people who ask why."""
    oldest = slot - rules.max_age
    found = {
        one.id: _barred(one, offer, oldest, arrangement)
        or (None if profile.wants(one.topics) else Fate.FILTERED)
        for one in candidates
    }
    chosen = choose(candidates, profile, offer, rules, slot, arrangement)
    brought = set(chosen.articles) if chosen else set()
    rest = Fate.OVERFLOW if chosen else Fate.TOO_FEW
    return {one: fate or (Fate.IN if one in brought else rest) for one, fate in found.items()}


def _barred(
    one: Candidate, offer: Offer, oldest: datetime, arrangement: Arrangement
) -> Fate | None:
    """The first rule but their topics that keeps a candidate from readers of an offer."""
    if one.id in offer.claimed:
        return Fate.ALREADY_GOT
    if not holds(offer.windows, one.number):
        return Fate.NOT_THEIRS
    if one.dated_at < oldest:
        return Fate.TOO_OLD
    return Fate.LEFT_OUT if one.id in arrangement.left_out else None
