from collections.abc import Iterator
from pathlib import Path

import pytest
from house import House, publication
from preflights import Newsroom

from colporteur import tasks
from colporteur.clock import utcnow
from colporteur.config import Settings


@pytest.fixture
def newsroom(house: House, database_url: str, tmp_path: Path) -> Iterator[Newsroom]:
    values = {"database_url": database_url, "data_dir": tmp_path / "var", "fetch_loopback": True}
    tasks.configure(Settings(**values, secret_key="k" * 32))
    house.now = utcnow()
    staff = ("technique@relais.example", "redaction@relais.example")
    house.apply(publication(alerts_to=staff))
    house.subscribe("a@example.org")
    yield Newsroom(house)
    tasks.runtime().engine.dispose()
