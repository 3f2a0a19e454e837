"""What leaves if mail is let go now, as pages tell it before somebody says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from colporteur.delivery.departures import Coming, Departures, Missed, Waiting, departures
from colporteur.editions import brakes
from colporteur.editions.freezing.readers import Whom
from colporteur.publication import Publication
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock


@dataclass(frozen=True)
class Line:
    """An edition in words: ``at`` is empty where it has no hour, ``edition`` None before it opens.

    ``what`` is a state, a cadence's rule, or why it will not be sent.
    """

    channel: str
    cadence: str
    at: str
    what: str
    count: int
    edition: int | None = None


@dataclass(frozen=True)
class Leaving:
    """What a page tells; ``messages`` are those that wait, ``readers`` whom mail would reach."""

    readers: int
    messages: int
    letters: int
    waiting: Sequence[Line]
    missed: Sequence[Line]
    coming: Sequence[Line]


def leaving(desk: Desk, tag: str, *, live: bool = False) -> Leaving:
    """What leaves if mail is let go; ``live``: as if this were no rehearsal."""
    whom = Whom() if live else desk.whom
    found: Departures = departures(desk.connection, desk.revision, desk.names, desk.now, whom)
    told = _Telling(desk.publication, tag)
    return Leaving(
        brakes.readers(desk.connection),
        sum(one.messages for one in found.waiting),
        found.letters,
        [told.waiting(one) for one in found.waiting],
        [told.missed(one) for one in found.missed],
        [told.coming(one) for one in found.coming],
    )


@dataclass(frozen=True)
class _Telling:
    publication: Publication
    tag: str

    def waiting(self, one: Waiting) -> Line:
        at = Clock(self.tag, self.publication.timezone).in_full(one.slot) if one.slot else ""
        cadence = self._cadence(one.channel, one.cadence or "")
        title = self._title(one.channel)
        return Line(title, cadence, at, one.state, one.messages, one.edition)

    def missed(self, one: Missed) -> Line:
        at = Clock(self.tag, self._zone(one.channel, one.cadence)).in_full(one.slot)
        why = "later" if one.later else "late"
        return Line(self._title(one.channel), self._cadence(one.channel, one.cadence), at, why, 0)

    def coming(self, one: Coming) -> Line:
        zone = self._zone(one.channel, one.cadence)
        at = Clock(self.tag, zone).in_full(one.slot) if one.slot else ""
        cadence = self._cadence(one.channel, one.cadence)
        return Line(self._title(one.channel), cadence, at, one.rule, one.readers)

    def _title(self, slug: str) -> str:
        return self.publication.channel(slug).title if slug else ""

    def _zone(self, slug: str, cadence: str) -> str:
        return self.publication.zone_of(self.publication.channel(slug).cadence(cadence))

    def _cadence(self, slug: str, name: str) -> str:
        return self.publication.channel(slug).called(name, self.tag) if slug else name
