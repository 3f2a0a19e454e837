"""Keeps a lease alive while its worker works, also while it waits for a relay's reply."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.db import database_now, writing
from colporteur.delivery import ledger
from colporteur.delivery.transports import Transport
from colporteur.exceptions import ServiceUnavailable

_log = logging.getLogger(__name__)


DRAINED_WITHIN_S = 18.0
"""How long a stopping worker waits for answers; it ends within 25 s (docs/rules.md, 4)."""
_LOOKS_EVERY_S = 0.5


class Keeper:
    """Extends a lease each third of its length, until it is lost or let go.

    ``stopping`` is asked twice a second: ``hurry`` is called once, when that has been so for a
    while and a relay has not answered yet.
    """

    def __init__(
        self, engine: Engine, held: ledger.Lease, seconds: int, stopping: Callable[[], bool]
    ) -> None:
        self.lost = threading.Event()
        self.hurry: Callable[[], None] = _nothing
        self._engine, self._held, self._seconds = engine, held, seconds
        self._stopping = stopping
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def watch(self, transport: Transport) -> None:
        """Have a transport not wait for answers when it is late."""
        self.hurry = transport.interrupt

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the lease go."""
        self._done.set()
        self._thread.join()

    def _keep(self) -> None:
        extended_at, stopping_since = time.monotonic(), None
        while not self._done.wait(min(_LOOKS_EVERY_S, self._seconds / 3)):
            now = time.monotonic()
            if not self.lost.is_set() and now - extended_at >= self._seconds / 3:
                extended_at = now
                self._extend()
            if stopping_since is None and self._stopping():
                stopping_since = now
            if stopping_since is not None and now - stopping_since > DRAINED_WITHIN_S:
                stopping_since = float("inf")  # once
                self.hurry()

    def _extend(self) -> None:
        try:
            with writing(self._engine) as connection:
                now = database_now(connection)
                if ledger.extend(connection, self._held, now, self._seconds) is None:
                    self.lost.set()
        except (ServiceUnavailable, DBAPIError) as error:
            _log.warning("The lease of batch %s was not extended: %s", self._held.batch_id, error)


def _nothing() -> None:
    """There is nothing to hurry up."""
