import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import Desk
from editing import broken_beyond_help
from house import House
from sqlalchemy import select

from colporteur import tasks
from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import reading
from colporteur.db.tables.editions import variants
from colporteur.editions.states import State
from colporteur.tasks import application


@pytest.fixture
def rung(database_url: str, tmp_path: Path) -> Iterator[Callable[[], list[int]]]:
    """A tick on this database, and what it rings the renderer for done; all variants so far."""
    values = {"database_url": database_url, "data_dir": tmp_path / "var"}
    app = tasks.configure(Settings(**values, secret_key="k" * 32))
    heard: list[int] = []
    with app.connection_for_write() as connection:
        queue = app.amqp.queues["render"].bind(connection.default_channel)
        queue.declare()
        queue.purge()

        def hear() -> list[int]:
            tasks.tick()
            while (message := queue.get(no_ack=True)) is not None:
                if message.headers["task"] == tasks.render.name:
                    (variant_id,) = message.payload[0]
                    heard.append(variant_id)
                    tasks.render(variant_id)
            return heard

        yield hear
    tasks.runtime().engine.dispose()


@pytest.fixture
def desk(house: House) -> Desk:
    house.now = utcnow()
    desk = Desk(house)
    desk.house.subscribe("a@example.org")
    return desk


def test_a_special_is_rendered_in_its_hold_whoever_confirmed_it(
    desk: Desk, rung: Callable[[], list[int]]
):
    desk.special(desk.take("Alerte"))
    assert rung() == [1]
    with reading(desk.house.engine) as connection:
        assert connection.scalar(select(variants.c.rendered_at)) is not None
    assert rung() == [1]  # not again


def test_a_template_that_is_broken_pauses_the_edition_before_anything_leaves(
    desk: Desk,
    rung: Callable[[], list[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    mine = broken_beyond_help(tmp_path, "email/digest/body.txt.j2", "{{ digest.no.such }}")
    broken = dataclasses.replace(tasks.runtime(), templates=mine)
    monkeypatch.setattr(application, "_runtime", broken)
    special = desk.special(desk.take("Alerte"))
    rung()
    paused = desk.edition(special.id)
    assert paused.state is State.PAUSED
    assert "body.txt.j2" in paused.reason
