"""Subscribers, what they chose and consented to, and who must never be written to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
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
    # Case-folded: one person once. In the order of its bytes, in which what begins alike stands
    # together, on PostgreSQL too.
    Column(
        "address_key",
        String(320).with_variant(String(320, collation="C"), "postgresql"),
        unique=True,
    ),
    Column("domain", String(255)),
    Column("name", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("feed_key", String(40)),  # of their private feed; a new one ends the old address
    Index(
        "ix_subscribers_pending",
        "created_at",
        postgresql_where=text("state = 'pending'"),
        sqlite_where=text("state = 'pending'"),
    ),
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
    Column("state", String(20), nullable=False),  # pending, active, paused, unsubscribed
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
    Index(
        "ix_subscriptions_pending",
        "subscriber_id",
        postgresql_where=text("state = 'pending'"),
        sqlite_where=text("state = 'pending'"),
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
    Index(
        "ix_subscriber_events_unsubscribed",
        "at",
        postgresql_where=text("kind = 'unsubscribed'"),
        sqlite_where=text("kind = 'unsubscribed'"),
    ),
)

OPEN = "confirmed_at IS NULL AND (method <> 'import' OR asked_at IS NOT NULL)"
"""Of consents: somebody signed up, or was asked, and has not answered."""
TO_ASK = "confirmed_at IS NULL AND asked_at IS NULL AND method = 'import'"
"""Somebody on a list who is to be asked: there may be a million of them."""

# Who said yes to what, when, where and in which words: one row for each time that somebody asked.
consents = Table(
    "consents",
    metadata,
    key(),
    refers("subscriber_id", "subscribers.id"),
    refers("import_id", "imports.id", nullable=True),
    Column("method", String(20), nullable=False),  # form, embed, api, import, staff
    Column("channels", Json, nullable=False),  # ids
    Column("wording_hash", String(64)),
    Column("form_url", Text, nullable=False),
    Column("ip", String(45)),  # forgotten soon
    Column("at", Instant, nullable=False),
    Column("last_edition", Boolean, nullable=False, server_default=false()),  # wanted at once
    Column("asked_at", Instant),  # when the mail with the button was written; None: not yet
    Column("reminded_at", Instant),
    Column("confirmed_at", Instant),
    Column("confirmed_ip", String(45)),
    Index("ix_consents_subscriber_id", "subscriber_id"),
    Index(
        "ix_consents_open",
        "at",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index(
        "ix_consents_to_ask",
        "at",
        postgresql_where=text(TO_ASK),
        sqlite_where=text(TO_ASK),
    ),
)

# The words that somebody said yes to, once each.
wordings = Table(
    "wordings",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of the text
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# Lists of readers that were read in, and how far: one that was broken off goes on there.
imports = Table(
    "imports",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("options", Json, nullable=False),  # format, columns, channel, what consent was stated
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False, server_default="0"),  # done
    Column("counts", Json, nullable=False),  # what became of them
    Column("finished_at", Instant),
)

# Lists that somebody gave the newsroom, until they are read in. What was tried and what became of
# it stays; their bytes are in parts, where a worker on any machine finds them.
reader_lists = Table(
    "reader_lists",
    metadata,
    key(),
    Column("key", String(40), nullable=False, unique=True),  # of the form: sent twice, it is one
    Column("name", String(200), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("terms", Json, nullable=False),  # what is said of it: columns, channel, consent
    Column("version", Integer, nullable=False),  # of the terms
    Column("state", String(20), nullable=False),
    Column("lines", BigInteger, nullable=False),  # about how many rows it has
    Column("rows", BigInteger, nullable=False),  # done
    Column("told", Json, nullable=False),  # what would become of them, or did
    Column("problem", Text, nullable=False),
    Column("by", String(320), nullable=False),
    Column("at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("rung_at", Instant),
    Column("lease_token", String(40)),
    Column("lease_until", Instant),
    Index("ix_reader_lists_state", "state"),
)

reader_list_parts = Table(
    "reader_list_parts",
    metadata,
    refers("list_id", "reader_lists.id", primary_key=True),
    Column("kind", String(10), primary_key=True),  # given, refused
    Column("part", Integer, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(40), nullable=False),  # bounced, complained, erased, manual
    Column("at", Instant, nullable=False),
)
