"""The API under ``/api/``: how other programs bring articles in."""

from colporteur.web.api.app import ApiInFront, api_app

__all__ = ["ApiInFront", "api_app"]
