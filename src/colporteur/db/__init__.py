"""The database: engine, transactions, every table, migrations. Stores are built on it."""

from colporteur.db.engine import (
    afterwards,
    alone,
    connected,
    database_now,
    make_engine,
    reading,
    undoing,
    writing,
)

__all__ = [
    "afterwards",
    "alone",
    "connected",
    "database_now",
    "make_engine",
    "reading",
    "undoing",
    "writing",
]
