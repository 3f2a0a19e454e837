"""The web: the site's pages, the feeds' bytes, the outbox, and the way out for readers."""

from colporteur.web.app import create_app
from colporteur.web.fast_lane import protocol_for

__all__ = ["create_app", "protocol_for"]
