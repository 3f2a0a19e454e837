"""The settings: forms that make revisions of the publication, each with a preview and its undo."""

from colporteur.web.newsroom.settings.places import settings_places

__all__ = ["settings_places"]
