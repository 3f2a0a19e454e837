"""``/preferences``: one page for each reader, where they choose what they get, or go."""

from colporteur.web.preferences.routes import preferences_routes

__all__ = ["preferences_routes"]
