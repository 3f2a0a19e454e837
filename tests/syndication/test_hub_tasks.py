import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Task
from house import SITE
from hubbing import Hub, Subscriber
from running import wait_for

from colporteur import tasks
from colporteur.config import Settings
from colporteur.tasks import elsewhere


@pytest.fixture(autouse=True)
def configured(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(elsewhere, "TICK_SECONDS", 60.0)  # however slow this machine is
    values = {"database_url": database_url, "base_url": SITE, "data_dir": tmp_path / "var"}
    tasks.configure(Settings(**values, secret_key="k" * 32, fetch_loopback=True))
    yield
    tasks.runtime().engine.dispose()


@pytest.fixture
def waiting(hub: Hub, subscriber: Subscriber) -> list[int]:
    """Subscriptions to which a delivery is due."""
    ids = [hub.subscribe(f"{subscriber.url}?{number}") for number in range(5)]
    hub.publish("Une nouvelle")
    for one in ids:
        hub.make_due(one)
    return ids


def test_one_hint_brings_all_that_is_due(subscriber: Subscriber, waiting: list[int]):
    tasks.deliver(waiting[0])
    assert len(subscriber.deliveries) == len(waiting)


def test_one_hint_verifies_all_that_ask(hub: Hub, subscriber: Subscriber):
    ids = [hub.ask(f"{subscriber.url}?{number}") for number in range(5)]
    tasks.verify(ids[2])
    assert len(subscriber.verifications) == 5
    assert all(row.expires_at for row in hub.rows())


def test_slow_subscribers_hold_no_more_than_their_share_of_a_process(
    subscriber: Subscriber, waiting: list[int]
):
    answer = threading.Event()
    subscriber.during = lambda: answer.wait(30)
    places = tasks.DELIVERIES_AT_ONCE
    threads = [threading.Thread(target=tasks.deliver, args=[one]) for one in waiting]
    for thread in threads:
        thread.start()
    wait_for(lambda: sum(thread.is_alive() for thread in threads) == places)
    assert len(subscriber.deliveries) <= places
    answer.set()
    for thread in threads:
        thread.join()
    assert len(subscriber.deliveries) == len(waiting)
    tasks.deliver(waiting[0])  # places are free again, and nothing is due
    assert len(subscriber.deliveries) == len(waiting)


def test_while_deliveries_hold_their_places_others_are_verified(
    hub: Hub, subscriber: Subscriber, waiting: list[int]
):
    answer = threading.Event()
    newcomer = hub.ask(f"{subscriber.url}?newcomer")
    subscriber.during = lambda: answer.wait(10)
    threads = [threading.Thread(target=tasks.deliver, args=[one]) for one in waiting[:2]]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(subscriber.deliveries) == len(threads))
    subscriber.during = lambda: None
    tasks.verify(newcomer)
    assert hub.row(newcomer).expires_at is not None
    assert all(thread.is_alive() for thread in threads)
    answer.set()
    for thread in threads:
        thread.join()


def test_only_what_waits_for_servers_elsewhere_goes_by_the_queue_feeds():
    def queue(task: Task) -> str:
        return str(tasks.app.amqp.router.route({}, task.name)["queue"].name)

    waiting = [tasks.poll, tasks.verify, tasks.deliver]
    others = [tasks.tick, tasks.send, tasks.render, tasks.build_feeds]
    assert {queue(task) for task in waiting} == {"feeds"}
    assert "feeds" not in {queue(task) for task in others}


def test_while_stopping_nothing_is_begun(subscriber: Subscriber, waiting: list[int]):
    tasks.stopping.set()
    try:
        tasks.deliver(waiting[0])
    finally:
        tasks.stopping.clear()
    assert subscriber.deliveries == []
