"""Every table, by the domain it belongs to; ``metadata`` knows them all."""

from colporteur.db.tables import (
    alerts,
    api,
    articles,
    audience,
    delivery,
    editions,
    feedback,
    publication,
    sources,
    staff,
    syndication,
    vitals,
    webhooks,
)
from colporteur.db.tables.metadata import metadata

__all__ = [
    "alerts",
    "api",
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
    "vitals",
    "webhooks",
]
