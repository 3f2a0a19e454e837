"""Every table, by the domain it belongs to; ``metadata`` knows them all."""

from colporteur.db.tables import (
    articles,
    audience,
    delivery,
    editions,
    feedback,
    publication,
    sources,
    staff,
    syndication,
)
from colporteur.db.tables.metadata import metadata

__all__ = [
    "articles",
    "audience",
    "delivery",
    "editions",
    "feedback",
    "metadata",
    "publication",
    "sources",
    "staff",
    "syndication",
]
