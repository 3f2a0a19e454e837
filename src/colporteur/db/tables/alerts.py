"""What is wrong with the installation, and what operators were told of it."""

from sqlalchemy import Column, Index, Integer, String, Table, text

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

STANDING = "ended_at IS NULL"
WAITING = "next_at IS NOT NULL"

# A row for each time that something was wrong, from the first look that found it to its end.
alerts = Table(
    "alerts",
    metadata,
    key(),
    Column("key", String(200), nullable=False),  # which problem it is, from look to look
    Column("kind", String(40), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("problem", Json, nullable=False),  # its words and values, as last seen
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # at the last look that found it
    Column("told", String(10)),  # the severity that was told last; None: nothing yet
    Column("told_at", Instant),
    Column("ended_at", Instant),
    Index("ix_alerts_ended_at", "ended_at"),
    # Two processes that look at once find one problem, not two.
    Index(
        "uq_alerts_standing",
        "key",
        unique=True,
        postgresql_where=text(STANDING),
        sqlite_where=text(STANDING),
    ),
)

# What is told of them, a row each time; the operators' webhook is asked until it takes it.
alert_notices = Table(
    "alert_notices",
    metadata,
    key(),
    refers("alert_id", "alerts.id"),
    Column("event", String(10), nullable=False),  # began, worse, lasts, ended
    Column("at", Instant, nullable=False),
    Column("next_at", Instant),  # None: the webhook is done with
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("delivered_at", Instant),
    Column("answer", String(300), nullable=False, server_default=""),
    Index("ix_alert_notices_alert_id", "alert_id"),
    Index(
        "ix_alert_notices_next_at",
        "next_at",
        postgresql_where=text(WAITING),
        sqlite_where=text(WAITING),
    ),
)
