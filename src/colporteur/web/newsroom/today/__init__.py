"""Today: what goes out next, what is leaving, what needs a person, what went out lately."""

from colporteur.web.newsroom.today.page import today_places

__all__ = ["today_places"]
