"""What an edition could bring, and what a form wishes for of it as it is now."""

from collections.abc import Sequence
from functools import cached_property

from colporteur.articles.store import by_ids
from colporteur.editions.arranging import Openness, Wishes, openness
from colporteur.editions.lineup import Listed, lineup
from colporteur.editions.store import Edition
from colporteur.web.desk import Desk
from colporteur.web.newsroom.editions.telling import home_of
from colporteur.web.newsroom.editions.typed import (
    Typed,
    fitted,
    typed_of,
    vanished,
    wishes_of,
    words_of,
)


class Wishing:
    """An edition on somebody's desk."""

    def __init__(self, desk: Desk, edition: Edition) -> None:
        self.desk = desk
        self.edition = edition
        self.open = openness(edition)

    @cached_property
    def listed(self) -> list[Listed]:
        """The articles that it could bring, the newest first."""
        channel = home_of(self.desk, self.edition)
        return lineup(self.desk.connection, self.edition, channel, self.desk.whom)

    @cached_property
    def newest(self) -> Sequence[int]:
        """Their ids."""
        return [one.id for one in self.listed]

    def as_kept(self) -> Typed:
        """What the form says at first."""
        return typed_of(self.edition.arrangement, self.newest)

    def fitted(self, typed: Typed) -> Typed:
        """What was typed, of the articles that there are now."""
        if self.open is Openness.ALL:
            return fitted(typed, self.newest)
        kept = self.as_kept()
        return Typed(
            kept.order, kept.left_out, kept.lead, typed.intro, typed.subject, typed.preheader
        )

    def vanished(self, typed: Typed) -> list[str]:
        """The titles of what was in the form and is there no more."""
        if self.open is not Openness.ALL:
            return []
        known = by_ids(self.desk.connection, vanished(typed, self.newest))
        return sorted(one.title for one in known.values())

    def wishes(self, typed: Typed) -> Wishes | None:
        """What a form wishes for; None where nothing can be wished for any more."""
        if self.open is Openness.NOTHING:
            return None
        if self.open is Openness.WORDS:
            return words_of(typed)
        return wishes_of(self.fitted(typed), self.edition.arrangement, self.newest)

    def has_lead(self, typed: Typed) -> bool:
        """Whether a lead is pinned."""
        if self.open is Openness.ALL:
            return self.fitted(typed).lead is not None
        return self.edition.arrangement.lead is not None
