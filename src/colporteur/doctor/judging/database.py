"""What is wrong with the database: its version, tables, settings and clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from colporteur.doctor.finding import Finding, note, warning, well, wrong
from colporteur.doctor.judging.clocks import judge_clock

_POSTGRESQL_AT_LEAST = 13
_SQLITE_AT_LEAST = (3, 35)
"""RETURNING came with it."""
_CONNECTIONS_LEFT = 10


@dataclass(frozen=True)
class Database:
    """What a database says of itself. ``settings`` by PostgreSQL's names, SQLite's PRAGMAs."""

    name: str  # postgresql or sqlite
    version: tuple[int, ...]
    tables: str  # '' where they are this release's, else what is wrong with them
    cure: str
    settings: dict[str, str]
    connections: int | None
    ahead: timedelta  # of this machine's clock
    in_clear: bool = False  # over a network

    @property
    def called(self) -> str:
        """Its name and version as people say them."""
        names = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
        return f"{names.get(self.name, self.name)} {'.'.join(map(str, self.version))}"


def judge_database(database: Database) -> Iterator[Finding]:
    """The findings about one that answers."""
    yield _version(database)
    if database.tables:
        yield wrong("database.tables", database.tables, database.cure)
    else:
        yield well("database.tables", "Its tables are those of this release.")
    if database.name == "postgresql":
        yield from _postgresql(database)
    elif database.settings.get("journal_mode") != "wal":
        yield wrong(
            "database.settings",
            "SQLite does not keep a write-ahead log, so that readers and writers wait in turns.",
            "Have it on a disk of this machine.",
        )
    yield judge_clock("clock.database", "The database's clock", database.ahead)


def _version(database: Database) -> Finding:
    least: tuple[int, ...]
    least = (_POSTGRESQL_AT_LEAST,) if database.name == "postgresql" else _SQLITE_AT_LEAST
    if database.version >= least:
        return well("database.version", f"{database.called} answers.")
    return wrong(
        "database.version",
        f"{database.called} is too old.",
        f"Take {'.'.join(map(str, least))} or newer.",
    )


def _postgresql(database: Database) -> Iterator[Finding]:
    check, said = "database.settings", database.settings
    if said.get("server_encoding") != "UTF8":
        yield wrong(
            check,
            f"The database's encoding is {said.get('server_encoding')}, which has not all letters.",
            "Make it anew: CREATE DATABASE colporteur ENCODING 'UTF8' TEMPLATE template0.",
        )
    if said.get("fsync") == "off":
        yield wrong(
            check,
            "PostgreSQL does not wait for its disk (fsync = off): a power cut can lose all of it.",
            "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();",
        )
    if said.get("full_page_writes") == "off":
        yield warning(
            check,
            "PostgreSQL writes no full pages, so that a power cut can damage some.",
            "ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();",
        )
    if said.get("synchronous_commit") == "off":
        yield note(
            check,
            "synchronous_commit is off: a power cut may forget mails that left, and send them twice.",
            "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();",
        )
    if database.in_clear:
        yield note(
            "database.tls",
            "What is said to PostgreSQL goes over a network in clear.",
            "Keep that network to these machines, or add ?sslmode=verify-full to its address.",
        )
    yield from _connections(database)


def _connections(database: Database) -> Iterator[Finding]:
    most = int(database.settings.get("max_connections", "0"))
    if database.connections is None or not most:
        return
    said = f"{database.connections} of {most} connections are in use."
    if most - database.connections < _CONNECTIONS_LEFT:
        yield warning(
            "database.connections",
            said,
            "Raise max_connections: each process of a worker takes one, a web server up to 15.",
        )
    else:
        yield well("database.connections", said)
