"""The articles as the oracle knows them, and their places in the one sequence."""

from datetime import datetime

from colporteur.simulation.books import Known, Place
from colporteur.simulation.log import Article, Changed, Handed, Restored, Withdrawn

_SOON_ENOUGH_S = 3600  # an article dated longer ago opens no instant edition


class Shelf:
    """Every article that was handed in; ``given`` says when each place was given.

    ``first`` are the places of first publications: the others went to articles that came later.
    """

    def __init__(self) -> None:
        self.articles: dict[Article, Known] = {}
        self.given: list[datetime] = []
        self.first: list[int] = []

    @property
    def last(self) -> int:
        """The last place."""
        return len(self.given)

    def last_at(self, moment: datetime) -> int:
        """The last place of all that were published before the first after a moment.

        A reader's start: what came back just before it counts in the reader's favour.
        """
        before = 0
        for place in self.first:
            if self.given[place - 1] > moment:
                break
            before = place
        return before

    def in_channel(self, channel: str, after: int, until: int) -> set[Place]:
        """The articles with a place in a channel after one and up to another."""
        return {
            (one.key, place)
            for one in self.articles.values()
            if channel in one.channels
            and (place := one.place_in(channel)) is not None
            and after < place <= until
        }

    def hand_in(self, event: Handed) -> None:
        """A new one; numbered now unless it waits for its time, or for its own date."""
        waits = event.publish_at
        if waits is None and event.dated_at and event.dated_at > event.at:
            waits = event.dated_at
        young = not event.dated_at or (event.at - event.dated_at).total_seconds() <= _SOON_ENOUGH_S
        article = Known(
            event.article,
            event.language,
            event.topics,
            event.dated_at,
            waits,
            event.in_digests,
            young,
            len(self.articles),
            set(event.channels),
        )
        self.articles[event.article] = article
        if waits is None or waits <= event.at:
            self._number(article, event.at)

    def change(self, event: Changed) -> None:
        """Other topics; and a place in each channel that it joins after its publication."""
        article = self.articles[event.article]
        if event.topics is not None:
            article.topics = event.topics
        for channel in set(event.joins) - article.channels:
            article.channels.add(channel)
            if article.place is not None:
                article.own_places[channel] = self._next_place(event.at)

    def withdraw(self, event: Withdrawn) -> None:
        """Gone, for now."""
        self.articles[event.article].withdrawn = True

    def restore(self, event: Restored) -> None:
        """At a new place, so that nobody misses it; or still to be published."""
        article = self.articles[event.article]
        article.withdrawn = False
        if article.place is None:
            article.publish_at = event.at
            return
        place = self._next_place(event.at)
        article.own_places = dict.fromkeys(article.channels, place)

    def publish_due(self, now: datetime) -> None:
        """Number what waited for its time, in the order of those times."""
        waiting = [
            one
            for one in self.articles.values()
            if one.place is None and not one.withdrawn and one.publish_at and one.publish_at <= now
        ]
        for article in sorted(waiting, key=lambda one: (one.publish_at, one.order)):
            self._number(article, now)

    def _number(self, article: Known, now: datetime) -> None:
        article.place, article.numbered_at = self._next_place(now), now
        self.first.append(article.place)

    def _next_place(self, now: datetime) -> int:
        self.given.append(now)
        return self.last
