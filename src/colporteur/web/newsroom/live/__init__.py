"""Live progress of editions: what a page shows of one as it leaves, and what keeps it fresh."""

from colporteur.web.newsroom.live.showing import shown
from colporteur.web.newsroom.live.stream import AT_ONCE, live_places
from colporteur.web.newsroom.live.telling import Told, telling

__all__ = ["AT_ONCE", "Told", "live_places", "shown", "telling"]
