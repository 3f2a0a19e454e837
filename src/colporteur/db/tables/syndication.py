"""Documents: the bytes of each feed and what they are joined from; the hub; counts of polls."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

documents = Table(
    "documents",
    metadata,
    Column("path", String(300), primary_key=True),  # as in the URL: feeds/actualites.rss
    Column("address", String(300), nullable=False, server_default=""),  # where it is served
    Column("made_from", String(64), nullable=False, server_default=""),  # of an archive page
    Column("content_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_gzip", LargeBinary, nullable=False),
    Column("body_br", LargeBinary, nullable=False),
    Column("etag", String(80), nullable=False),
    Column("last_modified", Instant, nullable=False),  # moves whenever the ETag does
    Column("serial", BigInteger, nullable=False, index=True),  # grows with every write of any
)

# An article's entry in one format, made once for each version. `shape` stands for all that an
# entry depends on beside its article; a change of the article that makes no version deletes it.
entry_fragments = Table(
    "entry_fragments",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("format", String(10), primary_key=True),
    Column("shape", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("faults", Json, nullable=False, server_default="[]"),  # rule, problem
)

# Documents that were not stored because they break a rule; what was there is served on.
faulty_documents = Table(
    "faulty_documents",
    metadata,
    Column("path", String(300), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("faults", Json, nullable=False),  # rule, problem, article: its slug or None
)

# WebSub: who asked to be told of a feed. `wanted` is a request whose intent is not verified yet.
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    key(),
    Column("key", String(64), nullable=False, unique=True),  # hash of path and callback
    Column("path", String(300), nullable=False),  # of the document: feeds/actualites.atom
    Column("callback", String(2000), nullable=False),
    Column("host", String(255), nullable=False),  # of the callback
    Column("secret", String(200)),  # signs what we send them; theirs, so kept as it is
    Column("expires_at", Instant),  # None: never verified
    Column("wanted", Json),  # mode, lease_seconds, secret
    Column("verify_at", Instant),
    Column("verify_attempts", Integer, nullable=False),
    Column("due_at", Instant),  # a delivery waits from then on
    Column("attempts", Integer, nullable=False),  # of that delivery, so far
    Column("leased_until", Instant),
    Column("delivered_etag", String(80)),
    Column("delivered_at", Instant),
    Column("took_ms", Integer, nullable=False, server_default="0"),  # its last answer
    Column("problem", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_hub_subscriptions_path", "path"),
    Index("ix_hub_subscriptions_host", "host"),
    Index("ix_hub_subscriptions_verify_at", "verify_at"),
    Index("ix_hub_subscriptions_due_at", "due_at"),
)

# Polls by day, document and status. Counts, and nothing of who asked.
feed_polls = Table(
    "feed_polls",
    metadata,
    Column("day", String(10), primary_key=True),  # 2026-11-21, UTC
    Column("path", String(300), primary_key=True),
    Column("status", Integer, primary_key=True),
    Column("polls", BigInteger, nullable=False),
)

# Subscribers as the User-Agents of aggregators tell them ("12 subscribers").
feed_readers = Table(
    "feed_readers",
    metadata,
    Column("path", String(300), primary_key=True),
    Column("agent", String(120), primary_key=True),
    Column("subscribers", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
