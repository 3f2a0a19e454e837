import hashlib
import hmac
import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask_websub.subscriber.blueprint import body_is_valid
from house import SITE
from hubbing import PATH, TOPIC, Hub, Subscriber

from colporteur.db import make_engine, reading
from colporteur.fetch import Fetcher
from colporteur.syndication.hub import distributing, store


@pytest.fixture
def found(hub: Hub, subscriber: Subscriber) -> int:
    return hub.subscribe(subscriber.url)


def test_the_whole_feed_is_sent_with_its_type_and_its_links(
    hub: Hub, subscriber: Subscriber, found: int
):
    hub.publish_and_deliver(found, "Une nouvelle")
    ((headers, body),) = subscriber.deliveries
    assert body == hub.body()
    assert "Une nouvelle" in body.decode()
    assert headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert headers["Link"] == f'<{SITE}/hub>; rel="hub", <{TOPIC}>; rel="self"'
    assert "X-Hub-Signature" not in headers
    row = hub.row(found)
    assert (row.due_at, row.attempts, row.problem) == (None, 0, "")
    assert row.delivered_at is not None


def test_the_callbacks_query_is_in_the_address_of_a_delivery(hub: Hub, subscriber: Subscriber):
    found = hub.subscribe(f"{subscriber.url}?foo=bar&red=fish")
    hub.publish_and_deliver(found, "Une nouvelle")
    assert subscriber.elsewhere.asked[-1][1] == "/cb?foo=bar&red=fish"


@pytest.mark.parametrize(("suffix", "kind"), [("rss", "rss+xml"), ("json", "feed+json")])
def test_each_format_comes_with_its_own_type(
    hub: Hub, subscriber: Subscriber, suffix: str, kind: str
):
    found = hub.subscribe(subscriber.url, topic=f"{SITE}/feeds/actualites.{suffix}")
    hub.publish_and_deliver(found, "Une nouvelle")
    ((headers, body),) = subscriber.deliveries
    assert headers["Content-Type"].startswith(f"application/{kind}")
    assert body == hub.body(f"feeds/actualites.{suffix}")


def test_a_secret_signs_the_body(hub: Hub, subscriber: Subscriber):
    secret = "s3cret ÷ é"
    found = hub.subscribe(subscriber.url, secret=secret)
    hub.publish_and_deliver(found, "Une nouvelle")
    ((headers, body),) = subscriber.deliveries
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature"] == f"sha256={expected}"
    with Flask("reader").test_request_context(headers=headers):  # as Flask-WebSub sees it
        assert body_is_valid({"secret": secret}, body)
        assert not body_is_valid({"secret": secret}, body + b" ")


def test_a_burst_of_changes_is_one_delivery_of_the_last(
    hub: Hub, subscriber: Subscriber, found: int
):
    for title in ("Un", "Deux", "Trois"):
        hub.publish(title)
    due_at = hub.row(found).due_at
    assert timedelta(0) < due_at - hub.now() <= distributing.COALESCE
    hub.deliver(found)
    assert subscriber.deliveries == []  # not yet
    for _ in range(2):
        hub.make_due(found)
        hub.deliver(found)
    ((_, body),) = subscriber.deliveries
    assert all(title in body.decode() for title in ("Un", "Deux", "Trois"))


def test_only_those_whose_feed_changed_are_sent_something(hub: Hub, subscriber: Subscriber):
    arabic = hub.subscribe(subscriber.url, topic=f"{SITE}/feeds/nashra.atom")
    french = hub.subscribe(f"{subscriber.url}?fr")
    hub.publish("Une nouvelle")
    assert hub.row(arabic).due_at is None
    assert hub.row(french).due_at is not None


def test_what_they_have_already_is_not_sent_again(hub: Hub, subscriber: Subscriber, found: int):
    hub.publish_and_deliver(found, "Une nouvelle")
    hub.change(found, due_at=hub.now() - timedelta(seconds=1))
    hub.deliver(found)
    assert len(subscriber.deliveries) == 1
    assert hub.row(found).due_at is None


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500, 503])
def test_all_but_success_is_tried_again_later(
    hub: Hub, subscriber: Subscriber, found: int, status: int
):
    subscriber.statuses = [status]
    hub.publish_and_deliver(found, "Une nouvelle")
    row = hub.row(found)
    assert row.attempts == 1
    assert (row.due_at - hub.now()).total_seconds() == pytest.approx(60, abs=2)
    assert str(status) in row.problem
    assert len(subscriber.deliveries) == 1  # no redirect was followed
    assert "/else" not in {path for _, path, _, _ in subscriber.elsewhere.asked}


def test_after_failures_the_newest_content_is_delivered(
    hub: Hub, subscriber: Subscriber, found: int
):
    subscriber.statuses = [500, 500]
    hub.publish_and_deliver(found, "Manqué")
    hub.make_due(found)
    hub.deliver(found)
    waits = hub.row(found).due_at - hub.now()
    assert waits.total_seconds() == pytest.approx(120, abs=2)
    hub.publish("Le dernier")
    assert hub.row(found).due_at - hub.now() <= waits  # a change does not hurry a failing one
    assert hub.row(found).due_at - hub.now() > timedelta(seconds=100)
    hub.make_due(found)
    hub.deliver(found)
    assert len(subscriber.deliveries) == 3
    assert subscriber.deliveries[-1][1] == hub.body()
    assert "Le dernier" in hub.body().decode()
    row = hub.row(found)
    assert (row.due_at, row.attempts, row.problem) == (None, 0, "")


def test_a_renewal_of_a_failing_subscription_is_sent_what_it_missed(
    hub: Hub, subscriber: Subscriber, found: int
):
    subscriber.statuses = [500]
    hub.publish_and_deliver(found, "Manqué")
    hub.subscribe(subscriber.url)
    hub.deliver(found)
    assert len(subscriber.deliveries) == 2
    assert hub.row(found).due_at is None


def test_gone_ends_the_subscription(hub: Hub, subscriber: Subscriber, found: int):
    subscriber.statuses = [410]
    hub.publish_and_deliver(found, "Une nouvelle")
    assert hub.rows() == []


def test_gone_keeps_a_request_that_came_since(hub: Hub, subscriber: Subscriber, found: int):
    subscriber.statuses = [410]
    subscriber.during = lambda: hub.ask(subscriber.url)
    hub.publish_and_deliver(found, "Une nouvelle")
    row = hub.row(found)
    assert (row.expires_at, row.wanted["mode"]) == (None, "subscribe")


def test_a_delivery_that_waited_is_not_sent_after_unsubscribing(
    hub: Hub, subscriber: Subscriber, found: int
):
    hub.publish("Avant")
    hub.make_due(found)
    hub.ask(subscriber.url, "unsubscribe")
    hub.verify(found)
    hub.deliver(found)
    hub.publish("Après")
    assert to_deliver(hub) == []
    assert subscriber.deliveries == []


def test_a_failure_after_which_they_unsubscribed_is_not_tried_again(
    hub: Hub, subscriber: Subscriber, found: int
):
    subscriber.statuses = [500]
    hub.publish_and_deliver(found, "Manqué")
    hub.ask(subscriber.url, "unsubscribe")
    hub.verify(found)
    assert hub.rows() == []


def test_a_lease_ends_although_deliveries_fail_and_the_feed_rests(
    hub: Hub, subscriber: Subscriber, found: int
):
    subscriber.statuses = [500]
    hub.publish_and_deliver(found, "Manqué")
    hub.change(found, expires_at=hub.now())
    hub.make_due(found)
    hub.deliver(found)
    assert len(subscriber.deliveries) == 1
    assert hub.rows() == []


def test_each_failure_in_a_row_doubles_the_wait(hub: Hub, subscriber: Subscriber, found: int):
    subscriber.statuses = [500, 503, 404, 500]
    hub.publish("Manqué")
    waits = []
    for _ in range(4):
        hub.make_due(found)
        hub.deliver(found)
        waits.append((hub.row(found).due_at - hub.now()).total_seconds())
    assert waits == pytest.approx([60, 120, 240, 480], abs=3)


def test_an_expired_lease_gets_nothing(hub: Hub, subscriber: Subscriber, found: int):
    hub.publish("Avant")
    hub.make_due(found)
    hub.change(found, expires_at=hub.now() - timedelta(seconds=1))
    hub.deliver(found)
    assert subscriber.deliveries == []
    assert hub.rows() == []


def test_expired_leases_are_removed_when_their_feed_changes(
    hub: Hub, subscriber: Subscriber, found: int
):
    renewing = hub.subscribe(f"{subscriber.url}?renewing")
    past = hub.now() - timedelta(seconds=1)
    for one in (found, renewing):
        hub.change(one, expires_at=past)
    hub.ask(f"{subscriber.url}?renewing")
    hub.publish("Après")
    assert [row.id for row in hub.rows()] == [renewing]
    assert hub.rows()[0].due_at is None


def test_a_change_during_a_delivery_is_delivered_next(hub: Hub, subscriber: Subscriber, found: int):
    hub.publish("Avant")
    subscriber.during = lambda: hub.publish("Pendant")
    hub.make_due(found)
    hub.deliver(found)
    subscriber.during = lambda: None
    assert "Pendant" not in subscriber.deliveries[0][1].decode()
    assert hub.row(found).due_at is not None
    hub.make_due(found)
    hub.deliver(found)
    assert "Pendant" in subscriber.deliveries[1][1].decode()


def test_a_change_that_commits_while_a_delivery_is_recorded_is_not_lost(
    hub: Hub, subscriber: Subscriber, found: int
):
    """The build has announced and not committed when the answer comes in."""
    committed, announced = threading.Event(), threading.Event()

    def build() -> None:
        with hub.house.open() as (connection, _revision, _names):
            distributing.announce(connection, [PATH], hub.now())
            connection.exec_driver_sql("UPDATE documents SET etag = 'new'")
            announced.set()
            committed.wait(0.5)  # time in which the answer comes in

    builder = threading.Thread(target=build)

    def begin() -> None:
        if hub.engine.dialect.name == "postgresql":
            builder.start()
            announced.wait(10)

    hub.publish("Avant")
    hub.make_due(found)
    subscriber.during = begin
    hub.deliver(found)
    if hub.engine.dialect.name == "sqlite":
        return  # writers take turns there
    committed.set()
    builder.join()
    assert hub.row(found).due_at is not None


def test_two_workers_do_not_deliver_at_once(hub: Hub, subscriber: Subscriber, found: int):
    hub.publish("Une nouvelle")
    hub.make_due(found)
    subscriber.during = lambda: hub.deliver(found)
    hub.deliver(found)
    assert len(subscriber.deliveries) == 1


def test_who_fails_waits_for_those_who_do_not(hub: Hub, subscriber: Subscriber):
    ids = [hub.subscribe(f"{subscriber.url}?{number}") for number in range(3)]
    hub.publish("Une nouvelle")
    for one in ids:
        hub.make_due(one)
    hub.change(ids[0], attempts=3)
    with reading(hub.engine) as connection:
        assert store.to_deliver(connection, hub.now()) == [ids[1], ids[2], ids[0]]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SLOW_MS", 300)


def due_to(hub: Hub, *callbacks: str) -> list[int]:
    """Subscriptions to which a delivery is due, the first of them for the longest time."""
    ids = [hub.subscribe(callback) for callback in callbacks]
    hub.publish("Une nouvelle")
    for seconds, one in enumerate(reversed(ids), start=1):
        hub.change(one, due_at=hub.now() - timedelta(seconds=seconds))
    return ids


def to_deliver(hub: Hub) -> list[int]:
    with reading(hub.engine) as connection:
        return store.to_deliver(connection, hub.now())


@pytest.mark.parametrize("status", [204, 500])
def test_how_long_an_answer_took_is_remembered(
    hub: Hub, subscriber: Subscriber, found: int, status: int
):
    hub.publish("Une nouvelle")
    hub.make_due(found)
    subscriber.statuses = [status]
    subscriber.during = lambda: threading.Event().wait(0.3)
    hub.deliver(found)
    assert 300 <= hub.row(found).took_ms < 5000


def test_a_slow_verification_is_remembered_and_a_quick_delivery_after_it(
    hub: Hub, subscriber: Subscriber
):
    subscriber.during = lambda: threading.Event().wait(0.3)
    found = hub.subscribe(subscriber.url)
    assert hub.row(found).took_ms >= 300
    subscriber.during = lambda: None
    hub.publish_and_deliver(found, "Une nouvelle")
    assert hub.row(found).took_ms < 300


def test_who_answered_slowly_waits_for_who_did_not(hub: Hub, subscriber: Subscriber):
    ids = due_to(hub, *(f"{subscriber.url}?{number}" for number in range(3)))
    hub.change(ids[2], attempts=1)
    hub.change(ids[0], took_ms=store.SLOW_MS, host="slow.example")
    assert to_deliver(hub) == [ids[1], ids[2], ids[0]]


def test_one_slow_callback_makes_its_whole_host_wait(hub: Hub, subscriber: Subscriber):
    ids = due_to(hub, *(f"{subscriber.url}?{number}" for number in range(3)))
    for one in ids[:2]:
        hub.change(one, host="slow.example")
    hub.change(ids[1], took_ms=store.SLOW_MS)
    assert to_deliver(hub) == [ids[2], *ids[:2]]
    hub.change(ids[1], took_ms=20)
    assert to_deliver(hub) == ids


def test_of_the_slow_ones_one_is_sent_to_at_a_time(hub: Hub, subscriber: Subscriber, slow: None):
    ids = due_to(hub, *(f"{subscriber.url}?{number}" for number in range(3)))
    for one in ids[:2]:
        hub.change(one, host="slow.example")
    hub.change(ids[1], took_ms=store.SLOW_MS)
    seen: list[list[int]] = []

    def meanwhile() -> None:
        subscriber.during = lambda: threading.Event().wait(0.3)
        seen.append(to_deliver(hub))
        hub.deliver(ids[1])  # a hint that came late: it finds no place
        hub.deliver(ids[2])

    subscriber.during = meanwhile
    hub.deliver(ids[0])
    assert seen == [[ids[2]]]
    assert [path for method, path, _, _ in subscriber.elsewhere.asked if method == "POST"] == [
        "/cb?0",
        "/cb?2",
    ]
    hub.deliver(ids[1])
    assert len(subscriber.deliveries) == 3


def test_two_workers_that_begin_at_once_take_one_slow_subscriber(
    hub: Hub, subscriber: Subscriber, slow: None
):
    ids = due_to(hub, *(f"{subscriber.url}?{number}" for number in range(4)))
    for one in ids:
        hub.change(one, took_ms=store.SLOW_MS)
    answer, underway, most = threading.Event(), [], []

    def count() -> None:
        underway.append(1)
        most.append(len(underway))
        answer.wait(1)
        underway.pop()

    subscriber.during = count
    threads = [threading.Thread(target=hub.deliver, args=[one]) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_delivery_survives_a_restart(
    hub: Hub, subscriber: Subscriber, found: int, database_url: str
):
    hub.publish("Une nouvelle")
    hub.make_due(found)
    hub.engine.dispose()
    again = make_engine(database_url)
    with reading(again) as connection:
        assert store.to_deliver(connection, hub.now()) == [found]
    distributing.deliver(again, hub.fetcher, found, SITE)
    again.dispose()
    assert len(subscriber.deliveries) == 1


def test_a_callback_that_became_private_is_not_sent_anything(
    hub: Hub, subscriber: Subscriber, found: int
):
    hub.fetcher = Fetcher()
    hub.publish_and_deliver(found, "Une nouvelle")
    assert subscriber.deliveries == []
    assert "not on the public Internet" in hub.row(found).problem
