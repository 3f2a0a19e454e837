"""The one way to a foreign address: public ones only, within limits of time and size."""

from colporteur.fetch.fetching import Answer, Fetcher
from colporteur.fetch.resolving import is_known

__all__ = ["Answer", "Fetcher", "is_known"]
