"""How an installation is: which processes live, and what they counted."""

from sqlalchemy import Column, Float, Integer, String, Table

from colporteur.db.tables.metadata import metadata
from colporteur.db.types import Instant

# Web servers and workers, each of which says now and then that it lives.
processes = Table(
    "processes",
    metadata,
    Column("name", String(200), primary_key=True),  # machine:process id
    Column("kind", String(20), nullable=False),  # web, worker, bounces, up
    Column("release", String(40), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# What all processes counted together, since the first start: it only grows.
metric_totals = Table(
    "metric_totals",
    metadata,
    Column("sample", String(120), primary_key=True),  # colporteur_deliveries_total
    Column("labels", String(500), primary_key=True),  # {"outcome": "sent", …}, in order of names
    Column("value", Float, nullable=False),
)

# What relays answered, by short stretches of time: for the last hour and the last day.
delivery_outcomes = Table(
    "delivery_outcomes",
    metadata,
    Column("starts_at", Instant, primary_key=True),
    Column("domain_group", String(255), primary_key=True),
    Column("outcome", String(20), primary_key=True),  # sent, deferred, failed
    Column("count", Integer, nullable=False),
)
