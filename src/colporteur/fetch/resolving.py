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
_NONE_SUCH = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
Ask = Callable[..., list[Any]]


class NoSuchHost(httpcore.ConnectError):
    """The name servers answered: they know no address of the host."""


def addresses(host: str, port: int, deadline: float, ask: Ask = socket.getaddrinfo) -> list[str]:
    """A host's addresses, each once; ``deadline`` is of ``time.monotonic()``.

    Raises:
        NoSuchHost: the host is not known.
        httpcore.ConnectError: it could not be asked for.
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
        unknown = isinstance(answer, socket.gaierror) and answer.errno in _NONE_SUCH
        kind = NoSuchHost if unknown else httpcore.ConnectError
        raise kind(f"{host} is not known: {answer}")
    return list(dict.fromkeys(str(one[4][0]) for one in answer))


def is_known(host: str, seconds: float) -> bool:
    """Whether a host has an address, by what is known within so many seconds."""
    try:
        return bool(addresses(host, 0, time.monotonic() + seconds))
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        return False


def _look_up(ask: Ask, host: str, port: int, answers: "SimpleQueue[list[Any] | Exception]") -> None:
    try:
        answers.put(ask(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        answers.put(error)
    finally:
        _places.release()


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
