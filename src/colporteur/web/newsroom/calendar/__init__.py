"""The calendar: past and coming editions, day by day, and what an editor may do to their time."""

from colporteur.web.newsroom.calendar.places import calendar_places

__all__ = ["calendar_places"]
