"""Polled sources: where articles are fetched from, and how that goes."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant

# A row for each `[[sources]]` of a channel; kept when it is removed there, for its counts.
sources = Table(
    "sources",
    metadata,
    key(),
    refers("channel_id", "channels.id"),
    Column("url", String(2000), nullable=False),  # as the channel's file says it
    Column("url_key", String(64), nullable=False),  # its hash: long URLs do not fit an index
    Column("address", String(2000), nullable=False),  # where it is fetched: elsewhere after a 301
    Column("state", String(20), nullable=False),  # active, gone (410), removed
    Column("etag", String(500)),
    Column("http_date", String(100)),  # its Last-Modified, as it was written
    Column("body_hash", String(64)),
    Column("next_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("enqueued_at", Instant),  # when it was last rung for
    Column("tried_at", Instant),
    Column("succeeded_at", Instant),
    Column("first_taken_at", Instant),  # until then, what comes fills feeds and never a mail
    Column("failures", Integer, nullable=False),  # since the last success
    Column("failing_since", Instant),
    Column("problem", Text, nullable=False),
    Column("alerted_at", Instant),
    Column("taken", Integer, nullable=False),
    Column("next_sitemap", Integer, nullable=False, server_default="0"),  # where its walk goes on
    UniqueConstraint("channel_id", "url_key"),
    Index("ix_sources_state_next_at", "state", "next_at"),
)
