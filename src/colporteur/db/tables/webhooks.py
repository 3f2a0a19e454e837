"""Programs elsewhere that are told what happens, and what they were told."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

WAITING = "next_at IS NOT NULL"

webhooks = Table(
    "webhooks",
    metadata,
    key(),
    Column("key", String(40), unique=True),  # the form's nonce: sent twice, it is one
    Column("name", String(100), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("kinds", Json, nullable=False),  # article.published, …
    Column("addresses", Boolean, nullable=False),  # readers' addresses too, not their ids alone
    Column("secret", Text, nullable=False),  # sealed with the secret key
    Column("made_by", String(320), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_why", String(300), nullable=False, server_default=""),
    Column("alerted_at", Instant),  # when people were told that it was disabled
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", Instant),
    Column("rests_until", Instant),  # after a failure nothing is sent before
    Column("leased_until", Instant),
    Column("delivered_at", Instant),
    Column("problem", String(300), nullable=False, server_default=""),
)

# One row for each thing that happened and each program that is told of it, written in the
# transaction in which it happened. Addresses are not kept here: they are added when it leaves.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    key(),
    refers("webhook_id", "webhooks.id"),
    Column("message_id", String(40), nullable=False),  # the same however often it is sent
    Column("kind", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("data", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tried_at", Instant),
    Column("next_at", Instant),  # None: it is done with
    Column("delivered_at", Instant),
    Column("status", Integer),  # of the last answer
    Column("problem", String(300), nullable=False, server_default=""),
    Column("took_ms", Integer),
    Index("ix_webhook_messages_webhook_id", "webhook_id", "id"),
    Index("ix_webhook_messages_at", "at"),
    Index(
        "ix_webhook_messages_next_at",
        "webhook_id",
        "next_at",
        postgresql_where=text(WAITING),
        sqlite_where=text(WAITING),
    ),
)
