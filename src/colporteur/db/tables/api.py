"""What the API answered under an ``Idempotency-Key``, to say it again."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

api_answers = Table(
    "api_answers",
    metadata,
    key(),
    refers("user_id", "users.id"),
    Column("key_hash", String(64), nullable=False),  # of the holder, the request's path and the key
    Column("request_hash", String(64), nullable=False),  # of method, path and body
    Column("at", Instant, nullable=False),
    Column("leased_until", Instant),  # while it is being answered; then None
    Column("status", Integer),
    Column("headers", Json),
    Column("body", LargeBinary),
    Index("uq_api_answers_key_hash", "key_hash", unique=True),
    Index("ix_api_answers_at", "at"),
)
