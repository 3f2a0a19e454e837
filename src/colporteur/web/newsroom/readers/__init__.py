"""The newsroom's readers: found, added, helped, and let go."""

from colporteur.web.newsroom.readers.places import reader_places

__all__ = ["reader_places"]
