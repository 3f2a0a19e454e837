"""The report of one edition: numbers for everybody, and whom it missed for who may know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from colporteur.delivery.resending import resend_failed
from colporteur.editions.reporting import missed, report
from colporteur.editions.store import Edition, load
from colporteur.editions.tallies import AFTERWARDS, DELIVERED, OUTCOMES, Tally, by_outcome
from colporteur.editions.totals import last_left_at, possible_duplicates
from colporteur.publication.identities import channel_of
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.charts import Chart, picture
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.reports.files import csv_file
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id

_AT_ONCE = 100
_DOMAINS = 20
_FEW = 5
"""A domain of fewer readers may be somebody's own name: who may not see readers sees them as one."""
_OTHERS = "…"


@dataclass(frozen=True)
class Drawn:
    """A chart with what its table says."""

    chart: Chart
    rows: Sequence[tuple[str, Sequence[int]]]


class Report:
    """One edition's report."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """The page."""
        with self._room.reading(visit) as desk:
            edition = load(desk.connection, visit.number())
            found = report(desk.connection, edition)
            tallies = _told(visit, found.tallies)
            twice = possible_duplicates(desk.connection, edition.id)
            last = last_left_at(desk.connection, edition.id)
            title, clock = self._title(visit, desk, edition), _clock(visit, desk)
        counts = _by_status(tallies)
        rows = _by_domain(tallies)
        took = last - edition.first_left_at if last and edition.first_left_at else None
        return self._room.page(
            visit,
            "reports/one",
            title,
            edition=edition,
            counts=counts,
            reasons=[(*key, number) for key, number in by_outcome(tallies).items() if key[1]],
            readers=found.readers,
            domains=rows[:_DOMAINS],
            more_domains=len(rows) - _DOMAINS,
            outcomes=[one for one in OUTCOMES if counts[one]],
            others=_OTHERS,
            clicks=found.clicks,
            twice=twice,
            took=took,
            drawn=self._drawn(visit, counts),
            missed=counts["failed"] + counts["skipped"] + counts["deferred"],
            clock=clock,
        )

    def chart(self, visit: Visit) -> Response:
        """What became of it, as an image."""
        with self._room.reading(visit) as desk:
            found = report(desk.connection, load(desk.connection, visit.number()))
        made = self._drawn(visit, _by_status(found.tallies))
        return picture(made.chart, narrow=bool(visit.query.one("narrow")))

    def file(self, visit: Visit) -> Response:
        """A line for each outcome, reason and domain."""
        with self._room.reading(visit) as desk:
            found = report(desk.connection, load(desk.connection, visit.number()))
        rows = [
            ("accepted_by_the_relay" if one.outcome == "sent" else one.outcome, *rest)
            for one in _told(visit, found.tallies)
            for rest in [(one.why, one.domain, one.readers)]
        ]
        name = f"edition-{visit.number()}.csv"
        return csv_file(name, ("outcome", "reason", "domain", "readers"), rows)

    def missed(self, visit: Visit) -> Response:
        """Whom it has not reached, some at a time."""
        after = as_id(visit.query.one("after")) if visit.query.one("after") else 0
        with self._room.reading(visit) as desk:
            edition = load(desk.connection, visit.number())
            found = missed(desk.connection, edition.id, _AT_ONCE + 1, after)
            counts = _by_status(report(desk.connection, edition).tallies)
            title, clock = self._title(visit, desk, edition), _clock(visit, desk)
        return self._room.page(
            visit,
            "reports/missed",
            title,
            edition=edition,
            found=found[:_AT_ONCE],
            next=found[_AT_ONCE - 1].id if len(found) > _AT_ONCE else None,
            failed=counts["failed"],
            again=visit.query.one("again"),
            kept=visit.query.one("kept"),
            clock=clock,
        )

    def resend(self, visit: Visit) -> Response:
        """Have it leave again for all whom it failed to reach, where that may be."""
        with self._room.changing(visit, May.READERS) as desk:
            edition = load(desk.connection, visit.number())
            done = resend_failed(desk.connection, edition, desk.brake, by=desk.by, now=desk.now)
            kept = {str(why): count for why, count in done.kept.items()}
            desk.note("edition.resent", f"edition:{edition.id}", readers=done.again, kept=kept)
        self._room.ring()
        left = sum(done.kept.values())
        path = f"/newsroom/reports/{edition.id}/missed?again={done.again}&kept={left}"
        return self._room.to(path, "resent")

    def _title(self, visit: Visit, desk: Desk, edition: Edition) -> str:
        if edition.arrangement.subject and not edition.regular:
            return edition.arrangement.subject
        channel = channel_of(desk.publication, desk.names, edition.channel_id)
        return self._room.say(
            visit,
            "Edition %(number)s of %(channel)s",
            number=edition.id,
            channel=channel.title if channel else "…",
        )

    def _drawn(self, visit: Visit, counts: Mapping[str, int]) -> Drawn:
        names = {
            "sent": self._room.say(visit, "Accepted by the relay"),
            "pending": self._room.say(visit, "Waiting"),
            "inflight": self._room.say(visit, "Leaving now"),
            "deferred": self._room.say(visit, "To be tried again"),
            "failed": self._room.say(visit, "Refused"),
            "skipped": self._room.say(visit, "Not sent"),
            "bounced": self._room.say(visit, "Came back"),
            "complained": self._room.say(visit, "Complaints"),
            "unsubscribed": self._room.say(visit, "Unsubscribed"),
        }
        told = [(name, counts[one]) for one, name in names.items() if counts[one]]
        readers = self._room.say(visit, "Readers")
        chart = Chart("ranks", [name for name, _ in told], {readers: [one for _, one in told]})
        return Drawn(chart, [(name, (count,)) for name, count in told])


def _clock(visit: Visit, desk: Desk) -> Clock:
    return Clock(visit.tag, desk.publication.timezone)


def _by_status(tallies: Sequence[Tally]) -> Counter[str]:
    found = Counter[str]()
    for one in tallies:
        found[one.outcome] += one.readers
    return found


def _told(visit: Visit, tallies: Sequence[Tally]) -> list[Tally]:
    """The tallies, with what might tell who a reader is left out for who may not see readers."""
    if visit.may(May.READERS):
        return list(tallies)
    sizes = Counter[str]()
    for one in tallies:
        if one.outcome in DELIVERED:
            sizes[one.domain] += one.readers
    sums = Counter[tuple[str, str, str]]()
    for one in tallies:
        domain = one.domain if sizes[one.domain] >= _FEW else _OTHERS
        sums[one.outcome, one.why, domain] += one.readers
    return [Tally(*key, count) for key, count in sums.items()]


def _by_domain(tallies: Sequence[Tally]) -> list[tuple[str, Mapping[str, int]]]:
    found: dict[str, Counter[str]] = {}
    for one in tallies:
        found.setdefault(one.domain, Counter())[one.outcome] += one.readers

    def readers(row: Mapping[str, int]) -> int:
        return sum(count for name, count in row.items() if name not in AFTERWARDS)

    return sorted(found.items(), key=lambda one: (-readers(one[1]), one[0]))
