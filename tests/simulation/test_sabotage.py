"""A simulation that cannot fail proves nothing: here the engine is spoiled on purpose."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from colporteur.db import make_engine, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import profiles, subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.simulation.press import publication
from colporteur.simulation.running import simulate
from colporteur.simulation.verdict import Verdict
from colporteur.simulation.world import World

WORLD = World(1, 5, 8, publication(), step=timedelta(hours=4))
Spoil = Callable[[Connection, datetime], Any]


@pytest.fixture
def lived(sqlite_url: str) -> Callable[[Spoil], Verdict]:
    """A week in which something is done to the database after each step."""

    def live(spoil: Spoil) -> Verdict:
        engine: Engine = make_engine(sqlite_url)

        def meddle(moment: datetime) -> None:
            with writing(engine) as connection:
                spoil(connection, moment)

        try:
            return simulate(engine, WORLD, progress=meddle).verdict
        finally:
            engine.dispose()

    return live


def test_deliveries_that_are_forgotten_repeat_articles(lived):
    def forget(connection: Connection, _: datetime) -> None:
        sent = deliveries.c.status == "sent"
        connection.execute(update(deliveries).where(sent).values(status="failed"))

    assert lived(forget).repeated > 0


def test_windows_that_settle_too_much_lose_articles(lived):
    def settle_all(connection: Connection, _: datetime) -> None:
        connection.execute(update(variants).values(windows="0-100000", settled="0-100000"))

    assert lived(settle_all).missing > 0


def test_a_reader_who_is_dropped_misses_articles(lived):
    def drop(connection: Connection, _: datetime) -> None:
        one = subscriptions.c.id == 1
        connection.execute(update(subscriptions).where(one).values(state="unsubscribed"))

    assert lived(drop).missing > 0


def test_a_filter_that_is_open_brings_too_much(lived):
    def open_filters(connection: Connection, _: datetime) -> None:
        connection.execute(update(profiles).values(topics_in=[], topics_out=[]))

    assert lived(open_filters).extra > 0


def test_articles_that_come_back_from_their_withdrawal_are_extra(lived):
    def publish(connection: Connection, _: datetime) -> None:
        gone = articles.c.state == "withdrawn"
        connection.execute(update(articles).where(gone).values(state="published"))

    assert lived(publish).extra > 0


def test_mail_at_another_hour_is_noticed(lived):
    def hurry(connection: Connection, _: datetime) -> None:
        earlier = WORLD.start - timedelta(days=1)
        connection.execute(update(deliveries).values(due_at=earlier))
        connection.execute(update(batches).values(due_at=earlier))

    assert lived(hurry).extra > 0
