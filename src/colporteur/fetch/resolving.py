"""Asks for a host's addresses, and waits no longer than a deadline: getaddrinfo knows none."""

import socket
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import httpcore

AT_ONCE = 16
"""Lookups under way in a process; those of silent name servers end by themselves, some time."""
_places = threading.BoundedSemaphore(AT_ONCE)
Ask = Callable[..., list[Any]]


def addresses(host: str, port: int, deadline: float, ask: Ask = socket.getaddrinfo) -> list[str]:
    """A host's addresses, each once; ``deadline`` is of ``time.monotonic()``.

    Raises:
        httpcore.ConnectError: the host is not known.
        httpcore.ConnectTimeout: no answer in time, or too many lookups are under way.
    """
    if not _places.acquire(timeout=_left(deadline)):
        raise httpcore.ConnectTimeout(f"{host} could not be looked up in time")
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()
    threading.Thread(target=_look_up, args=(ask, host, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except Empty:
        raise httpcore.ConnectTimeout(f"{host} could not be looked up in time") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"{host} is not known: {answer}")
    return list(dict.fromkeys(str(one[4][0]) for one in answer))


def _look_up(ask: Ask, host: str, port: int, answers: "SimpleQueue[list[Any] | Exception]") -> None:
    try:
        answers.put(ask(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        answers.put(error)
    finally:
        _places.release()


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
