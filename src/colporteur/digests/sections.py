"""Puts a digest's cards under their topics, where that helps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colporteur.digests.cards import Card

_WORTH_IT = 1.5  # cards under a title; where they are fewer, rubrics of their own tell them apart


@dataclass(frozen=True)
class Section:
    """Cards that stand together; ``title`` is empty where they need none."""

    title: str
    cards: list[Card]


def by_topic(cards: Sequence[Card], others: str) -> list[Section]:
    """The cards under their first topics, in the order in which those appear.

    ``others`` is the title of what has no topic, which comes last. Where few cards share a
    topic, or all do, they stay as they are. Under a title a card's rubric names its other topics.
    """
    found: dict[str, list[Card]] = {}
    for card in cards:
        found.setdefault(next(iter(card.topics), ""), []).append(card)
    if len(found) == 1 or len(cards) < _WORTH_IT * len(found):
        return [Section("", list(cards))] if cards else []
    found |= {"": found.pop("", [])}
    return [
        Section(topic or others, [replace(one, topics=one.topics[1:]) for one in own])
        for topic, own in found.items()
        if own
    ]
