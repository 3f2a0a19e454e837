"""The fast lane over real connections: it gives what the usual way gives, and no more."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from asking import make_app
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import free_port, wait_for_port

from colporteur.web import protocol_for
from colporteur.web.fast_lane import _plain_poll

FEED = "/feeds/actualites.rss"


@dataclass
class Served:
    port: int

    def say(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """What comes back for these bytes, sent part by part, until the server closes or rests."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may hang up
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            asked = b"".join(parts).count(b" HTTP/1.1\r\n")
            found = b""
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while True:
                    connection.settimeout(0.4 if whole_answers(found) < asked else 0.02)
                    more = connection.recv(1 << 16)
                    if not more:
                        break
                    found += more
            return found


def whole_answers(found: bytes) -> int:
    """How many answers are there to their ends, as long as each says its length."""
    count = 0
    while b"\r\n\r\n" in found:
        head, _, found = found.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        if b" 304 " not in head[:16]:
            if length is None or len(found) < int(length[1]):
                break
            found = found[int(length[1]) :]
        count += 1
    return count


@pytest.fixture
def served(published: House, tmp_path: Path) -> Iterator[Served]:
    app = make_app(published, tmp_path)
    port = free_port()
    config = uvicorn.Config(
        app,
        port=port,
        http=protocol_for(app),
        lifespan="off",
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for_port(port)
    yield Served(port)
    server.should_exit = True
    thread.join()


def request(path: str = FEED, method: str = "GET", **headers: str) -> bytes:
    named = {"Host": "x", "User-Agent": "test"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def usual(plain: bytes) -> bytes:
    """The same request made so that it goes the usual way."""
    return plain.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")


def parts(answer: bytes) -> tuple[bytes, set[bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.split(b"\r\n")
    return status, {one for one in headers if not one.startswith(b"date:")}, body


def status(answer: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d{3})", answer)


@pytest.mark.parametrize("coding", ["", "gzip", "br", "gzip;q=0, br;q=0", "*"])
def test_it_answers_as_the_usual_way_does(served: Served, coding: str):
    plain = request(Accept_Encoding=coding) if coding else request()
    assert _plain_poll(plain) is not None
    assert _plain_poll(usual(plain)) is None
    fast, slow = served.say(plain), served.say(usual(plain))
    assert b"\r\ndate: " in fast
    assert parts(fast) == parts(slow)
    etag = re.search(rb"etag: (.*?)\r\n", fast)
    assert etag is not None
    again = request(If_None_Match=etag[1].decode())
    assert parts(served.say(again)) == parts(served.say(usual(again)))
    assert status(served.say(again)) == [b"304"]


def test_several_polls_share_a_connection_with_other_requests(served: Served):
    said = served.say(request(), request("/healthz"), request(), request("/healthz"), pause=0.1)
    assert status(said) == [b"200"] * 4


def test_polls_that_arrive_together_are_all_answered_in_order(served: Served):
    said = served.say(request() + request("/healthz") + request("/feeds/nothing.rss"))
    assert status(said) == [b"200", b"200", b"404"]


def test_a_poll_that_arrives_in_pieces_is_one(served: Served):
    whole = request()
    assert status(served.say(whole[:12], whole[12:], pause=0.1)) == [b"200"]


def test_a_body_that_looks_like_a_poll_is_a_body(served: Served):
    hidden = request()
    head = request("/feeds.opml", "POST", Content_Length=str(len(hidden) + 4))
    assert status(served.say(head, hidden, b"more", pause=0.2)) == [b"405"]


def test_half_a_head_that_goes_on_like_a_poll_is_no_poll(served: Served):
    said = served.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Odd: ", request(), pause=0.1)
    assert status(said)[:1] in ([b"400"], [b"200"])
    assert b"rss" not in said


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(served: Served):
    with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
        for _ in range(4):
            connection.sendall(request(If_None_Match="*"))
            assert b"304" in connection.recv(4096)
            time.sleep(0.5)
        assert connection.recv(4096) == b""


@pytest.mark.parametrize(
    "head",
    [
        request(Content_Length="0"),
        request(Transfer_Encoding="chunked"),
        request(Connection="close"),
        request(Upgrade="h2c"),
        request(X_Forwarded_For="192.0.2.1"),
        request(Sec_Fetch_Mode="navigate"),
        request("/feeds/actualites.rss?x=1"),
        request("/feeds/%61ctualites.rss"),
        request(method="HEAD"),
        request().replace(b"HTTP/1.1", b"HTTP/1.0"),
        request().replace(b"Host: x\r\n", b""),
        request().replace(b"\r\n\r\n", b"\r\nHost: y\r\n\r\n"),
        request().replace(b"\r\n\r\n", b"\r\n folded\r\n\r\n"),
        request().replace(b"Host", b"Ho st"),
        request() + b"x",
        request() + request(),
    ],
)
def test_what_is_not_plain_goes_the_usual_way(head: bytes):
    assert _plain_poll(head) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.binary(max_size=60), st.integers(0, 120))
def test_no_bytes_make_it_stumble(served: Served, noise: bytes, at: int):
    head = request()
    served_all = _plain_poll(head[:at] + noise + head[at:])
    assert served_all is None or served_all[0].startswith("feeds")
    assert status(served.say(request())) == [b"200"] or b"429" in served.say(request())


def test_a_head_without_end_is_ended(served: Served):
    endless = [b"GET /healthz HTTP/1.1\r\nHost: x\r\n"]
    endless += [b"X-%d: " % number + b"a" * 8000 + b"\r\n" for number in range(8)]
    assert status(served.say(*endless, pause=0.02)) == [b"431"]


def test_several_lines_of_validators_are_one_list(served: Served):
    etag = re.search(rb"etag: (.*?)\r\n", served.say(request()))
    assert etag is not None
    first = request(If_None_Match='"a"')
    both = first.replace(b"\r\n\r\n", b"\r\nIf-None-Match: " + etag[1] + b"\r\n\r\n")
    assert status(served.say(both)) == [b"304"]
