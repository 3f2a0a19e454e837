"""Keeps a lease alive while its worker works, also while it waits for a relay's reply."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.db import database_now, writing
from colporteur.delivery import ledger
from colporteur.exceptions import ServiceUnavailable

_log = logging.getLogger(__name__)


@contextmanager
def holding(engine: Engine, held: ledger.Lease, seconds: int) -> Iterator[threading.Event]:
    """Extend a lease each third of its length; the event is set once it is lost."""
    lost, done = threading.Event(), threading.Event()

    def extend_until_done() -> None:
        while not done.wait(seconds / 3) and not lost.is_set():
            try:
                with writing(engine) as connection:
                    now = database_now(connection)
                    if ledger.extend(connection, held, now, seconds) is None:
                        lost.set()
            except (ServiceUnavailable, DBAPIError) as error:
                _log.warning("The lease of batch %s was not extended: %s", held.batch_id, error)

    keeper = threading.Thread(target=extend_until_done, daemon=True)
    keeper.start()
    try:
        yield lost
    finally:
        done.set()
        keeper.join()
