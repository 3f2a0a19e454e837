"""``editions send`` watches an edition leave, and not one that waits for somebody."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from house import channel, digest, publication
from sqlalchemy import select

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.editions import editions
from colporteur.delivery import preflighting
from colporteur.editions import specials, steering
from colporteur.editions.store import load
from colporteur.templating import Templates

DATABASES = ("sqlite",)  # the stores below have their tests on both

SEND = ("editions", "send", "actualites", "--cadence", "matin", "--wait", "30")


@contextmanager
def meanwhile(newsroom: Any, happens: Callable[[int], object]) -> Iterator[None]:
    """Have something happen to the first edition as soon as there is one."""

    def wait() -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with reading(newsroom.house.engine) as connection:
                found = connection.scalar(select(editions.c.id))
            if found is not None:
                happens(found)
                return
            time.sleep(0.05)

    other = threading.Thread(target=wait)
    other.start()
    began = time.monotonic()
    yield
    other.join()
    assert time.monotonic() - began < 15


def look_over(newsroom: Any, database_url: str) -> Callable[[int], object]:
    settings = Settings(
        database_url=database_url, data_dir=newsroom.desk.folder / "var", secret_key="k" * 32
    )
    templates = Templates(settings.template_folders)
    return lambda one: preflighting.check_edition(newsroom.house.engine, settings, templates, one)


def test_what_preflight_paused_is_told_with_its_mistakes_and_how_it_goes_on(
    newsroom: Any, database_url: str
):
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un titre {{ article.title }}")
    with meanwhile(newsroom, look_over(newsroom, database_url)):
        done = newsroom.desk.run(*SEND)
    assert done.returncode == 1
    assert "A placeholder is left in the subject" in done.stdout
    assert "Edition 1 is paused: preflight" in done.stderr
    assert "colporteur editions resume 1" in done.stderr
    assert "colporteur up" not in done.stderr


@pytest.mark.parametrize(
    ("how", "cure"), [("hold", "editions release 1"), ("cancel", "editions report 1")]
)
def test_what_somebody_stopped_is_told_at_once(newsroom: Any, how: str, cure: str):
    def stop(edition_id: int) -> None:
        with writing(newsroom.house.engine) as connection:
            found = load(connection, edition_id)
            getattr(steering, how)(
                connection, found, by="chief", why="un doute", now=newsroom.house.now
            )

    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un port")
    with meanwhile(newsroom, stop):
        said = newsroom.refused(*SEND)
    assert "un doute" in said
    assert cure in said


def test_what_waits_for_approval_is_told_at_once(newsroom: Any):
    channels = [channel("actualites", "fr", digest=digest(approval=True)), channel("nashra", "ar")]
    newsroom.house.apply(publication(channels=channels))
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un port")
    with meanwhile(newsroom, lambda _: None):
        said = newsroom.refused(*SEND)
    assert "is awaiting approval" in said
    assert "colporteur editions approve 1" in said


def test_watch_says_how_far_the_edition_is_that_leaves(newsroom: Any):
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un titre")
    assert "No edition is leaving now" in newsroom.refused("editions", "watch", code=2)
    newsroom.desk.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    done = newsroom.desk.run("editions", "watch", "--once")
    assert "Edition 1 is frozen: 1 waiting of 1." in done.stdout
    told = newsroom.told("editions", "watch", "1", "--once")
    assert {name: told[name] for name in ("id", "state", "readers", "sent", "waiting")} == {
        "id": 1,
        "state": "frozen",
        "readers": 1,
        "sent": 0,
        "waiting": 1,
    }


def test_watch_ends_with_the_edition(newsroom: Any):
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un titre")
    newsroom.desk.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")

    def cancel(one: int) -> None:
        time.sleep(1)
        with writing(newsroom.house.engine) as connection:
            found = load(connection, one)
            steering.cancel(connection, found, by="x", why="wrong", now=newsroom.house.now)

    with meanwhile(newsroom, cancel):
        said = newsroom.refused("editions", "watch", "1")
    assert "Edition 1 is cancelled: wrong." in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_special_in_its_hold_is_watched_to_its_end(newsroom: Any):
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take("Un")
    newsroom.run("editions", "special", "actualites", "--article", "un", "--yes")

    def withdraw(one: int) -> None:
        time.sleep(0.5)
        with writing(newsroom.house.engine) as connection:
            now = database_now(connection)
            specials.withdraw(connection, load(connection, one), by="x", why="wrong", now=now)

    with meanwhile(newsroom, withdraw):
        said = newsroom.refused("editions", "watch", "1")
    assert "Edition 1 is cancelled" in said
    assert "release" not in said
