"""Subscribers, what they chose, and who must never be written to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

subscribers = Table(
    "subscribers",
    metadata,
    key(),
    Column("address", String(320)),  # None once erased
    Column("address_key", String(320), unique=True),  # case-folded: one person once
    Column("domain", String(255)),
    Column("name", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
)

# Equal choices are one row, so that choosing runs once for all who share them.
profiles = Table(
    "profiles",
    metadata,
    key(),
    Column("key", String(64), nullable=False, unique=True),
    Column("topics_in", Json, nullable=False),
    Column("topics_out", Json, nullable=False),
    Column("layout", String(40), nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    key(),
    refers("subscriber_id", "subscribers.id"),
    refers("channel_id", "channels.id"),
    refers("profile_id", "profiles.id"),
    Column("cadence", String(80), nullable=False),
    Column("weekday", Integer),  # 0 is Monday
    Column("minute", Integer),  # of the day, in the reader's zone
    Column("timezone", String(64)),
    Column("specials", Boolean, nullable=False),
    Column("state", String(20), nullable=False),  # active, paused, unsubscribed
    Column("start_number", BigInteger, nullable=False),  # articles after it are theirs
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("keeps_backlog", Boolean, nullable=False, server_default=false()),  # after a pause
    Column("ended_at", Instant),
    UniqueConstraint("subscriber_id", "channel_id"),
    Index("ix_subscriptions_channel_id_cadence", "channel_id", "cadence", "state"),
    Index(
        "ix_subscriptions_paused_until",
        "paused_until",
        postgresql_where=text("state = 'paused'"),
        sqlite_where=text("state = 'paused'"),
    ),
)

# What happened to a reader, kept: the consent record and the history of choices.
subscriber_events = Table(
    "subscriber_events",
    metadata,
    key(),
    refers("subscriber_id", "subscribers.id"),
    Column("channel_id", BigInteger),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_subscriber_events_subscriber_id", "subscriber_id", "at"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
