"""A hint brings programs what waits for them; a lost one only delays it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from elsewhere import Elsewhere
from hooked import KEY, Program
from house import SITE, House
from newsroom import ON_SQLITE

from colporteur import tasks
from colporteur.config import Settings
from colporteur.tasks import elsewhere as task_module


@pytest.fixture(autouse=True)
def _configured(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(task_module, "TICK_SECONDS", 60.0)  # however slow this machine is
    values = {"database_url": database_url, "base_url": SITE, "data_dir": tmp_path / "var"}
    tasks.configure(Settings(**values, secret_key=KEY, fetch_loopback=True)).control.purge()
    yield
    tasks.runtime().engine.dispose()


@ON_SQLITE
def test_one_hint_tells_all_programs_that_wait(house: House, elsewhere: Elsewhere):
    programs = [Program(house, elsewhere, path=f"/{number}").join() for number in range(3)]
    for title in ("Un", "Deux"):
        house.take(title, body_html="<p>Un texte.</p>")
    tasks.tell(programs[1].id)
    for one in programs:
        assert [told["data"]["title"] for told in one.told()] == ["Un", "Deux"]
    tasks.tell(programs[0].id)  # nothing is due any more
    assert len(elsewhere.asked) == 6
