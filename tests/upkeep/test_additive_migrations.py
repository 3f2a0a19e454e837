"""What the release before needs of the tables stays as it was; and who may run on which."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from additive import Shape, broken, shapes
from sqlalchemy import Engine, create_engine, delete, insert, text

from colporteur.db import make_engine, reading, writing
from colporteur.db.migrate import (
    RUNS_FROM,
    head,
    migrate,
    one_step,
    require_current,
    runs_from,
    tables,
)
from colporteur.db.tables.publication import facts
from colporteur.exceptions import ConfigurationError, ServiceUnavailable

FIRST_RELEASE = "0007"
"""Those before were never released: nobody runs on them."""


@pytest.fixture(scope="module")
def released_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database of the first release, to copy."""
    path = tmp_path_factory.mktemp("released") / "first.db"
    _make_released(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def released_postgresql(postgresql: str) -> str:
    """A PostgreSQL database of the first release, to copy; its URL."""
    _on_server(postgresql, "CREATE DATABASE first_release")
    url = f"{postgresql.rpartition('/')[0]}/first_release"
    _make_released(url)
    return url


@pytest.fixture
def on_postgresql(postgresql: str, released_postgresql: str) -> Iterator[Engine]:
    """A copy of that one."""
    _on_server(postgresql, "DROP DATABASE IF EXISTS upgraded WITH (FORCE)")
    _on_server(postgresql, "CREATE DATABASE upgraded TEMPLATE first_release")
    engine = make_engine(released_postgresql.replace("first_release", "upgraded"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def first_release(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the first release, of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("on_postgresql")
        return
    copied = shutil.copy(request.getfixturevalue("released_sqlite"), tmp_path / "old.db")
    engine = make_engine(f"sqlite:///{copied}")
    yield engine
    engine.dispose()


def test_each_step_since_the_first_release_only_adds(first_release: Engine):
    with reading(first_release) as connection:
        before = shapes(connection)
    with pytest.raises(ServiceUnavailable, match=rf"{FIRST_RELEASE}.*needs {head()}"):
        require_current(first_release)
    while step := one_step(first_release):
        with reading(first_release) as connection:
            after, found = shapes(connection), tables(connection)
        assert broken(before, after) == [], f"{step.revision} breaks the release before"
        assert found.revision == step.revision
        assert found.runs_from == runs_from(step) <= str(step.down_revision)
        before = after
    require_current(first_release)


@pytest.mark.postgresql
def test_of_two_at_once_one_applies_though_a_table_is_held_and_the_other_waits(
    on_postgresql: Engine,
):
    engine = on_postgresql
    done: list[bool] = []
    said: list[str] = []
    both = [
        threading.Thread(target=lambda: done.append(migrate(engine, said.append))) for _ in "12"
    ]
    with writing(engine) as connection:
        connection.execute(text("LOCK TABLE facts"))
        for one in both:
            one.start()
        time.sleep(1.2)
    for one in both:
        one.join()
    assert sorted(done) == [False, True]
    assert any("Others hold the tables" in one for one in said)


EXAMPLES = {
    "ALTER TABLE readers DROP COLUMN name": "readers.name is gone",
    "DROP TABLE readers": "readers is gone",
    "ALTER TABLE readers RENAME TO people": "readers is gone",
    "CREATE UNIQUE INDEX one ON readers (name)": "readers is unique by name now",
    "DROP INDEX two": "readers is not unique by address any more (ON CONFLICT)",
    "ALTER TABLE readers ADD COLUMN age INTEGER": None,
    "ALTER TABLE readers ADD COLUMN age INTEGER NOT NULL DEFAULT 0": None,
    "ALTER TABLE readers ADD COLUMN other INTEGER REFERENCES readers (id)": None,
    "CREATE TABLE more (id INTEGER PRIMARY KEY)": None,
    "CREATE INDEX three ON readers (name)": None,
}


@pytest.mark.parametrize(("change", "said"), EXAMPLES.items())
def test_what_would_break_the_release_before_is_named(change: str, said: str | None):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT, address TEXT)",
            "CREATE UNIQUE INDEX two ON readers (address)",
        ):
            connection.execute(text(statement))
        before = shapes(connection)
        connection.execute(text(change))
        assert broken(before, shapes(connection)) == ([said] if said else [])
    engine.dispose()


def test_a_column_that_narrows_or_wants_a_value_is_named_too():
    def shape(kind: str, *, null: bool, default: bool = True) -> dict[str, Shape]:
        nothing: frozenset[tuple[str, ...]] = frozenset()
        return {"t": Shape({"c": (kind, null, default)}, nothing, nothing, frozenset())}

    was = shape("TEXT", null=True)
    assert broken(was, shape("VARCHAR(3)", null=True)) == ["t.c was TEXT and is VARCHAR(3)"]
    assert broken(was, shape("TEXT", null=False)) == ["t.c must have a value now"]
    assert broken(was, shape("TEXT", null=True, default=False)) == ["t.c has no default any more"]
    empty = {"t": Shape({}, frozenset(), frozenset(), frozenset())}
    assert broken(empty, shape("TEXT", null=False, default=False)) == [
        "t.c is new and wants a value that nobody gives it"
    ]
    checked = {"t": Shape({}, frozenset(), frozenset({("x",)}), frozenset({"x > 0"}))}
    assert broken(empty, checked) == ["t is checked now: x > 0"]


def test_a_release_runs_on_the_tables_of_a_later_one_that_allows_it(engine: Engine):
    _as_of_a_later_release(engine, serves=head())
    require_current(engine)
    assert migrate(engine) is False
    _as_of_a_later_release(engine, serves="9998")
    for check in (require_current, migrate):
        with pytest.raises(ConfigurationError, match=r"of a newer release.*need 9998"):
            check(engine)


def _as_of_a_later_release(engine: Engine, serves: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(delete(facts).where(facts.c.name == RUNS_FROM))
        connection.execute(insert(facts).values(name=RUNS_FROM, value=serves))


def _make_released(url: str) -> None:
    engine = make_engine(url)
    while (step := one_step(engine)) and step.revision != FIRST_RELEASE:
        pass
    engine.dispose()


def _on_server(url: str, statement: str) -> None:
    engine = create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
