"""Growth and choices of readers, as charts; a table beside each says the same."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.audience import growing
from colporteur.audience.growing import NO_FILTER
from colporteur.web.desk import Desk
from colporteur.web.newsroom.charts import PERIODS, WEEKLY_FROM, Chart, Drawn, picture
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_RANKS_AT_MOST = 20


class Growth:
    """The page of charts, and each chart as a picture."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """The page."""
        with self._room.reading(visit) as desk:
            drawn = {name: make(visit, desk) for name, make in self._charts().items()}
            zone = desk.publication.timezone
        return self._room.page(
            visit,
            "readers/growth",
            self._room.say(visit, "Growth and choices"),
            drawn=drawn,
            period=_period(visit),
            periods=list(PERIODS),
            clock=Clock(visit.tag, zone),
        )

    def chart(self, visit: Visit) -> Response:
        """One chart, as an image."""
        make = self._charts().get(visit.at("chart"))
        if make is None:
            raise HTTPException(404)
        with self._room.reading(visit) as desk:
            return picture(make(visit, desk).chart, narrow=bool(visit.query.one("narrow")))

    def _charts(self) -> Mapping[str, Callable[[Visit, Desk], Drawn]]:
        return {
            "growth": self._growth,
            "cadences": self._cadences,
            "topics": self._topics,
            "hours": self._hours,
        }

    def _growth(self, visit: Visit, desk: Desk) -> Drawn:
        zone, days = desk.publication.timezone, PERIODS[_period(visit)]
        clock = Clock(visit.tag, zone)
        weekly = days >= WEEKLY_FROM
        since = desk.now - timedelta(days=days - 1)
        found = growing.changes(desk.connection, since, desk.now, zone, weekly=weekly)
        came, left = self._room.say(visit, "Came"), self._room.say(visit, "Left")
        chart = Chart(
            "bars",
            [clock.short_day(one.day) for one in found],
            {came: [one.came for one in found], left: [one.left for one in found]},
        )
        rows = [(clock.day(one.day), (one.came, one.left)) for one in reversed(found)]
        return Drawn(chart, rows)

    def _cadences(self, visit: Visit, desk: Desk) -> Drawn:
        channels = {desk.names.channels[one.slug]: one for one in desk.publication.channels}
        named: dict[str, int] = {}
        for (channel_id, cadence), count in growing.by_cadence(desk.connection).items():
            channel = channels.get(channel_id)
            of_it = f"{channel.title}: {channel.called(cadence, visit.tag)}" if channel else ""
            named[of_it or f"({channel_id}) {cadence}"] = count
        return self._ranked(visit, named)

    def _topics(self, visit: Visit, desk: Desk) -> Drawn:
        wanted, _ = growing.by_topic(desk.connection)
        called = {
            desk.names.topics[slug]: topic.name.get(visit.tag) or slug
            for slug, topic in desk.publication.topics.items()
        } | {NO_FILTER: self._room.say(visit, "Every topic")}
        return self._ranked(
            visit, {called.get(one, f"({one})"): count for one, count in wanted.items()}
        )

    def _hours(self, visit: Visit, desk: Desk) -> Drawn:
        found = growing.by_hour(desk.connection)
        usual = self._room.say(visit, "The channel’s usual one")
        hours = [(f"{hour:02}:00", found.get(hour, 0)) for hour in range(24)]
        readers = self._room.say(visit, "Readers")
        chart = Chart("bars", [name for name, _ in hours], {readers: [one for _, one in hours]})
        rows = [(usual, (found.get(None, 0),)), *((name, (one,)) for name, one in hours if one)]
        return Drawn(chart, rows)

    def _ranked(self, visit: Visit, named: Mapping[str, int]) -> Drawn:
        ranks = sorted(named.items(), key=lambda one: (-one[1], one[0]))
        top = ranks[:_RANKS_AT_MOST]
        readers = self._room.say(visit, "Readers")
        chart = Chart("ranks", [name for name, _ in top], {readers: [count for _, count in top]})
        return Drawn(chart, [(name, (count,)) for name, count in ranks])


def _period(visit: Visit) -> str:
    asked = visit.query.one("days")
    return asked if asked in PERIODS else "30"
