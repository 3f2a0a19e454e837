"""Opens connections to the very address that was judged, and ends them at a deadline."""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from colporteur.exceptions import FetchRefused
from colporteur.fetch.guard import allowed
from colporteur.fetch.resolving import addresses


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host once, judges its addresses, and connects to one that passed.

    A name that resolves otherwise a moment later ("DNS rebinding") changes nothing: nobody asks
    again. TLS still checks the certificate against the name.
    """

    def __init__(self, deadline: float, *, loopback: bool, anywhere: bool = False) -> None:
        self._deadline = deadline  # of time.monotonic()
        self._loopback = loopback
        self._anywhere = anywhere
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's public addresses that answers."""
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._judged(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, _left(self._deadline, timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _Bounded(stream, self._deadline)
        raise problem

    def _judged(self, host: str, port: int) -> list[str]:
        found = addresses(host, port, self._deadline)
        if self._anywhere:
            return list(found)
        judged = list(allowed(found, loopback=self._loopback))
        if found and not judged:
            raise FetchRefused(
                f"{host} is not on the public Internet.",
                cure="Give a public address; COLPORTEUR_FETCH_LOOPBACK=true allows this machine.",
            )
        return judged


class _Bounded(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline: a drop now and then keeps none open."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _left(self._deadline, timeout)
        secured = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _Bounded(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("it took too long")
    return left if timeout is None else min(left, timeout)
