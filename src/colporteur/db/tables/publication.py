"""Revisions of the publication, and what must outlive a change of its files."""

from sqlalchemy import Column, Integer, String, Table

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("why", String(500), nullable=False),
    Column("source", String(20), nullable=False),  # files, newsroom, undo
    Column("content", Json, nullable=False),
)

# Slugs may change (`formerly`), ids never do: articles, subscriptions and editions hold ids.
channels = Table(
    "channels",
    metadata,
    key(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("feed_id", String(500), nullable=False, unique=True),  # atom:id of its feed, for ever
    Column("removed_at", Instant),
    Column("changes", Integer, nullable=False),  # counts what its feeds must show
    Column("built", Integer, nullable=False),  # how many of them its stored feeds show
    Column("restated_at", Instant),  # when its feeds' own title, language and so on last changed
)

topics = Table(
    "topics",
    metadata,
    key(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("removed_at", Instant),
)

# The calendar's cursor: slots of a cadence up to `checked_until` are editions already.
cadences = Table(
    "cadences",
    metadata,
    refers("channel_id", "channels.id", primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("checked_until", Instant, nullable=False),
)

# What is true of this database as a whole: its base URL, whether sending is held, and so on.
facts = Table(
    "facts",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Json, nullable=False),
)
