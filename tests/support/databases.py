"""A PostgreSQL database that each test finds as it was after its migrations."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import MetaData, create_engine, insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_NO_KEYS = text("SET LOCAL session_replication_role = replica")
_COUNT_FROM_1 = text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


class Emptied:
    """Empties a database, but for the rows that its migrations wrote."""

    def __init__(self, url: str, make: Callable[[], None]) -> None:
        make()
        self.url, self._make = url, make
        address = url.replace("postgresql:", "postgresql+psycopg:")
        self._engine = create_engine(address, poolclass=NullPool)
        tables = MetaData()
        tables.reflect(self._engine)
        self._tables = tables
        with self._engine.begin() as connection:
            read = {one: connection.execute(select(one)).mappings() for one in tables.sorted_tables}
            found = {one: [dict(row) for row in rows] for one, rows in read.items()}
        self._first: dict[Any, list[dict[str, Any]]] = {k: v for k, v in found.items() if v}
        names = [one.name for one in tables.sorted_tables]
        self._delete = "; ".join(f"DELETE FROM {name}" for name in names)

    def empty(self) -> None:
        """Take away what a test left; where it changed the tables, have the database made anew."""
        try:
            with self._engine.begin() as connection:
                connection.execute(_OTHERS)
                connection.execute(_NO_KEYS)
                connection.exec_driver_sql(self._delete)  # quicker than TRUNCATE for so few rows
                connection.execute(_COUNT_FROM_1)
                for table, rows in self._first.items():
                    connection.execute(insert(table), rows)
        except ProgrammingError:
            self._make()
