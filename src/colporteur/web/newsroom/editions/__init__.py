"""Editions: which there are, what becomes of one, and the desk where one is arranged."""

from colporteur.web.newsroom.editions.places import edition_places

__all__ = ["edition_places"]
