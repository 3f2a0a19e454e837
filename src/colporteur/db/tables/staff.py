"""People of the newsroom, and the tokens that their programs hold."""

from sqlalchemy import Column, String, Table

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

users = Table(
    "users",
    metadata,
    key(),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),  # case-folded
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),  # author, editor, approver, admin
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    key(),
    refers("user_id", "users.id"),
    Column("name", String(100), nullable=False),
    Column("hint", String(20), nullable=False),  # its first characters, to tell it by
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)
