"""Every place of the newsroom, in the order of its menu."""

from starlette.routing import BaseRoute

from colporteur.web.newsroom.live import live_places
from colporteur.web.newsroom.places import Place, routes_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.signing_in import door_places, signing_in_routes


def newsroom_routes(room: Room) -> list[BaseRoute]:
    """The routes of the newsroom."""
    nothing = Place("GET", "/newsroom/{rest:path}", None, room.missing)
    return [*signing_in_routes(room), *routes_of(room, [*places(room), nothing])]


def places(room: Room) -> list[Place]:
    """Every place that asks who is there; a test tries each with each role."""
    return [*door_places(room), *live_places(room)]
