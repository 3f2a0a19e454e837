"""Says what each reader should get, from the rules alone (docs/rules.md), and what they did not.

Written apart from ``editions``, of which it imports nothing: slow, obvious, in plain sets.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from colporteur.publication.model import Channel, DigestRules
from colporteur.simulation.books import Known, Owed, Place, Taker
from colporteur.simulation.log import (
    Article,
    Changed,
    Chose,
    Ended,
    Forced,
    Froze,
    Handed,
    Left,
    Log,
    Missed,
    Reader,
    Restored,
    Row,
    Sent,
    Ticked,
    Withdrawn,
)
from colporteur.simulation.minutes import Minutes, Rule

_BEFORE = _AFTER = timedelta(days=40)
OVERDUE = timedelta(days=6)
"""A delivery that long past due without an end is lost: deferring ends before."""


@dataclass(frozen=True)
class Fault:
    """One article that a reader got twice, did not get, or should not have got."""

    kind: str  # repeated, missing, extra
    at: datetime
    edition: int
    reader: Reader
    article: Article
    why: str

    def __str__(self) -> str:
        what = f"{self.article or 'the edition'} to {self.reader} in edition {self.edition}"
        return f"{self.kind}: {what} at {self.at:%Y-%m-%d %H:%M:%S}: {self.why}"


@dataclass(frozen=True)
class Verdict:
    """All faults, in the order in which they showed."""

    faults: tuple[Fault, ...]

    def count(self, kind: str) -> int:
        """How many of a kind there are."""
        return sum(fault.kind == kind for fault in self.faults)

    @property
    def repeated(self) -> int:
        """Articles that a reader got, or would have got, twice."""
        return self.count("repeated")

    @property
    def missing(self) -> int:
        """Articles that a reader should have got, and when, and did not."""
        return self.count("missing")

    @property
    def extra(self) -> int:
        """Articles that a reader should not have got, or not then."""
        return self.count("extra")


def judge(log: Log) -> Verdict:
    """Compare what happened with what should have."""
    oracle = Oracle(log)
    for event in log.events:
        oracle.see(event)
    if log.events:
        oracle.end(log.events[-1].at)
    return Verdict(tuple(oracle.faults))


class Oracle:
    """Reads a log from its beginning, and notes each fault when it shows."""

    def __init__(self, log: Log) -> None:
        self.faults: list[Fault] = []
        self._publication = log.publication
        self._articles: dict[Article, Known] = {}
        self._numbered: list[datetime] = []  # place n was given at index n - 1
        self._takers: dict[tuple[Reader, str], Taker] = {}
        self._owed: dict[tuple[int, Reader], Owed] = {}
        self._of_reader: dict[Reader, list[Owed]] = {}
        self._got: dict[Reader, set[Article]] = {}
        latest = max((event.at for event in log.events), default=log.started)
        self._minutes = Minutes(log.started - _BEFORE, latest + _AFTER)
        self._checked: dict[tuple[str, str], datetime] = {
            (channel.slug, name): log.started
            for channel in log.publication.channels
            if channel.digest
            for name in channel.digest.cadences
        }
        self._due: set[tuple[str, str, datetime]] = set()  # must freeze before the next tick
        self._forced: Forced | None = None
        self._seeing: dict[type, Callable[[Any], None]] = {
            Handed: self._handed,
            Changed: self._changed,
            Withdrawn: self._withdrawn,
            Restored: self._restored,
            Chose: self._chose,
            Left: self._left,
            Forced: self._was_forced,
            Ticked: self._ticked,
            Froze: self._froze,
            Missed: self._missed,
            Sent: self._sent,
            Ended: self._ended,
        }

    def see(self, event: Any) -> None:
        """Take note of one event, and judge it."""
        self._seeing[type(event)](event)

    def end(self, now: datetime) -> None:
        """What was due long ago and never came is lost."""
        self._nothing_is_left_due(now)
        for one in self._owed.values():
            if one.status == "pending" and one.due_at < now - OVERDUE:
                for article in one.brings:
                    self._fault("missing", now, one.edition, one.reader, article, "it never left")

    # Articles

    def _handed(self, event: Handed) -> None:
        article = Known(
            event.article,
            event.language,
            event.topics,
            event.dated_at,
            event.publish_at,
            event.in_digests,
            len(self._articles),
            set(event.channels),
        )
        if event.publish_at is None and event.dated_at and event.dated_at > event.at:
            article.publish_at = event.dated_at
        self._articles[event.article] = article
        if article.publish_at is None or article.publish_at <= event.at:
            self._number(article, event.at)

    def _changed(self, event: Changed) -> None:
        article = self._articles[event.article]
        if event.topics is not None:
            article.topics = event.topics
        for channel in event.joins:
            if channel in article.channels:
                continue
            article.channels.add(channel)
            if article.place is not None:
                article.own_places[channel] = self._next_place(event.at)

    def _withdrawn(self, event: Withdrawn) -> None:
        self._articles[event.article].withdrawn = True
        for owed in self._owed.values():
            if owed.status == "pending" and event.article in owed.brings:
                owed.brings.remove(event.article)

    def _restored(self, event: Restored) -> None:
        article = self._articles[event.article]
        article.withdrawn = False
        if article.place is None:
            article.publish_at = event.at
            return
        place = self._next_place(event.at)
        article.own_places = dict.fromkeys(article.channels, place)

    def _number(self, article: Known, now: datetime) -> None:
        article.place, article.numbered_at = self._next_place(now), now

    def _next_place(self, now: datetime) -> int:
        self._numbered.append(now)
        return len(self._numbered)

    # Readers

    def _chose(self, event: Chose) -> None:
        taker = self._takers.get((event.reader, event.channel))
        if taker is not None and taker.state == "active":
            taker.choice = event
            return
        since = self._minutes.previous_slot(self._rule(event.channel, event.cadence), event.at)
        start = self._last_place_at(since)
        self._takers[event.reader, event.channel] = Taker(event.reader, event.channel, event, start)

    def _left(self, event: Left) -> None:
        self._takers[event.reader, event.channel].state = "unsubscribed"

    def _last_place_at(self, moment: datetime) -> int:
        """The place before the first one given after a moment."""
        later = (place for place, at in enumerate(self._numbered) if at > moment)
        return next(later, len(self._numbered))

    # The calendar

    def _ticked(self, event: Ticked) -> None:
        self._nothing_is_left_due(event.at)
        waiting = [
            one
            for one in self._articles.values()
            if one.place is None and not one.withdrawn and (one.publish_at or event.at) <= event.at
        ]
        for article in sorted(waiting, key=lambda one: (one.publish_at, one.order)):
            self._number(article, event.at)
        for (channel, name), checked in self._checked.items():
            rule = self._rule(channel, name)
            until = event.at + rule.digest.freeze
            slots = [one for one in self._minutes.slots(rule) if checked < one <= until]
            if slots:
                self._checked[channel, name] = slots[-1]
            for slot in slots:
                superseded = slot != slots[-1] and slot < event.at
                if not superseded and slot >= event.at - rule.digest.catch_up:
                    self._due.add((channel, name, slot))

    def _was_forced(self, event: Forced) -> None:
        self._nothing_is_left_due(event.at)
        self._due.add((event.channel, event.cadence, event.at.replace(microsecond=0)))

    def _nothing_is_left_due(self, now: datetime) -> None:
        """Whatever had to freeze has; or its readers miss it."""
        for channel, name, slot in sorted(self._due):
            self._froze(Froze(now, 0, channel, name, slot))

    def _froze(self, event: Froze) -> None:
        key = (event.channel, event.cadence, event.slot)
        wanted = self._expected_rows(event) if key in self._due else {}
        self._due.discard(key)
        for reader in sorted({*wanted, *event.rows}):
            shall, does = wanted.get(reader), event.rows.get(reader)
            self._compare(event, reader, shall, does)
            if does is not None:
                settles = shall.settles if shall else self._window(event, reader)
                self._owe(
                    Owed(
                        event.edition, reader, event.channel, does.due_at, [*does.articles], settles
                    )
                )

    def _missed(self, event: Missed) -> None:
        """Missing an edition that was due is what its readers suffer from."""
        if (event.channel, event.cadence, event.slot) in self._due:
            self._froze(Froze(event.at, event.edition, event.channel, event.cadence, event.slot))

    def _compare(self, event: Froze, reader: Reader, shall: Owed | None, does: Row | None) -> None:
        wanted = shall.brings if shall else []
        brought = does.articles if does else ()
        for article in wanted:
            if article not in brought:
                self._fault(
                    "missing", event.at, event.edition, reader, article, "not in the edition"
                )
        for article in brought:
            if self._claimed(reader, article):
                self._fault("repeated", event.at, event.edition, reader, article, "theirs already")
            elif article not in wanted:
                self._fault("extra", event.at, event.edition, reader, article, "no rule brings it")
        if len(set(brought)) < len(brought):
            self._fault(
                "repeated", event.at, event.edition, reader, brought[0], "twice in one mail"
            )
        if shall and does and shall.due_at != does.due_at:
            why = f"due {does.due_at:%Y-%m-%d %H:%M}, chosen {shall.due_at:%Y-%m-%d %H:%M}"
            self._fault("missing", event.at, event.edition, reader, "", why)

    # Choosing

    def _expected_rows(self, event: Froze) -> dict[Reader, Owed]:
        found = {}
        for taker in self._takers.values():
            chosen = (taker.channel, taker.choice.cadence)
            if taker.state == "active" and chosen == (event.channel, event.cadence):
                owed = self._expected(event, taker)
                if owed is not None:
                    found[taker.reader] = owed
        return found

    def _expected(self, event: Froze, taker: Taker) -> Owed | None:
        rule = self._rule(event.channel, event.cadence)
        channel = self._publication.channel(event.channel)
        window = self._window(event, taker.reader)
        wanted = [
            self._articles[key]
            for key, _ in window
            if self._fits(self._articles[key], channel, rule.digest, taker.choice, event.slot)
        ]
        wanted.sort(key=lambda one: (one.date(), one.place), reverse=True)
        if len(wanted) < rule.digest.min_items:
            return None
        choice = taker.choice
        due_at = event.slot
        if not event.forced:
            hour = (choice.weekday, choice.minute, choice.timezone)
            due_at = self._minutes.due(rule, event.slot, *hour)
        brings = [one.key for one in wanted[: rule.digest.max_items]]
        return Owed(event.edition, taker.reader, event.channel, due_at, brings, window)

    def _window(self, event: Froze, reader: Reader) -> set[Place]:
        """What is open to a reader: since their start, not settled, not theirs already."""
        taker = self._takers.get((reader, event.channel))
        start = taker.start if taker else 0
        places = {
            (one.key, place)
            for one in self._articles.values()
            if event.channel in one.channels
            and (place := one.place_in(event.channel)) is not None
            and place > start
        }
        for owed in self._live(reader):
            if owed.channel == event.channel:
                places -= owed.settles
        return {(key, place) for key, place in places if not self._claimed(reader, key)}

    @staticmethod
    def _fits(
        article: Known, channel: Channel, rules: DigestRules, choice: Chose, slot: datetime
    ) -> bool:
        if article.withdrawn or not article.in_digests or article.language != channel.language:
            return False
        if slot - article.date() > rules.max_age:
            return False
        if choice.topics_in and not choice.topics_in & article.topics:
            return False
        if choice.topics_out and not article.topics:
            return False
        return not choice.topics_out & article.topics

    def _claimed(self, reader: Reader, article: Article) -> bool:
        return any(article in owed.brings for owed in self._live(reader))

    def _live(self, reader: Reader) -> Iterable[Owed]:
        return [owed for owed in self._of_reader.get(reader, []) if owed.live]

    # What became of it

    def _owe(self, owed: Owed) -> None:
        self._owed[owed.edition, owed.reader] = owed
        self._of_reader.setdefault(owed.reader, []).append(owed)

    def _sent(self, event: Sent) -> None:
        owed = self._owed.get((event.edition, event.reader))
        if owed is None or owed.status != "pending":
            self._fault("extra", event.at, event.edition, event.reader, "", "no such mail is owed")
            return
        got = self._got.setdefault(event.reader, set())
        for article in event.articles:
            if article in got:
                self._fault(
                    "repeated", event.at, event.edition, event.reader, article, "sent twice"
                )
            elif article not in owed.brings:
                self._fault(
                    "extra", event.at, event.edition, event.reader, article, "taken out since"
                )
        for article in owed.brings:
            if article not in event.articles:
                self._fault(
                    "missing", event.at, event.edition, event.reader, article, "not in the mail"
                )
        if event.at < owed.due_at:
            self._fault("extra", event.at, event.edition, event.reader, "", "before its hour")
        got.update(event.articles)
        owed.status, owed.brings = "sent", list(event.articles)

    def _ended(self, event: Ended) -> None:
        owed = self._owed.get((event.edition, event.reader))
        if owed is not None:
            owed.status = event.status

    def _rule(self, channel: str, name: str) -> Rule:
        found = self._publication.channel(channel)
        assert found.digest is not None
        cadence = found.cadence(name)
        return Rule((channel, name), cadence, self._publication.zone_of(cadence), found.digest)

    def _fault(
        self, kind: str, at: datetime, edition: int, reader: Reader, article: Article, why: str
    ) -> None:
        self.faults.append(Fault(kind, at, edition, reader, article, why))
