import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery, signals
from running import wait_for

from colporteur import tasks
from colporteur.cli.embedded import engine_running
from colporteur.config import Settings


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """The names of the tasks that a worker ran."""
    made: list[str] = []

    def ran(task: object = None, **_: object) -> None:
        made.append(str(getattr(task, "name", task)))

    signals.task_postrun.connect(ran)
    yield made
    signals.task_postrun.disconnect(ran)


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Celery]:
    settings = Settings(secret_key="k" * 32, database_url=sqlite_url, data_dir=tmp_path / "var")
    yield tasks.configure(settings)
    tasks.runtime().engine.dispose()


def test_an_idle_engine_stops_at_once(app: Celery, heard: list[str]):
    with engine_running(app):
        wait_for(lambda: heard.count("colporteur.editions.tick") >= 2)
        began = time.monotonic()
    assert time.monotonic() - began < 1.9  # a worker that nothing wakes looks each two seconds
