"""The database: engine, transactions, every table, migrations. Stores are built on it."""

from colporteur.db.engine import alone, database_now, make_engine, reading, undoing, writing

__all__ = ["alone", "database_now", "make_engine", "reading", "undoing", "writing"]
