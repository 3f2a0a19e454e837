"""A newsroom whose calendar and preflights are moved by hand, for tests."""

from datetime import timedelta
from typing import Any

from desk import Desk
from sqlalchemy import select

from colporteur import tasks
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import letters
from colporteur.delivery import preflighting
from colporteur.editions import scheduling, steering
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load

WAITS = timedelta(seconds=60)
WRONG = "Un titre {{ article.title }}"


class Newsroom(Desk):
    """A house with staff to alert, whose calendar and preflights are moved by hand."""

    def rings(self) -> list[int]:
        with self.house.open() as (connection, _revision, _names):
            return preflighting.ring_due(connection, self.house.now)

    def check(self, edition_id: int) -> bool:
        run = tasks.runtime()
        return preflighting.check_edition(run.engine, run.settings, run.templates, edition_id)

    def send_now(self, slug: str = "actualites") -> Edition:
        with self.house.open() as (connection, revision, names):
            found = revision.publication.channel(slug)
            edition, _ = scheduling.send_now(
                connection, revision, names, found, "matin", by="test", now=self.house.now
            )
            return load(connection, edition.id)

    def advance(self, past: timedelta = timedelta(0)) -> None:
        self.house.now += past
        with self.house.open() as (connection, revision, names):
            preflighting.stop_approved(connection, self.house.now)
            scheduling.advance(connection, revision, names, self.house.now, patience=WAITS)

    def told(self) -> list[Any]:
        with reading(self.house.engine) as connection:
            return list(connection.execute(select(letters).order_by(letters.c.id)))

    def pause(self, edition_id: int) -> None:
        with writing(self.house.engine) as connection:
            found = load(connection, edition_id)
            steering.pause(connection, found, by="editor", why="un doute", now=self.house.now)

    def hold(self, edition_id: int) -> None:
        with writing(self.house.engine) as connection:
            found = load(connection, edition_id)
            steering.hold(connection, found, by="chief", why="pas encore", now=self.house.now)

    def resume(self, edition_id: int) -> State:
        with writing(self.house.engine) as connection:
            found = load(connection, edition_id)
            return steering.resume(connection, found, by="editor", now=self.house.now).state

    def say(self, edition_id: int, intro: str) -> Edition:
        """Write another intro."""
        with writing(self.house.engine) as connection:
            found, wishes = load(connection, edition_id), Wishes(intro=intro)
            return arrange(connection, found, wishes, by="editor", now=self.house.now)
