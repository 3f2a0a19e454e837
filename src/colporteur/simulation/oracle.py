"""Says what each reader should get, from the rules alone (docs/rules.md), and what they did not.

Written apart from ``editions``, of which it imports nothing: slow, obvious, in plain sets.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from colporteur.simulation import log as said
from colporteur.simulation.books import Issue, Owed, Plan, Taker
from colporteur.simulation.choosing import choose, is_claimed, open_places, wants_special
from colporteur.simulation.comparing import in_edition, in_mail
from colporteur.simulation.log import Article, Chose, Froze, Log, Reader
from colporteur.simulation.minutes import Minutes, Rule
from colporteur.simulation.shelf import Shelf
from colporteur.simulation.verdict import Fault, Verdict

OVERDUE = timedelta(days=6)
"""A delivery that long past due without an end is lost: deferring ends before."""
INSTANT_WAITS = timedelta(minutes=5)
_AROUND = timedelta(days=40)
_Key = tuple[str, str, datetime | None]  # channel, cadence, slot: None for an instant's


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
        self._shelf = Shelf()
        self._takers: dict[tuple[Reader, str], Taker] = {}
        self._issues: dict[int, Issue] = {}
        self._owed: dict[tuple[int, Reader], Owed] = {}
        self._of_reader: dict[Reader, list[Owed]] = {}
        self._got: dict[Reader, set[Article]] = {}
        self._plans: dict[_Key, Plan] = {}
        self._specials: dict[str, said.Announced] = {}
        self._awaited: set[str] = set()  # specials that must freeze before the next tick
        self._recalls: set[str] = set()
        self._frozen_specials: set[str] = set()
        self._suspended = False
        self._released_at = log.started
        moments = [log.started, *(event.at for event in log.events)]
        self._minutes = Minutes(min(moments) - _AROUND, max(moments) + _AROUND)
        self._checked = {
            (channel.slug, name): log.started
            for channel in log.publication.channels
            if channel.digest
            for name in channel.digest.cadences
        }
        self._seen_by_instant: dict[tuple[str, str], int] = {}
        self._due: dict[_Key, None] = {}  # what must freeze before the next tick, in order
        self._seeing: dict[type, Callable[[Any], None]] = {
            said.Handed: self._shelf.hand_in,
            said.Changed: self._shelf.change,
            said.Withdrawn: self._shelf.withdraw,
            said.Restored: self._shelf.restore,
            said.Chose: self._chose,
            said.Left: self._left,
            said.Paused: self._paused,
            said.Resumed: self._resumed,
            said.Suspended: self._was_suspended,
            said.Released: self._was_released,
            said.Arranged: self._arranged,
            said.Approved: self._approved,
            said.Steered: self._steered,
            said.Announced: self._announced,
            said.Recalled: self._recalled,
            said.Refused: lambda _: None,
            said.Forced: self._forced,
            said.Ticked: self._ticked,
            said.Froze: self._froze,
            said.Missed: self._missed,
            said.Tried: self._tried,
            said.Sent: self._sent,
            said.Ended: self._ended,
        }

    def see(self, event: Any) -> None:
        """Take note of one event, and judge it."""
        self._seeing[type(event)](event)

    def end(self, now: datetime) -> None:
        """What was due long ago and never came is lost."""
        self._nothing_is_left_due(now)
        for one in self._owed.values():
            lets_go = self._issues[one.edition].lets_go() and not self._suspended
            if one.status == "pending" and lets_go and self._lateness(one, now) > OVERDUE:
                self._fault_all("missing", now, one, "it never left")

    # Readers and editors

    def _chose(self, event: Chose) -> None:
        taker = self._takers.get((event.reader, event.channel))
        if taker is not None and taker.state == "active":
            taker.choice = event
            return
        since = self._minutes.previous_slot(self._rule(event.channel, event.cadence), event.at)
        start = self._shelf.last_at(since)
        if taker is not None and taker.state == "paused":
            start = taker.start if taker.backlog else max(taker.start, start)
        self._takers[event.reader, event.channel] = Taker(event.reader, event.channel, event, start)

    def _left(self, event: said.Left) -> None:
        self._takers[event.reader, event.channel].state = "unsubscribed"

    def _paused(self, event: said.Paused) -> None:
        taker = self._takers[event.reader, event.channel]
        taker.state, taker.until, taker.backlog = "paused", event.until, event.backlog

    def _resumed(self, event: said.Resumed) -> None:
        taker = self._takers[event.reader, event.channel]
        if taker.state == "paused":
            self._end_pause(taker, min(event.at, taker.until or event.at))

    def _end_pause(self, taker: Taker, end: datetime) -> None:
        taker.state = "active"
        if not taker.backlog:
            taker.start = max(taker.start, self._shelf.last_at(end))

    def _was_suspended(self, _: said.Suspended) -> None:
        self._suspended = True

    def _was_released(self, event: said.Released) -> None:
        self._suspended, self._released_at = False, event.at

    def _arranged(self, event: said.Arranged) -> None:
        pinned = dict.fromkeys([*([event.lead] if event.lead else []), *event.order])
        key = (event.channel, event.cadence, event.slot)
        self._plans[key] = Plan(tuple(pinned), event.left_out)

    def _approved(self, event: said.Approved) -> None:
        key = (event.channel, event.cadence, event.slot)
        issue = next((one for one in self._issues.values() if one.key == key), None)
        if issue is None:
            plan = self._plans.setdefault(key, Plan())
            plan.approved, plan.closed_at = True, self._shelf.last
        elif not self._is_too_old(issue, event.at):
            issue.needs_approval, issue.resumed_at = False, event.at

    def _steered(self, event: said.Steered) -> None:
        issue = self._issues.get(event.edition)
        if issue is None:
            return
        if event.how == "cancel":
            issue.cancelled = True
        issue.stopped = event.how in {"pause", "hold"}
        if event.how in {"resume", "release"}:
            issue.resumed_at = event.at

    def _announced(self, event: said.Announced) -> None:
        self._specials[event.key] = event
        self._specials_due(event.at)

    def _recalled(self, event: said.Recalled) -> None:
        self._awaited.discard(event.key)
        self._recalls.add(event.key)

    def _leaves_at(self, special: said.Announced) -> datetime:
        return max(special.send_at or special.at, special.at + self._publication.specials.hold)

    def _specials_due(self, now: datetime) -> None:
        """One freezes at its time less the hold."""
        for special in self._specials.values():
            freezes_at = self._leaves_at(special) - self._publication.specials.hold
            done = special.key in self._recalls or special.key in self._frozen_specials
            if not (done or self._suspended) and freezes_at <= now:
                self._awaited.add(special.key)

    # The calendar

    def _ticked(self, event: said.Ticked) -> None:
        self._nothing_is_left_due(event.at)
        self._shelf.publish_due(event.at)
        for owed in self._owed.values():
            self._take_out_withdrawn(owed)
        if self._suspended:
            return
        for taker in self._takers.values():
            if taker.state == "paused" and taker.until and taker.until <= event.at:
                self._end_pause(taker, taker.until)
        for channel, name in self._checked:
            rule = self._rule(channel, name)
            if rule.cadence.rule == "instant":
                self._instant_due(rule, event.at)
            else:
                self._slots_due(rule, event.at)
        self._specials_due(event.at)

    def _take_out_withdrawn(self, owed: Owed) -> None:
        for article in [one for one in owed.brings if self._shelf.articles[one].withdrawn]:
            if owed.status == "pending":
                owed.take_out(article)

    def _slots_due(self, rule: Rule, now: datetime) -> None:
        checked, until = self._checked[rule.name], now + rule.digest.freeze
        slots = [one for one in self._minutes.slots(rule) if checked < one <= until]
        if slots:
            self._checked[rule.name] = slots[-1]
        for slot in slots:
            caught_up = slot != slots[-1] and slot < now
            if not caught_up and slot >= now - rule.digest.catch_up:
                self._due[(*rule.name, slot)] = None

    def _instant_due(self, rule: Rule, now: datetime) -> None:
        channel, _ = rule.name
        language = self._publication.channel(channel).language
        seen = self._seen_by_instant.get(rule.name, 0)
        new = sorted(
            (place, key)
            for key, place in self._shelf.in_channel(channel, seen, self._shelf.last)
            if (one := self._shelf.articles[key]).young
            and one.in_digests
            and not one.withdrawn
            and one.language == language
        )
        if not new:
            return
        first = self._shelf.articles[new[0][1]]
        came_later = new[0][0] != first.place  # and was numbered long ago: at once
        slot = now if came_later or not first.numbered_at else first.numbered_at + INSTANT_WAITS
        if now - rule.digest.catch_up <= slot <= now:
            self._due[(*rule.name, None)] = None

    def _forced(self, event: said.Forced) -> None:
        self._nothing_is_left_due(event.at)
        self._due[event.channel, event.cadence, event.at.replace(microsecond=0)] = None

    def _nothing_is_left_due(self, now: datetime) -> None:
        """Whatever had to freeze has; or its readers miss it."""
        for channel, name, slot in list(self._due):
            self._froze(Froze(now, 0, channel, name, slot or now))
        for key in sorted(self._awaited):
            self._froze(Froze(now, 0, self._specials[key].home, key=key))

    def _missed(self, event: said.Missed) -> None:
        """Missing an edition that was due is what its readers suffer from."""
        rule = self._rule(event.channel, event.cadence)
        if rule.cadence.rule == "instant":
            self._seen_by_instant[rule.name] = self._shelf.last
        key = self._key(event.channel, event.cadence, event.slot)
        if key in self._due:
            self._froze(Froze(event.at, event.edition, event.channel, event.cadence, event.slot))

    # A freeze

    def _froze(self, event: Froze) -> None:
        wanted = self._wanted_special(event) if event.key else self._wanted(event)
        for reader in sorted({*wanted, *event.rows}):
            shall, does = wanted.get(reader), event.rows.get(reader)
            theirs = partial(self._is_theirs, event, reader)
            for kind, article, why in in_edition(shall, does, theirs):
                self._fault(kind, event.at, event.edition, reader, article, why)
            if does is not None:
                settles = shall.settles if shall else set()
                self._owe(
                    Owed(
                        event.edition, reader, event.channel, does.due_at, [*does.articles], settles
                    )
                )
                if event.key:
                    self._make_way(event.edition, reader, does.articles)

    def _wanted(self, event: Froze) -> dict[Reader, Owed]:
        assert event.slot is not None
        rule = self._rule(event.channel, event.cadence)
        key = self._key(event.channel, event.cadence, event.slot)
        plan = self._plans.pop(key, Plan())
        asked = rule.digest.approval and not plan.approved
        self._issues[event.edition] = Issue((event.channel, event.cadence, event.slot), asked)
        if key not in self._due:
            return {}
        del self._due[key]
        if key[2] is None:
            self._seen_by_instant[rule.name] = self._shelf.last
        found = {}
        for taker in self._takers.values():
            chosen = (taker.channel, taker.choice.cadence)
            if taker.state == "active" and chosen == rule.name:
                owed = self._digest(event, event.slot, taker, rule, plan)
                if owed.brings:
                    found[taker.reader] = owed
        return found

    def _digest(self, event: Froze, slot: datetime, taker: Taker, rule: Rule, plan: Plan) -> Owed:
        theirs = self._of_reader.get(taker.reader, [])
        places = open_places(self._shelf, taker, theirs, plan.closed_at)
        channel, choice = self._publication.channel(event.channel), taker.choice
        brings = choose(self._shelf, places, channel, choice, plan, slot)
        due_at = event.at if event.forced else slot
        instant = rule.cadence.rule == "instant"
        if not event.forced and not instant:
            due_at = self._minutes.due(rule, slot, choice.weekday, choice.minute, choice.timezone)
        if not event.forced and (choice.minute is None or instant):
            clock = choice.timezone or self._publication.timezone
            quiet = self._publication.quiet_hours_of(channel)
            due_at = self._minutes.out_of(quiet, due_at, clock)
        return Owed(event.edition, taker.reader, event.channel, due_at, brings, places)

    def _wanted_special(self, event: Froze) -> dict[Reader, Owed]:
        """Each subscriber once, through the first channel that they are meant by."""
        assert event.key is not None
        special = self._specials[event.key]
        self._awaited.discard(event.key)
        self._frozen_specials.add(event.key)
        self._issues[event.edition] = Issue((event.channel, "", None), special=True)
        order = [one.slug for one in self._publication.channels]
        found: dict[Reader, Owed] = {}
        for taker in sorted(self._takers.values(), key=lambda one: order.index(one.channel)):
            meant = taker.channel in special.channels and taker.choice.specials
            if taker.state != "active" or not meant or taker.reader in found:
                continue
            if wants_special(taker.choice, special.topics):
                brings = [one for one in special.articles if self._may_bring(taker.reader, one)]
                row = event.rows.get(taker.reader)
                due_at = max(self._leaves_at(special), row.due_at if row else event.at)
                if brings or special.note:
                    found[taker.reader] = Owed(
                        event.edition, taker.reader, event.channel, due_at, brings, set()
                    )
        return found

    def _may_bring(self, reader: Reader, article: Article) -> bool:
        """Not withdrawn; and not theirs, unless a digest that has not left can make way."""
        theirs = [one for one in self._of_reader.get(reader, []) if not self._can_make_way(one)]
        return not (self._shelf.articles[article].withdrawn or is_claimed(article, theirs))

    def _can_make_way(self, owed: Owed) -> bool:
        return (
            owed.status == "pending" and not owed.tried and not self._issues[owed.edition].special
        )

    def _make_way(self, special: int, reader: Reader, articles: tuple[Article, ...]) -> None:
        for owed in self._of_reader.get(reader, []):
            if owed.edition != special and self._can_make_way(owed):
                for article in set(articles) & set(owed.brings):
                    owed.take_out(article, special)

    def _is_theirs(self, event: Froze, reader: Reader, article: Article) -> bool:
        theirs = self._of_reader.get(reader, [])
        if event.key:
            theirs = [one for one in theirs if not self._can_make_way(one)]
        return is_claimed(article, theirs)

    # What became of it

    def _owe(self, owed: Owed) -> None:
        self._owed[owed.edition, owed.reader] = owed
        self._of_reader.setdefault(owed.reader, []).append(owed)

    def _tried(self, event: said.Tried) -> None:
        self._owed[event.edition, event.reader].tried = True

    def _sent(self, event: said.Sent) -> None:
        where = (event.at, event.edition, event.reader)
        owed = self._owed.get((event.edition, event.reader))
        if owed is None or owed.status != "pending":
            self._fault("extra", *where, "", "no such mail is owed")
            return
        got = self._got.setdefault(event.reader, set())
        for kind, article, why in in_mail(owed.brings, event.articles, got):
            self._fault(kind, *where, article, why)
        if why := self._why_not_now(owed, event.at):
            self._fault("extra", *where, "", why)
        got.update(event.articles)
        owed.status, owed.brings = "sent", list(event.articles)

    def _why_not_now(self, owed: Owed, now: datetime) -> str:
        issue = self._issues[owed.edition]
        taker = self._takers.get((owed.reader, owed.channel))
        if now < owed.due_at:
            return "before its hour"
        if self._suspended or not issue.lets_go():
            return "though it was held back"
        if not issue.special and taker and taker.state != "active":
            return "though they left"
        late = not (issue.special or owed.tried) and self._is_late(owed, now)
        return "too late" if late else ""

    def _ended(self, event: said.Ended) -> None:
        owed = self._owed.get((event.edition, event.reader))
        if owed is None:
            return
        if event.status == "skipped" and not self._may_skip(owed, event):
            self._fault_all("missing", event.at, owed, f"skipped as {event.reason}")
        owed.status, owed.reason = event.status, event.reason
        if self._issues[owed.edition].special and event.reason == "cancelled":
            for one in self._of_reader[event.reader]:
                one.take_back(event.edition)
                self._take_out_withdrawn(one)

    def _may_skip(self, owed: Owed, event: said.Ended) -> bool:
        issue = self._issues[owed.edition]
        taker = self._takers.get((owed.reader, owed.channel))
        match event.reason:
            case "too_late":
                return not (owed.tried or self._suspended) and self._is_late(owed, event.at)
            case "missed":
                return issue.needs_approval and self._is_too_old(issue, event.at)
            case "cancelled":
                return issue.cancelled or issue.special
            case "unsubscribed" | "paused":
                return issue.special or (taker is not None and taker.state != "active")
        return not owed.brings

    def _is_late(self, owed: Owed, now: datetime) -> bool:
        digest = self._publication.channel(owed.channel).digest
        assert digest is not None
        return self._lateness(owed, now) > digest.catch_up

    def _lateness(self, owed: Owed, now: datetime) -> timedelta:
        resumed = self._issues[owed.edition].resumed_at
        return now - max(owed.due_at, resumed or owed.due_at, self._released_at)

    def _is_too_old(self, issue: Issue, now: datetime) -> bool:
        channel, _, slot = issue.key
        digest = self._publication.channel(channel).digest
        assert digest is not None
        return slot is not None and max(slot, self._released_at) + digest.catch_up < now

    # Words

    def _rule(self, channel: str, name: str) -> Rule:
        found = self._publication.channel(channel)
        assert found.digest is not None
        cadence = found.cadence(name)
        return Rule((channel, name), cadence, self._publication.zone_of(cadence), found.digest)

    def _key(self, channel: str, cadence: str, slot: datetime) -> _Key:
        instant = self._rule(channel, cadence).cadence.rule == "instant"
        return (
            channel,
            cadence,
            None if instant and (channel, cadence, slot) not in self._due else slot,
        )

    def _fault_all(self, kind: str, at: datetime, owed: Owed, why: str) -> None:
        for article in owed.brings:
            self._fault(kind, at, owed.edition, owed.reader, article, why)

    def _fault(
        self, kind: str, at: datetime, edition: int, reader: Reader, article: Article, why: str
    ) -> None:
        self.faults.append(Fault(kind, at, edition, reader, article, why))
