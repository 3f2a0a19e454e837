import socket
import threading
import time
from collections.abc import Iterator

import httpcore
import pytest
from running import wait_for

from colporteur.fetch import resolving
from colporteur.fetch.resolving import addresses


class Silent:
    """A name server that says nothing until it is told to."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, *_: object, **__: object) -> list[object]:
        self.asked.append(host)
        self.over.wait(30)
        return []


@pytest.fixture
def silent() -> Iterator[Silent]:
    made = Silent()
    before = threading.active_count()
    yield made
    made.over.set()
    wait_for(lambda: threading.active_count() <= before)


def soon(seconds: float = 5) -> float:
    return time.monotonic() + seconds


def test_a_host_has_its_addresses_each_once():
    assert addresses("127.0.0.1", 80, soon()) == ["127.0.0.1"]
    found = addresses("localhost", 80, soon())
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found)) > 0


def test_an_unknown_host_is_said_to_be_unknown():
    with pytest.raises(httpcore.ConnectError, match="is not known"):
        addresses("nowhere.invalid", 80, soon(30))


def test_a_name_that_no_socket_takes_is_said_to_be_unknown():
    with pytest.raises(httpcore.ConnectError, match="is not known"):
        addresses("a" * 64 + ".example", 80, soon(30))


def test_a_silent_name_server_is_left_at_the_deadline(silent: Silent):
    began = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout, match="looked up in time"):
        addresses("slow.example", 80, soon(0.2), silent)
    assert time.monotonic() - began < 3


def test_silent_name_servers_hold_only_so_many_threads(silent: Silent):
    before = threading.active_count()
    for _ in range(resolving.AT_ONCE + 5):
        with pytest.raises(httpcore.ConnectTimeout):
            addresses("slow.example", 80, soon(0.02), silent)
    assert len(silent.asked) == resolving.AT_ONCE
    assert threading.active_count() - before == resolving.AT_ONCE
    silent.over.set()
    assert addresses("127.0.0.1", 80, soon(), socket.getaddrinfo) == ["127.0.0.1"]
