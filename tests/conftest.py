"""Fixtures that many tests share: databases, servers, a house with a publication in force."""

import gc
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from asking import Ask, asker, make_app
from databases import Copied, Database, Emptied
from elsewhere import Elsewhere, elsewhere_running
from house import House, publication
from hypothesis import settings
from pictures import Album
from playwright.sync_api import Browser, sync_playwright
from servers import chromium, free_port, postgresql_server, redis_server
from sink import Sink
from sqlalchemy import Engine, create_engine, event, text

from colporteur.clock import use_shipped_zones
from colporteur.db import make_engine
from colporteur.db.migrate import migrate
from colporteur.web.feeds import FeedsInFront

os.environ["COLUMNS"] = "200"  # noqa: TID251 - tables whole, whatever terminal runs the tests
settings.register_profile("colporteur", deadline=None, max_examples=15)
settings.load_profile("colporteur")
use_shipped_zones()


@event.listens_for(Engine, "connect")
def _reverse_what_no_one_ordered(connection: Any, _record: Any) -> None:
    """No test, and no query, may count on rows to come as they were written.

    PostgreSQL gives them so nearly always, SQLite always but for this: it turns them round.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="Where browser tests leave pictures for the documentation (make pictures).",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that says ``DATABASES`` is tried on those alone: what it rests on is on both."""
    wanted = getattr(metafunc.module, "DATABASES", None)
    marks = metafunc.definition.iter_markers("parametrize")
    if (
        wanted
        and "database_url" in metafunc.fixturenames
        and not any("database_url" in str(mark.args[0]) for mark in marks)
    ):
        metafunc.definition.add_marker(
            pytest.mark.parametrize("database_url", wanted, indirect=True)
        )


@pytest.fixture(autouse=True)
def _logs_end_with_their_test() -> Iterator[None]:
    """What a command's start does to this process's logs: its stream ends with its test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = [one for one in root.handlers if one in handlers] or handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def album(pytestconfig: pytest.Config) -> Album:
    """Takes pictures for the documentation, if they are asked for."""
    return Album(pytestconfig.getoption("--pictures"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real, headless Chromium; for a module, since its loop suits no other tests."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=options)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis (or Valkey) of the tests' own."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL; the URL of its maintenance database."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy, since migrating for each test costs more."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str) -> str:
    """A migrated PostgreSQL database to copy; its URL."""
    _maintain(postgresql, "CREATE DATABASE migrated")
    url = _named(postgresql, "migrated")
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def kept_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Copied:
    """Where each test finds a migrated file of its own."""
    return Copied(migrated_sqlite, tmp_path_factory.mktemp("kept") / "colporteur.db")


@pytest.fixture
def sqlite_url(kept_sqlite: Copied) -> str:
    """A migrated, empty SQLite database."""
    kept_sqlite.empty()
    return kept_sqlite.url


@pytest.fixture(scope="session")
def kept_postgresql(postgresql: str, migrated_postgresql: str) -> Iterator[Emptied]:
    """A database that is emptied for each test."""
    template = migrated_postgresql.rpartition("/")[2]

    def make() -> None:
        _maintain(postgresql, "DROP DATABASE IF EXISTS kept WITH (FORCE)")
        _maintain(postgresql, f"CREATE DATABASE kept TEMPLATE {template}")

    made = Emptied(_named(postgresql, "kept"), make)
    yield made
    made.close()


@pytest.fixture
def postgresql_url(kept_postgresql: Emptied) -> str:
    """A migrated, empty PostgreSQL database."""
    kept_postgresql.empty()
    return kept_postgresql.url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Database:
    """The one behind the URL."""
    found: Database = request.getfixturevalue(f"kept_{database_url.partition(':')[0]}")
    return found


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    """An engine for each kept database: it knows the statements that it compiled before."""
    return {}


@pytest.fixture
def engine(database_url: str, engines: dict[str, Engine]) -> Iterator[Engine]:
    """An engine on a migrated, empty database, of each kind."""
    if database_url not in engines:
        engines[database_url] = make_engine(database_url)
    made = engines[database_url].execution_options()  # a copy: what a test listens to ends with it
    yield made
    made.dispose()


@pytest.fixture
def house(engine: Engine, database: Database) -> House:
    """A database of each kind with a small publication in force, and live."""
    made = House(engine)

    def found() -> None:
        made.apply(publication())
        made.go_live()
        engine.dispose()

    database.filled("house", found)
    return made


@pytest.fixture
def app(published: House, tmp_path: Path) -> FeedsInFront:
    return make_app(published, tmp_path)


@pytest.fixture
def ask(app: FeedsInFront) -> Ask:
    return asker(app)


@pytest.fixture
def published(house: House, database: Database) -> House:
    """A house with an article in French and one in Arabic, their feeds built."""

    def publish() -> None:
        house.take("Tri aux urgences", body_html="<p>Le texte entier.</p>", teaser="L’extrait.")
        house.take("مقال عن الحكامة", body_html="<p>نص</p>", language="ar")
        house.build()
        house.engine.dispose()

    house.engine.dispose()  # no connection is open
    database.filled("published", publish)
    return house


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """A real SMTP server on loopback."""
    sink = Sink()
    sink.port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    yield sink
    controller.stop()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """A real HTTP server that answers as the test wants."""
    with elsewhere_running() as made:
        yield made


def _maintain(url: str, statement: str) -> None:
    engine = create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _named(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


STARTS_PROCESSES = ("end_to_end", "clients")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that start real processes.

    Left for last, the longest of them keeps one core busy while the other has nothing left to
    steal. At the front, one worker of pytest-xdist gets them all, so that they do not run beside
    one another either.
    """
    items.sort(key=lambda item: item.path.parent.name not in STARTS_PROCESSES)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: let no test look through it for garbage."""
    gc.collect()
    gc.freeze()


SERVERS = ("postgresql", "redis", "smtp", "browser", "client", "wheel")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran against each real server, since one that is missing must show."""
    passed = terminalreporter.stats.get("passed", [])
    counts = {name: sum(name in report.keywords for report in passed) for name in SERVERS}
    said = ", ".join(f"{name} {count}" for name, count in counts.items())
    terminalreporter.write_line(f"passed against real servers: {said}")
