"""Every place of the newsroom, in the order of its menu."""

from starlette.routing import BaseRoute

from colporteur.web.newsroom.articles import article_places
from colporteur.web.newsroom.brakes import brake_places
from colporteur.web.newsroom.calendar import calendar_places
from colporteur.web.newsroom.editions import edition_places
from colporteur.web.newsroom.live import live_places
from colporteur.web.newsroom.people.choosing import choosing_routes
from colporteur.web.newsroom.people.places import people_places
from colporteur.web.newsroom.places import Place, routes_of
from colporteur.web.newsroom.readers import reader_places
from colporteur.web.newsroom.reports import report_places
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.settings import settings_places
from colporteur.web.newsroom.signing_in import door_places, signing_in_routes
from colporteur.web.newsroom.specials import special_places
from colporteur.web.newsroom.start import start_places
from colporteur.web.newsroom.today import today_places
from colporteur.web.newsroom.webhooks import webhook_places

_SECTIONS = (
    door_places,
    start_places,
    today_places,
    live_places,
    calendar_places,
    article_places,
    edition_places,
    special_places,
    reader_places,
    report_places,
    settings_places,
    brake_places,
    webhook_places,
    people_places,
)


def newsroom_routes(room: Room) -> list[BaseRoute]:
    """The routes of the newsroom."""
    nothing = Place("GET", "/newsroom/{rest:path}", None, room.missing)
    open_to_all = [*signing_in_routes(room), *choosing_routes(room)]
    return [*open_to_all, *routes_of(room, [*places(room), nothing])]


def places(room: Room) -> list[Place]:
    """Every place that asks who is there; a test tries each with each role."""
    return [place for section in _SECTIONS for place in section(room)]
