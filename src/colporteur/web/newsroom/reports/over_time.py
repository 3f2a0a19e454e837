"""Reports over time: editions and feeds, for a channel or all, as charts and as files."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.editions.totals import COUNTED, Total, totals
from colporteur.publication.identities import channel_of
from colporteur.syndication.polls import polls_by_day, subscribers_by_feed
from colporteur.web.desk import Desk
from colporteur.web.newsroom.charts import PERIODS, WEEKLY_FROM, Chart, Drawn, picture
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.reports.files import csv_file
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_SHOWN = 60


@dataclass(frozen=True)
class _Asked:
    """Which time and channel a report is about; ``days`` back, the ``slug`` empty for all."""

    days: int
    slug: str

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)

    @property
    def weekly(self) -> bool:
        return self.days >= WEEKLY_FROM

    def period(self, day: date) -> date:
        return day - timedelta(days=day.weekday()) if self.weekly else day

    def periods(self, now: datetime, zone: str) -> list[date]:
        """Each day or week of the time."""
        last = now.astimezone(ZoneInfo(zone)).date()
        day = self.period(last - timedelta(days=self.days - 1))
        found = []
        while day <= last:
            found.append(day)
            day += timedelta(days=7 if self.weekly else 1)
        return found


class OverTime:
    """The page of all reports."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """The page."""
        with self._room.reading(visit) as desk:
            asked = _asked(visit, desk)
            drawn = {name: make(visit, desk, asked) for name, make in self._charts().items()}
            found = _totals(desk, asked)
            feeds = subscribers_by_feed(desk.connection, desk.now)
            channels = {one.slug: one.title for one in desk.publication.channels}
            titles = {desk.names.channels[slug]: title for slug, title in channels.items()}
            zone = desk.publication.timezone
        sums = {name: sum(getattr(one, name) for one in found) for name in COUNTED}
        mine = [one for one in feeds if not asked.slug or _of(asked.slug, one["path"])]
        return self._room.page(
            visit,
            "reports/over_time",
            self._room.say(visit, "Reports"),
            asked=asked,
            periods=[int(one) for one in PERIODS],
            channels=list(channels.items()),
            titles=titles,
            drawn=drawn,
            sums=sums,
            found=found[:_SHOWN],
            more=len(found) > _SHOWN,
            feeds=mine,
            followers=sum(one["subscribers"] for one in mine),
            clock=Clock(visit.tag, zone),
        )

    def chart(self, visit: Visit) -> Response:
        """One chart, as an image."""
        make = self._charts().get(visit.at("chart"))
        if make is None:
            raise HTTPException(404)
        with self._room.reading(visit) as desk:
            made = make(visit, desk, _asked(visit, desk))
        return picture(made.chart, narrow=bool(visit.query.one("narrow")))

    def file(self, visit: Visit) -> Response:
        """A line for each edition."""
        with self._room.reading(visit) as desk:
            rows = [
                (
                    one.edition.id,
                    _slug(desk, one.edition.channel_id),
                    one.edition.kind,
                    one.edition.cadence,
                    one.at.isoformat(),
                    one.edition.state,
                    one.readers,
                    *(getattr(one, name) for name in COUNTED),
                )
                for one in _totals(desk, _asked(visit, desk))
            ]
        header = ("edition", "channel", "kind", "cadence", "left_at", "state", "readers")
        accepted = ("accepted_by_the_relay", *COUNTED[1:])
        return csv_file("editions.csv", (*header, *accepted), rows)

    def feeds_file(self, visit: Visit) -> Response:
        """A line for each day: how often feeds were asked for."""
        with self._room.reading(visit) as desk:
            asked = _asked(visit, desk)
            found = polls_by_day(desk.connection, asked.since(desk.now), asked.slug)
        return csv_file("feeds.csv", ("day", "polls"), sorted(found.items()))

    def _charts(self) -> Mapping[str, Callable[[Visit, Desk, _Asked], Drawn]]:
        return {"mail": self._mail, "afterwards": self._afterwards, "polls": self._polls}

    def _mail(self, visit: Visit, desk: Desk, asked: _Asked) -> Drawn:
        names = {
            "sent": self._room.say(visit, "Accepted by the relay"),
            "failed": self._room.say(visit, "Refused"),
            "deferred": self._room.say(visit, "To be tried again"),
        }
        return self._of_editions(visit, desk, asked, "stack", names)

    def _afterwards(self, visit: Visit, desk: Desk, asked: _Asked) -> Drawn:
        names = {
            "bounced": self._room.say(visit, "Came back"),
            "unsubscribed": self._room.say(visit, "Unsubscribed"),
            "complained": self._room.say(visit, "Complaints"),
        }
        return self._of_editions(visit, desk, asked, "bars", names)

    def _of_editions(
        self, visit: Visit, desk: Desk, asked: _Asked, kind: str, names: Mapping[str, str]
    ) -> Drawn:
        zone = ZoneInfo(desk.publication.timezone)
        counts = {name: Counter[date]() for name in names}
        for one in _totals(desk, asked):
            day = asked.period(one.at.astimezone(zone).date())
            for name, found in counts.items():
                found[day] += getattr(one, name)
        return _over_time(visit, desk, asked, kind, {names[one]: counts[one] for one in names})

    def _polls(self, visit: Visit, desk: Desk, asked: _Asked) -> Drawn:
        found = Counter[date]()
        for day, polls in polls_by_day(desk.connection, asked.since(desk.now), asked.slug).items():
            found[asked.period(date.fromisoformat(day))] += polls
        return _over_time(visit, desk, asked, "bars", {self._room.say(visit, "Polls"): found})


def _over_time(
    visit: Visit, desk: Desk, asked: _Asked, kind: str, counts: Mapping[str, Counter[date]]
) -> Drawn:
    clock = Clock(visit.tag, desk.publication.timezone)
    days = asked.periods(desk.now, clock.zone)
    series = {name: [found[day] for day in days] for name, found in counts.items()}
    rows = [
        (clock.day(day), [found[day] for found in counts.values()])
        for day in reversed(days)
        if any(found[day] for found in counts.values())
    ]
    return Drawn(Chart(kind, [clock.short_day(day) for day in days], series), rows)


def _asked(visit: Visit, desk: Desk) -> _Asked:
    slug = visit.query.one("channel")
    known = {one.slug for one in desk.publication.channels}
    return _Asked(PERIODS.get(visit.query.one("days"), 30), slug if slug in known else "")


def _totals(desk: Desk, asked: _Asked) -> list[Total]:
    channel_id = desk.names.channels[asked.slug] if asked.slug else None
    since = asked.since(desk.now)
    return totals(desk.connection, since, desk.now, channel_id=channel_id)


def _slug(desk: Desk, channel_id: int) -> str:
    found = channel_of(desk.publication, desk.names, channel_id)
    return found.slug if found else f"({channel_id})"


def _of(slug: str, path: str) -> bool:
    return path.startswith((f"feeds/{slug}.", f"feeds/{slug}/"))
