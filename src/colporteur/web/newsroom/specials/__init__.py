"""Special editions and corrections: written, confirmed, withdrawn."""

from colporteur.web.newsroom.specials.places import special_places

__all__ = ["special_places"]
