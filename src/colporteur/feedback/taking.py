"""One message, taken in a transaction of its own."""

import logging
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from colporteur.audience.heard import Effect
from colporteur.db import database_now, writing
from colporteur.exceptions import ServiceUnavailable
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import AT_MOST, Came, hear_message
from colporteur.feedback.reading import read_report

_log = logging.getLogger(__name__)


@dataclass
class Fetched:
    """What came of a mailbox: messages that were about somebody, dropped, or heard before.

    ``failed`` could not be read, or not be marked: they are looked at again the next time.
    """

    heard: int = 0
    dropped: int = 0
    again: int = 0
    failed: int = 0

    def count(self, what: Effect | Drop | None) -> None:
        """Count one."""
        self.heard += isinstance(what, Effect)
        self.dropped += isinstance(what, Drop)
        self.again += what is None

    def fail(self, source: str, why: object) -> None:
        """Count one that the others need not wait for."""
        if not self.failed:
            _log.warning("%s: a message cannot be read or marked: %s", source, str(why)[:200])
        self.failed += 1


def take(engine: Engine, ears: Ears, came: Came) -> Effect | Drop | None:
    """Act on a message, and commit.

    One that is too large, or that something of ours stumbles over, is counted and dropped: it
    would be no better the next time, and others wait behind it.

    Raises:
        ServiceUnavailable, OperationalError, InterfaceError: the database is away.
    """
    if len(came.message) > AT_MOST:
        return refuse(engine, came.source, Drop.TOO_LARGE)
    try:
        report = read_report(came.message)
        with writing(engine) as connection:
            return hear_message(connection, ears, came, report, database_now(connection))
    except (OperationalError, InterfaceError, ServiceUnavailable):
        raise
    except DBAPIError as error:  # its own text holds the statement's parameters
        _log.error("What came back is dropped: %s", type(error.orig).__name__)
    except Exception:  # noqa: BLE001 - whatever it was, others wait
        _log.exception("What came back is dropped.")
    return refuse(engine, came.source, Drop.MALFORMED)


def refuse(engine: Engine, source: str, reason: Drop) -> Drop:
    """Count a message that is dropped unread."""
    with writing(engine) as connection:
        count_dropped(connection, source, reason, database_now(connection))
    return reason
