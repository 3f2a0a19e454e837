"""``GET /newsroom/calendar?month=2026-11`` or ``?week=2026-W47``: who leaves when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, format_skeleton, get_day_names
from starlette.responses import Response

from colporteur.web.newsroom.calendar import gathering
from colporteur.web.newsroom.calendar.spans import Span, span_asked, week_name
from colporteur.web.newsroom.calendar.telling import Entry, Words
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

PATH = "/newsroom/calendar"


@dataclass(frozen=True)
class _Day:
    """A day of the grid; ``out`` are the channels that leave it out."""

    path: str
    number: str
    name: str
    inside: bool
    today: bool
    entries: Sequence[Entry]
    out: Sequence[str]


class Looking:
    """The calendar as a grid."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """A month or a week."""
        with self._room.reading(visit) as desk:
            clock = Clockface(visit.tag, desk.publication.timezone, desk.now)
            first_weekday = clock.locale.first_week_day
            asked = (visit.query.one("month"), visit.query.one("week"))
            span = span_asked(*asked, clock.today, first_weekday)
            words = Words(self._room, visit, desk, clock)
            found = gathering.outings(desk, span.weeks[0][0], span.weeks[-1][-1])
            days = gathering.by_day(found, clock)

            def day(one: date) -> _Day:
                entries = [words.entry(each) for each in days.get(one, ())]
                out = [each.title for each in gathering.left_out(desk, one)]
                return _told(one, span, clock, entries, out)

            weeks = [[day(one) for one in week] for week in span.weeks]
        title = self._room.say(visit, "Calendar")
        return self._room.page(
            visit, "calendar", title, weeks=weeks, **_around(span, clock, first_weekday)
        )


def _told(
    day: date, span: Span, clock: Clockface, entries: Sequence[Entry], out: Sequence[str]
) -> _Day:
    name = clock.full_day(day)
    return _Day(
        f"{PATH}/{day}", str(day.day), name, span.has(day), day == clock.today, entries, out
    )


def _around(span: Span, clock: Clockface, first_weekday: int) -> dict[str, Any]:
    """What stands around the grid: its name, its weekdays, where it leads."""
    wide = get_day_names("wide", "stand-alone", clock.locale)
    short = get_day_names("abbreviated", "stand-alone", clock.locale)
    order = [(first_weekday + count) % 7 for count in range(7)]
    kind = "week" if span.is_week else "month"
    if span.is_week:
        ends = (span.weeks[0][0], span.weeks[0][-1])
        named = " – ".join(format_date(one, "long", locale=clock.locale) for one in ends)
    else:
        named = format_skeleton("yMMMM", span.first, locale=clock.locale)
    here = clock.today if span.weeks[0][0] <= clock.today <= span.weeks[-1][-1] else span.first
    return {
        "span": named,
        "is_week": span.is_week,
        "weekdays": [(wide[one], short[one]) for one in order],
        "earlier": f"{PATH}?{kind}={span.earlier}",
        "later": f"{PATH}?{kind}={span.later}",
        "as_month": f"{PATH}?month={here:%Y-%m}",
        "as_week": f"{PATH}?week={week_name(here)}",
        "now": f"{PATH}?week={week_name(clock.today)}" if span.is_week else PATH,
    }
