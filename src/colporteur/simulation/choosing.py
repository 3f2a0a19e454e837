"""Which articles a reader should get, and when: rules 5 to 7, one reader at a time. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime

from colporteur.publication.model import Channel, DigestRules
from colporteur.simulation.books import Known, Owed, Place, Plan, Taker
from colporteur.simulation.log import Article, Chose
from colporteur.simulation.shelf import Shelf


def is_claimed(article: Article, owed: Iterable[Owed]) -> bool:
    """Whether a live delivery brings it (rule 5)."""
    return any(one.live and article in one.brings for one in owed)


def open_places(
    shelf: Shelf, taker: Taker, owed: Collection[Owed], closed_at: int | None
) -> set[Place]:
    """What is open to a reader: since their start, not settled, not theirs already."""
    until = shelf.last if closed_at is None else closed_at
    places = shelf.in_channel(taker.channel, taker.start, until)
    for one in owed:
        if one.live and one.channel == taker.channel:
            places -= one.settles
    return {place for place in places if not is_claimed(place[0], owed)}


def choose(
    shelf: Shelf, places: set[Place], channel: Channel, choice: Chose, plan: Plan, slot: datetime
) -> list[Article]:
    """The articles of a digest, in order; none if there are too few."""
    rules = channel.digest
    assert rules is not None
    fitting = [
        shelf.articles[key]
        for key, _ in places
        if key not in plan.left_out and _fits(shelf.articles[key], channel, rules, choice, slot)
    ]
    if len(fitting) < rules.min_items:
        return []
    place_of = dict(places)
    fitting.sort(key=lambda one: (one.date(), place_of[one.key]), reverse=True)
    found = [one.key for one in fitting]
    pinned = [key for key in plan.pinned if key in found]
    return [*pinned, *(key for key in found if key not in pinned)][: rules.max_items]


def _fits(
    article: Known, channel: Channel, rules: DigestRules, choice: Chose, slot: datetime
) -> bool:
    if article.withdrawn or not article.in_digests or article.language != channel.language:
        return False
    return slot - article.date() <= rules.max_age and wants(choice, article.topics)


def wants(choice: Chose, topics: frozenset[str]) -> bool:
    """Rule 6: a filter fails closed, also for what has no topics."""
    if choice.topics_in and not choice.topics_in & topics:
        return False
    if choice.topics_out and not topics:
        return False
    return not choice.topics_out & topics


def wants_special(choice: Chose, topics: frozenset[str]) -> bool:
    """Whether a special on these topics is for a reader; on none, it is for all."""
    return not topics or wants(choice, topics)
