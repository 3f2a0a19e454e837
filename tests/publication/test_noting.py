import threading

import pytest
from sqlalchemy import Engine

from colporteur.db import make_engine, reading, writing
from colporteur.publication import site


def test_what_holds_is_noted_and_a_change_is_told(engine: Engine):
    with writing(engine) as connection:
        assert site.note(connection, site.SITE, "https://one.example")
        assert not site.note(connection, site.SITE, "https://one.example")
        assert site.note(connection, site.SITE, "https://two.example")
    with reading(engine) as connection:
        assert site.noted(connection) == "https://two.example"


@pytest.mark.postgresql
def test_processes_that_start_at_once_note_the_same_without_a_quarrel(postgresql_url: str):
    engine = make_engine(postgresql_url)
    failed: list[Exception] = []

    def start() -> None:
        try:
            with writing(engine) as connection:
                site.note(connection, site.SITE, "https://one.example")
        except Exception as error:  # noqa: BLE001 - told by the thread that asks
            failed.append(error)

    with writing(engine) as connection:
        site.note(connection, site.SITE, "https://one.example")
        other = threading.Thread(target=start)
        other.start()
        other.join(0.3)  # it has seen no note, and waits for ours
        assert other.is_alive()
    other.join()
    engine.dispose()
    assert failed == []
