"""The places of the newsroom that report."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.reports.one import Report
from colporteur.web.newsroom.reports.over_time import OverTime
from colporteur.web.newsroom.room import Room

_REPORTS = "/newsroom/reports"


def report_places(room: Room) -> list[Place]:
    """Numbers are for everybody; whom they are about, for who may see readers."""
    over_time, report = OverTime(room), Report(room)
    one = f"{_REPORTS}/{{id}}"
    return [
        Place("GET", _REPORTS, May.LOOK, over_time.show),
        Place("GET", f"{_REPORTS}/editions.csv", May.LOOK, over_time.file),
        Place("GET", f"{_REPORTS}/feeds.csv", May.LOOK, over_time.feeds_file),
        Place("GET", f"{_REPORTS}/charts/{{chart}}.svg", May.LOOK, over_time.chart),
        Place("GET", one, May.LOOK, report.show),
        Place("GET", f"{one}/outcomes.svg", May.LOOK, report.chart),
        Place("GET", f"{one}/outcomes.csv", May.LOOK, report.file),
        Place("GET", f"{one}/missed", May.READERS, report.missed),
        Place("POST", f"{one}/resend", May.READERS, report.resend),
    ]
