"""What came back: bounces and complaints, by whichever way, once each."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from colporteur.db.tables.metadata import key, metadata
from colporteur.db.types import Id, Instant

feedback = Table(
    "feedback",
    metadata,
    key(),
    Column("source", String(20), nullable=False),  # smtp, lmtp, imap, maildir, ses, postmark
    Column("event_id", String(200), nullable=False),  # of that source; the same is not heard twice
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),  # bounce, complaint, unsubscribe
    Column("verdict", String(20)),  # of a bounce: hard, soft, rate, policy, message
    # Deliveries are forgotten before bounces are: no constraints.
    Column("subscriber_id", Id, nullable=False),
    Column("delivery_id", Id),
    Column("edition_id", Id),
    Column("domain", String(255)),
    Column("smtp_code", Integer),
    Column("enhanced_code", String(20)),
    Column("text", Text, nullable=False),  # addresses masked
    Column("effect", String(40)),  # what it did to the reader, if anything
    Column("raw", LargeBinary),  # forgotten soon
    UniqueConstraint("source", "event_id"),
    Index("ix_feedback_subscriber_id", "subscriber_id", "at"),
    Index("ix_feedback_edition_id", "edition_id", "kind"),
    Index("ix_feedback_at", "at"),
)

# What was dropped: nobody's, forged, or nothing to act on; counted by day.
feedback_dropped = Table(
    "feedback_dropped",
    metadata,
    Column("day", String(10), primary_key=True),  # 2026-11-23, UTC
    Column("source", String(20), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("count", Integer, nullable=False),
)
