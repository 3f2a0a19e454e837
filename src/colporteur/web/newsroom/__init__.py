"""The newsroom: where editors see what will go out, change it, and send special editions."""

from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.routes import newsroom_routes

__all__ = ["Room", "newsroom_routes"]
