"""What tasks have in common: calm when a server is away, and no more at once than there is room."""

import functools
import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from colporteur.exceptions import ServiceUnavailable

_log = logging.getLogger(__name__)


def calmly(work: Callable[..., None]) -> Callable[..., None]:
    """A task that says in a line that a server is away: the next tick rings again."""

    @functools.wraps(work)
    def attempt(*ids: int) -> None:
        try:
            work(*ids)
        except ServiceUnavailable as error:
            _log.warning("%s %s", error.message, error.cure)
        except DBAPIError as error:
            _log.warning("The database refused: %s", str(error.orig).strip().partition("\n")[0])

    return attempt


def in_a(places: threading.BoundedSemaphore) -> Callable[..., Callable[..., None]]:
    """A task that returns at once where no place is free: a later tick rings again."""

    def bounded(work: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(work)
        def attempt(*ids: int) -> None:
            if places.acquire(blocking=False):
                try:
                    work(*ids)
                finally:
                    places.release()

        return attempt

    return bounded
