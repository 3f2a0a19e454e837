"""People of the newsroom, how they sign in, what they did, and the tokens of their programs."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

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
    Column("language", String(35)),  # of the newsroom's pages; None: as the browser asks
    Column("password_hash", Text),  # argon2; None: they have not chosen one yet
    Column("password_changed_at", Instant),
    Column("totp_secret", Text),  # sealed with the secret key; None: no second factor
    Column("totp_since", Instant),  # when they proved that they have it; None: not yet
    Column("totp_step", BigInteger),  # the last step that signed in: a code works once
)

# Who is signed in, on which browser. What the cookie holds is kept as a hash.
sessions = Table(
    "sessions",
    metadata,
    key(),
    refers("user_id", "users.id"),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("agent", String(200), nullable=False),
    Column("ip", String(45)),
    Index("ix_sessions_user_id", "user_id"),
)

# What signs somebody in when their phone is lost, each once: one that was used is gone.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    key(),
    refers("user_id", "users.id"),
    Column("code_hash", String(64), nullable=False),
    Index("ix_recovery_codes_user_id", "user_id"),
)

# Links that let somebody choose a password, each once.
staff_links = Table(
    "staff_links",
    metadata,
    key(),
    refers("user_id", "users.id", nullable=True),  # None: of the first admin, who is nobody yet
    Column("purpose", String(20), nullable=False),  # invited, reset, first
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# Everything that people, or their programs, changed.
audit = Table(
    "audit",
    metadata,
    key(),
    Column("at", Instant, nullable=False),
    refers("user_id", "users.id", nullable=True),
    Column("by", String(320), nullable=False),
    Column("action", String(60), nullable=False),  # article.withdrawn
    Column("subject", String(200), nullable=False),  # article:4711
    Column("detail", Json, nullable=False),
    Index("ix_audit_subject", "subject", "id"),
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
