"""The one way to a foreign address: public ones only, within limits of time and size."""

from colporteur.fetch.fetching import Answer, Fetcher

__all__ = ["Answer", "Fetcher"]
