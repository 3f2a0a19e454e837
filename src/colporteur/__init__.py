"""Colporteur: a publication's new articles become feeds and e-mail digests."""

from importlib.metadata import version

__version__ = version("colporteur")
