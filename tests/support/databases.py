"""A PostgreSQL database that each test finds as it was after its migrations."""

from typing import Any

from sqlalchemy import MetaData, create_engine, insert, select, text

_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Emptied:
    """Empties a database, but for the rows that its migrations wrote."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        tables = MetaData()
        tables.reflect(self._engine)
        tables.remove(tables.tables["alembic_version"])
        self._tables = tables
        with self._engine.begin() as connection:
            read = {one: connection.execute(select(one)).mappings() for one in tables.sorted_tables}
            found = {one: [dict(row) for row in rows] for one, rows in read.items()}
        self._first: dict[Any, list[dict[str, Any]]] = {k: v for k, v in found.items() if v}
        names = ", ".join(one.name for one in tables.sorted_tables)
        self._truncate = text(f"TRUNCATE {names} RESTART IDENTITY CASCADE")

    def empty(self) -> None:
        """Take away what a test left, its connections first."""
        with self._engine.begin() as connection:
            connection.execute(_OTHERS)
            connection.execute(self._truncate)
            for table, rows in self._first.items():
                connection.execute(insert(table), rows)
