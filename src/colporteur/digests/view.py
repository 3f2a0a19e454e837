"""What the templates of an edition's messages are handed."""

from dataclasses import dataclass

from colporteur.digests.cards import Card
from colporteur.digests.frame import Frame
from colporteur.digests.sections import Section


@dataclass(frozen=True)
class Digest:
    """One variant of an edition as its templates see it.

    ``kind`` is digest, special, correction or article (an instant one of a single article);
    ``layout`` is briefing, headlines or text-first. ``intro`` is cleaned HTML.
    """

    mail: Frame
    kind: str
    layout: str
    channel_title: str
    channel_url: str
    date: str
    intro: str
    intro_lines: list[str]
    lead: Card | None
    sections: list[Section]
    more: int
    more_url: str

    @property
    def articles(self) -> list[Card]:
        """Every card, in the order in which they are shown."""
        others = [card for section in self.sections for card in section.cards]
        return [self.lead, *others] if self.lead else others
