"""Houses that are backed up and moved, on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from caring import KEY, Care
from databases import Copied
from house import House, publication
from servers import postgresql_tools
from sqlalchemy import Engine

from colporteur.config import Settings
from colporteur.db import make_engine


@pytest.fixture
def made_databases(postgresql: str) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases, which are gone afterwards."""
    names: list[str] = []

    def make() -> str:
        names.append(f"elsewhere_{len(names)}")
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {names[-1]}")  # type: ignore[arg-type]
        return f"{postgresql.rpartition('/')[0]}/{names[-1]}"

    yield make
    with psycopg.connect(postgresql, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture
def care(
    house: House,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Care:
    """On a database of each kind, with PostgreSQL's own programs at hand."""
    if database_url.startswith("postgresql"):
        make = request.getfixturevalue("made_databases")
        monkeypatch.setenv("PATH", str(postgresql_tools()), prepend=":")
    else:
        count = iter(range(9))

        def make() -> str:
            return f"sqlite:///{tmp_path}/place/{next(count)}.db"

    settings = Settings(database_url=database_url, secret_key=KEY, data_dir=tmp_path / "var")
    return Care(house, settings, tmp_path, make)


@pytest.fixture
def sqlite_house(
    sqlite_url: str, engines: dict[str, Engine], kept_sqlite: Copied
) -> Iterator[House]:
    """A small publication on SQLite alone, for what is the same on both."""
    made = House(engines.setdefault(sqlite_url, make_engine(sqlite_url)))

    def found() -> None:
        made.apply(publication())
        made.go_live()
        made.engine.dispose()

    kept_sqlite.filled("house", found)
    yield made
    made.engine.dispose()
