"""The database: engine, transactions, every table, migrations. Stores are built on it."""

from colporteur.db.engine import (
    alone,
    connected,
    database_now,
    make_engine,
    reading,
    undoing,
    writing,
)

__all__ = ["alone", "connected", "database_now", "make_engine", "reading", "undoing", "writing"]
