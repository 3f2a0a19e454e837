"""The publication: what it is called, its channels, topics and cadences, kept as revisions."""

from colporteur.publication.cadences import Cadence
from colporteur.publication.model import (
    Channel,
    DigestRules,
    FeedRules,
    Publication,
    Sender,
    SpecialRules,
    Topic,
)

__all__ = [
    "Cadence",
    "Channel",
    "DigestRules",
    "FeedRules",
    "Publication",
    "Sender",
    "SpecialRules",
    "Topic",
]
