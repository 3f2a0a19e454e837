import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from asking import Ask, asker, make_app
from elsewhere import Elsewhere
from house import SITE, House
from hubbing import TOPIC, Hub, Subscriber

from colporteur import tasks
from colporteur.config import Settings

DATABASES = ("sqlite",)  # the stores below have their tests on both

Rung = Callable[[], list[int]]
REQUEST = {
    "hub.mode": "subscribe",
    "hub.topic": TOPIC,
    "hub.callback": "https://reader.example/cb",
}


@pytest.fixture(autouse=True)
def rung(tmp_path: Path) -> Iterator[Rung]:
    """What the broker, which is in memory, was handed for verifying."""
    app = tasks.configure(Settings(secret_key="k" * 32, data_dir=tmp_path / "var"))
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("feeds")
        queue.clear()

        def heard() -> list[int]:
            messages = [queue.get(block=False) for _ in range(queue.qsize())]
            return [
                one.payload[0][0] for one in messages if "syndication.verify" in one.headers["task"]
            ]

        yield heard
        queue.close()


@pytest.fixture
def hub(published: House) -> Hub:
    return Hub(published)


def test_a_good_request_is_accepted_noted_and_verified_soon(ask: Ask, hub: Hub, rung: Rung):
    found = ask("POST", "/hub", data=REQUEST)
    assert found.status_code == 202
    assert found.headers["content-type"].startswith("text/plain")
    (row,) = hub.rows()
    assert (row.path, row.callback) == ("feeds/actualites.atom", "https://reader.example/cb")
    assert rung() == [row.id]


def test_from_the_form_to_a_signed_delivery(ask: Ask, hub: Hub, elsewhere: Elsewhere):
    subscriber = Subscriber(elsewhere)
    ask("POST", "/hub", data=REQUEST | {"hub.callback": subscriber.url, "hub.secret": "s"})
    (row,) = hub.rows()
    hub.verify(row.id)
    hub.publish_and_deliver(row.id, "Une nouvelle")
    ((headers, body),) = subscriber.deliveries
    assert headers["X-Hub-Signature"].startswith("sha256=")
    assert body == hub.body()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hub.mode": "dance"}, "hub.mode"),
        ({"hub.topic": f"{SITE}/feeds/nothing.atom"}, "no feed of this site"),
        ({"hub.topic": f"{SITE}/feeds.opml"}, "no feed of this site"),
        ({"hub.callback": "javascript:alert(1)"}, "hub.callback"),
        ({"hub.secret": "x" * 200}, "200 bytes"),
        ({"hub.lease_seconds": "soon"}, "lease_seconds"),
    ],
)
def test_a_refusal_says_why_in_plain_text(
    ask: Ask, hub: Hub, rung: Rung, changes: dict[str, str], words: str
):
    found = ask("POST", "/hub", data=REQUEST | changes)
    assert found.status_code == 400
    assert found.headers["content-type"].startswith("text/plain")
    assert words in found.text
    assert (hub.rows(), rung()) == ([], [])


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"{}", b"&" * 1000, b"a=b&" * 1000, b"hub.mode=%ff"],
    ids=["empty", "bytes", "json", "ampersands", "fields", "not UTF-8"],
)
def test_a_body_that_is_no_form_is_refused(ask: Ask, body: bytes):
    found = ask("POST", "/hub", content=body)
    assert found.status_code == 400
    assert found.headers["content-type"].startswith("text/plain")


def test_a_body_beyond_the_limit_is_not_read(ask: Ask):
    assert ask("POST", "/hub", content=b"a=" + b"b" * 16_384).status_code == 413


def test_a_body_without_end_is_left(app, published: House):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 10_000:
            sent += 1
            yield b"x" * 1024

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            return await http.post("/hub", content=endless())

    assert asyncio.run(post()).status_code == 413
    assert sent < 100


def test_a_notice_of_publishing_is_accepted_and_does_nothing(ask: Ask, hub: Hub, rung: Rung):
    for name in ("hub.topic", "hub.url"):
        assert ask("POST", "/hub", data={"hub.mode": "publish", name: TOPIC}).status_code == 202
    assert (hub.rows(), rung()) == ([], [])


@pytest.mark.parametrize(
    ("client", "neighbour"),
    [("192.0.2.1", "192.0.2.2"), ("2001:db8:0:1::1", "2001:db8:0:2::1"), ("testclient", "::1")],
)
def test_a_client_asks_sixty_times_a_minute_at_most(app, client: str, neighbour: str):
    ask = asker(app, client)
    data = REQUEST | {"hub.mode": "publish"}
    assert {ask("POST", "/hub", data=data).status_code for _ in range(60)} == {202}
    refused = ask("POST", "/hub", data=data)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"].startswith("text/plain")
    assert asker(app, neighbour)("POST", "/hub", data=data).status_code == 202
    assert ask("GET", "/hub").status_code == 200


def test_addresses_of_one_ipv6_network_are_one_client(app):
    data = REQUEST | {"hub.mode": "publish"}
    found = [
        asker(app, f"2001:db8::{number:x}")("POST", "/hub", data=data).status_code
        for number in range(1, 62)
    ]
    assert found == [202] * 60 + [429]


def test_a_host_with_too_many_open_requests_is_told_when_to_come_again(ask: Ask):
    data = [REQUEST | {"hub.callback": f"https://reader.example/{one}"} for one in range(21)]
    found = [ask("POST", "/hub", data=one) for one in data]
    assert [one.status_code for one in found] == [202] * 20 + [429]
    assert found[-1].headers["retry-after"] == "60"


def test_when_the_database_refuses_a_program_is_told_to_come_again_and_no_secret_is_logged(
    ask: Ask, published: House, caplog: pytest.LogCaptureFixture
):
    with published.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE hub_subscriptions RENAME TO gone")
    found = ask("POST", "/hub", data=REQUEST | {"hub.secret": "s3cret"})
    assert (found.status_code, found.headers["retry-after"]) == (503, "60")
    assert found.text == "The hub is away for a moment.\n"
    (logged,) = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert "hub_subscriptions" in logged
    assert "s3cret" not in logged
    assert "reader.example" not in logged


def test_before_there_is_a_publication_a_program_is_told_to_come_again(engine, tmp_path: Path):
    ask = asker(make_app(House(engine), tmp_path))
    found = ask("POST", "/hub", content=urlencode(REQUEST).encode())
    assert found.status_code == 503
    assert found.headers["content-type"].startswith("text/plain")


def test_people_who_come_by_are_told_what_it_is(ask: Ask):
    found = ask("GET", "/hub")
    assert found.status_code == 200
    assert "Hub WebSub" in found.text
    assert "hub.callback" in found.text
    assert ask("HEAD", "/hub").content == b""
