import socket
from datetime import timedelta

import pytest
from house import SITE, channel, publication
from hubbing import TOPIC, Hub, Subscriber

from colporteur.db import make_engine, reading, writing
from colporteur.db.tables.syndication import hub_subscriptions
from colporteur.exceptions import HubRefused
from colporteur.fetch import Fetcher
from colporteur.syndication.hub import store, verifying


def test_a_right_echo_begins_a_lease_of_the_length_that_was_told(hub: Hub, subscriber: Subscriber):
    found = hub.subscribe(subscriber.url, lease_seconds="7200", secret="s3cret")
    (asked,) = subscriber.verifications
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == TOPIC
    assert asked["hub.lease_seconds"] == "7200"
    row = hub.row(found)
    left = row.expires_at - hub.now()
    assert timedelta(seconds=7190) < left <= timedelta(seconds=7200)
    assert (row.secret, row.wanted, row.verify_at, row.leased_until) == ("s3cret", None, None, None)


def test_nothing_is_active_before_the_subscriber_has_confirmed(hub: Hub, subscriber: Subscriber):
    found = hub.ask(subscriber.url)
    assert hub.row(found).expires_at is None
    hub.publish("Trop tôt")
    assert hub.row(found).due_at is None


def test_the_callbacks_query_is_kept(hub: Hub, subscriber: Subscriber):
    hub.subscribe(f"{subscriber.url}?foo=bar&red=fish")
    _, path, _, _ = subscriber.elsewhere.asked[0]
    assert path.startswith("/cb?foo=bar&red=fish&hub.mode=subscribe&hub.topic=https%3A")


def test_a_challenge_is_random_and_used_once(hub: Hub, subscriber: Subscriber):
    for _ in range(3):
        hub.subscribe(subscriber.url)
    challenges = {asked["hub.challenge"] for asked in subscriber.verifications}
    assert len(challenges) == 3
    assert all(len(one) >= 43 for one in challenges)


@pytest.mark.parametrize(
    "wrong",
    [
        {"echo": lambda _: b"something else"},
        {"echo": lambda _: b""},
        {"echo": lambda challenge: f"{challenge}x".encode()},
        {"verify_status": 404},
        {"verify_status": 302},
        {"verify_status": 500},
    ],
    ids=["other", "empty", "longer", "404", "redirect", "500"],
)
class TestAWrongAnswer:
    def test_drops_a_new_request(self, hub: Hub, subscriber: Subscriber, wrong: dict):
        vars(subscriber).update(wrong)
        hub.subscribe(subscriber.url)
        assert hub.rows() == []
        assert len(subscriber.elsewhere.asked) == 1  # asked once, and no redirect was followed

    @pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
    def test_leaves_an_active_subscription_as_it_was(
        self, hub: Hub, subscriber: Subscriber, wrong: dict, mode: str
    ):
        found = hub.subscribe(subscriber.url, secret="old")
        before = hub.row(found)
        vars(subscriber).update(wrong)
        assert hub.ask(subscriber.url, mode, secret="new", lease_seconds="3600") == found
        hub.verify(found)
        after = hub.row(found)
        assert (after.expires_at, after.secret) == (before.expires_at, "old")
        assert (after.wanted, after.verify_at) == (None, None)


def test_any_answer_of_the_200s_with_the_challenge_confirms(hub: Hub, subscriber: Subscriber):
    subscriber.verify_status = 201
    assert hub.row(hub.subscribe(subscriber.url)).expires_at is not None


def test_a_renewal_keeps_the_old_lease_and_secret_until_it_is_confirmed(
    hub: Hub, subscriber: Subscriber
):
    found = hub.subscribe(subscriber.url, lease_seconds="3600", secret="old")
    before = hub.row(found)
    assert hub.ask(subscriber.url, lease_seconds="86400", secret="new") == found
    assert (hub.row(found).expires_at, hub.row(found).secret) == (before.expires_at, "old")
    hub.verify(found)
    after = hub.row(found)
    assert after.secret == "new"
    assert after.expires_at - before.expires_at > timedelta(hours=22)
    assert len(hub.rows()) == 1


def test_unsubscribing_ends_it_once_confirmed(hub: Hub, subscriber: Subscriber):
    found = hub.subscribe(subscriber.url)
    hub.ask(subscriber.url, "unsubscribe")
    assert hub.row(found).expires_at is not None
    hub.verify(found)
    assert subscriber.verifications[-1]["hub.mode"] == "unsubscribe"
    assert hub.rows() == []


def test_who_was_forgotten_can_unsubscribe_still(hub: Hub, subscriber: Subscriber):
    hub.verify(hub.ask(subscriber.url, "unsubscribe"))
    assert [asked["hub.mode"] for asked in subscriber.verifications] == ["unsubscribe"]
    assert hub.rows() == []


def test_a_request_that_comes_while_another_is_asked_waits_for_its_own_answer(
    hub: Hub, subscriber: Subscriber
):
    found = hub.ask(subscriber.url, secret="first")
    subscriber.during = lambda: hub.ask(subscriber.url, "unsubscribe")
    hub.verify(found)
    row = hub.row(found)
    assert row.secret == "first"  # confirmed, and then
    assert row.wanted["mode"] == "unsubscribe"
    subscriber.during = lambda: None
    hub.verify(found)
    assert hub.rows() == []


def test_a_silent_callback_is_asked_three_times_more_and_then_dropped(hub: Hub):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{probe.getsockname()[1]}/cb"
        found = hub.ask(away)
        waits = []
        for _ in range(3):
            hub.verify(found)
            row = hub.row(found)
            waits.append(round((row.verify_at - hub.now()).total_seconds()))
            assert "does not answer" in row.problem
            hub.make_due(found)
        assert waits == pytest.approx([10, 60, 300], abs=2)
        hub.verify(found)
    assert hub.rows() == []


def test_a_private_callback_is_never_asked(hub: Hub, subscriber: Subscriber):
    hub.fetcher = Fetcher()
    hub.subscribe(subscriber.url)
    assert subscriber.elsewhere.asked == []
    assert hub.rows() == []


def test_two_workers_do_not_ask_at_once(hub: Hub, subscriber: Subscriber):
    found = hub.ask(subscriber.url)
    subscriber.during = lambda: hub.verify(found)
    hub.verify(found)
    assert len(subscriber.verifications) == 1


def test_a_worker_that_died_leaves_the_request_to_the_next(hub: Hub, subscriber: Subscriber):
    found = hub.ask(subscriber.url)
    with writing(hub.engine) as connection:
        assert store.hold(connection, found, hub_subscriptions.c.verify_at, hub.now())
    with reading(hub.engine) as connection:
        assert store.to_verify(connection, hub.now()) == []
        assert store.to_verify(connection, hub.now() + timedelta(seconds=61)) == [found]


def test_subscriptions_and_requests_survive_a_restart(
    hub: Hub, subscriber: Subscriber, database_url: str
):
    active = hub.subscribe(subscriber.url)
    asked = hub.ask(f"{subscriber.url}?second=1")
    hub.engine.dispose()
    again = make_engine(database_url)
    with reading(again) as connection:
        assert store.to_verify(connection, hub.now()) == [asked]
    verifying.verify(again, hub.fetcher, asked, SITE)
    again.dispose()
    assert [row.expires_at is not None for row in hub.rows()] == [True, True]
    assert [row.id for row in hub.rows()] == [active, asked]


def test_a_feed_that_is_not_there_cannot_be_subscribed_to(hub: Hub, subscriber: Subscriber):
    with pytest.raises(HubRefused, match="no feed"):
        hub.ask(subscriber.url, topic=f"{SITE}/feeds/nothing.rss")
    assert hub.rows() == []


def test_a_host_has_only_so_many_requests_waiting(hub: Hub, subscriber: Subscriber):
    urls = [f"{subscriber.url}?{number}" for number in range(store.PENDING_AT_MOST)]
    ids = [hub.ask(url) for url in urls]
    with pytest.raises(HubRefused) as refusal:
        hub.ask(subscriber.url)
    assert refusal.value.retry_after == 60
    with pytest.raises(HubRefused):
        hub.ask("https://127.0.0.1/another-port")
    assert hub.ask(urls[0]) == ids[0]  # the same again is none more
    hub.ask("https://127.0.0.100/cb")  # another host
    hub.verify(ids[1])
    hub.ask(subscriber.url)


def test_a_feed_has_only_so_many_subscribers_and_those_may_renew(
    hub: Hub, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "A_TOPIC_AT_MOST", 2)
    first = hub.subscribe(subscriber.url)
    second = hub.subscribe(f"{subscriber.url}?2")
    with pytest.raises(HubRefused, match="as many"):
        hub.ask(f"{subscriber.url}?3")
    assert hub.ask(subscriber.url) == first
    hub.verify(first)
    hub.change(second, expires_at=hub.now() - timedelta(seconds=1))
    hub.ask(f"{subscriber.url}?3")


def test_one_host_does_not_fill_a_feed(
    hub: Hub, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "A_HOST_AT_MOST_OF_A_TOPIC", 2)
    first = hub.subscribe(subscriber.url)
    second = hub.subscribe(f"{subscriber.url}?2")
    for again in (subscriber.url, "http://127.0.0.1:8/cb", "https://127.0.0.1/cb"):
        with pytest.raises(HubRefused, match="callback's host") as refusal:
            hub.ask(f"{again}?3")
        assert refusal.value.retry_after == 3600
    assert hub.ask(subscriber.url) == first  # what is active may be renewed
    hub.ask("https://127.0.0.100/cb")  # another host
    hub.ask(f"{subscriber.url}?3", topic=f"{SITE}/feeds/nashra.atom")  # another feed
    hub.change(second, expires_at=hub.now() - timedelta(seconds=1))
    hub.ask(f"{subscriber.url}?3")
    with pytest.raises(HubRefused, match="callback's host"):
        hub.ask(f"{subscriber.url}?2")  # it ended, so it is no renewal


def test_one_host_does_not_fill_the_hub(
    hub: Hub, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "A_HOST_AT_MOST", 3)
    for suffix in ("atom", "rss", "json"):
        hub.subscribe(subscriber.url, topic=f"{SITE}/feeds/actualites.{suffix}")
    with pytest.raises(HubRefused, match="callback's host"):
        hub.ask(subscriber.url, topic=f"{SITE}/feeds/nashra.atom")
    hub.ask("https://127.0.0.100/cb", topic=f"{SITE}/feeds/nashra.atom")


@pytest.mark.parametrize("host", ["READER.example", "reader.example.", "reader.example:8443"])
def test_a_host_is_one_however_it_is_written(hub: Hub, host: str):
    assert hub.row(hub.ask(f"https://{host}/cb")).host == "reader.example"


def test_who_subscribed_to_a_feed_that_ends_is_told(hub: Hub, subscriber: Subscriber):
    found = hub.subscribe(subscriber.url, topic=f"{SITE}/feeds/actualites/law.atom")
    hub.house.apply(publication(channels=[channel("actualites", "fr", topics=["health"])]))
    hub.publish("Un autre")
    subscriber.verify_status = 500  # whatever they say
    hub.verify(found)
    told = subscriber.verifications[-1]
    assert told["hub.mode"] == "denied"
    assert told["hub.topic"] == f"{SITE}/feeds/actualites/law.atom"
    assert "ended" in told["hub.reason"]
    assert hub.rows() == []
    with pytest.raises(HubRefused, match="no feed"):
        hub.ask(subscriber.url, topic=told["hub.topic"])
