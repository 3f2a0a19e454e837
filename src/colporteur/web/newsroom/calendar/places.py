"""Where the calendar is."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.calendar.acting import Acting
from colporteur.web.newsroom.calendar.dates import Dates
from colporteur.web.newsroom.calendar.day import Day
from colporteur.web.newsroom.calendar.page import PATH, Looking
from colporteur.web.newsroom.calendar.sending import Sending
from colporteur.web.newsroom.calendar.steps import STEPS
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room


def calendar_places(room: Room) -> list[Place]:
    """The grid, a day, and what may be done to its editions."""
    acting, dates, sending = Acting(room), Dates(room), Sending(room)
    day = f"{PATH}/{{day}}"
    return [
        Place("GET", PATH, May.LOOK, Looking(room).show),
        Place("GET", f"{PATH}/send-now", May.STEER, sending.ask),
        Place("POST", f"{PATH}/send-now", May.STEER, sending.send),
        Place("GET", day, May.LOOK, Day(room).show),
        *(Place("POST", f"{day}/{one.name}", May.STEER, acting.doing(one)) for one in STEPS),
        Place("POST", f"{day}/date-out", May.SETTINGS, dates.setting(out=True)),
        Place("POST", f"{day}/date-back", May.SETTINGS, dates.setting(out=False)),
    ]
