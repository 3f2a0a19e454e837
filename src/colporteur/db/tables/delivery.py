"""The ledger: letters, batches and deliveries. The database is the queue."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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
from colporteur.db.types import Id, Instant, Json

# A service mail to one person, once per purpose ("confirm:4711").
letters = Table(
    "letters",
    metadata,
    key(),
    Column("purpose", String(200), nullable=False, unique=True),
    Column("message", String(40), nullable=False),  # the folder in templates/email/
    refers("subscriber_id", "subscribers.id", nullable=True),
    Column("address", String(320)),  # a letter to someone who is no subscriber
    Column("language", String(35), nullable=False),
    Column("content", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_letters_subscriber_id", "subscriber_id"),
    Index(  # few: to staff, and to addresses that are not yet, or no more, a reader's
        "ix_letters_elsewhere",
        "purpose",
        postgresql_where=text("address IS NOT NULL"),
        sqlite_where=text("address IS NOT NULL"),
    ),
)

batches = Table(
    "batches",
    metadata,
    key(),
    refers("edition_id", "editions.id", nullable=True),  # None: letters
    Column("batch_no", Integer, nullable=False),
    Column("priority", Integer, nullable=False),  # 0 letters, 1 specials, 5 regular
    Column("domain_group", String(255), nullable=False),
    Column("due_at", Instant, nullable=False),  # the earliest of its rows
    Column("status", String(20), nullable=False),  # pending, leased, done
    Column("lease_token", String(40)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("enqueued_at", Instant),
    # How far it is, counted anew with each turn of a worker: progress is a sum over batches.
    Column("size", Integer, nullable=False, server_default="0"),
    *(
        Column(name, Integer, nullable=False, server_default="0")
        for name in ("sent", "deferred", "failed", "skipped")
    ),
    UniqueConstraint("edition_id", "batch_no"),
    Index(
        "ix_batches_unfinished",
        "priority",
        "due_at",
        postgresql_where=text("status <> 'done'"),
        sqlite_where=text("status <> 'done'"),
    ),
)

# Domain groups that get no mail for a while: their limits are used up (step 0), or their servers
# asked for patience, and the next time for more.
backoffs = Table(
    "backoffs",
    metadata,
    Column("domain_group", String(255), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("step", Integer, nullable=False),
)

# How much of a limit was used, by short stretches of time.
limit_use = Table(
    "limit_use",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("used", Integer, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    key(),
    # A freeze writes a million of these in one statement, by joins over the very tables that
    # they name: checking each name again would take longer than all the rest (decision 0009).
    Column("edition_id", Id),
    Column("variant_id", Id),
    refers("letter_id", "letters.id", nullable=True),
    Column("subscriber_id", Id),
    Column("subscription_id", Id),
    Column("batch_id", Id, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(40)),  # why it was skipped or failed
    Column("due_at", Instant, nullable=False),
    Column("next_attempt_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("possible_duplicates", Integer, nullable=False),
    Column("moved", Boolean, nullable=False, server_default=false()),  # made way for a special
    Column("lease_token", String(40)),
    Column("inflight_at", Instant),
    Column("ended_at", Instant),
    Column("smtp_code", Integer),
    Column("enhanced_code", String(20)),
    Column("reply", Text),
    Column("relay_id", String(200)),
    UniqueConstraint("edition_id", "subscriber_id"),
    CheckConstraint("(edition_id IS NULL) <> (letter_id IS NULL)", name="one_origin"),
    Index(
        "ix_deliveries_letter_id",
        "letter_id",
        unique=True,
        postgresql_where=text("letter_id IS NOT NULL"),
        sqlite_where=text("letter_id IS NOT NULL"),
    ),
    # Few: what they should have brought is open again, or what they settle has changed.
    Index(
        "ix_deliveries_not_as_frozen",
        "edition_id",
        "subscription_id",
        postgresql_where=text("status IN ('failed', 'skipped') OR moved"),
        sqlite_where=text("status IN ('failed', 'skipped') OR moved"),
    ),
    Index("ix_deliveries_batch_id", "batch_id"),
    Index("ix_deliveries_subscription_id", "subscription_id", "edition_id"),
    Index("ix_deliveries_variant_id", "variant_id"),
    Index(
        "ix_deliveries_unfinished",
        "edition_id",
        "status",
        postgresql_where=text("status IN ('pending', 'inflight', 'deferred')"),
        sqlite_where=text("status IN ('pending', 'inflight', 'deferred')"),
    ),
    # Rows change state two to four times: room on the page keeps those updates cheap.
    postgresql_with={"fillfactor": 70},
)
