"""One message, taken in a transaction of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from colporteur.audience.heard import Effect
from colporteur.db import database_now, writing
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import AT_MOST, Came, hear_message


@dataclass
class Fetched:
    """What came of a mailbox: messages that were about somebody, dropped, or heard before."""

    heard: int = 0
    dropped: int = 0
    again: int = 0

    def count(self, what: Effect | Drop | None) -> None:
        """Count one."""
        self.heard += isinstance(what, Effect)
        self.dropped += isinstance(what, Drop)
        self.again += what is None


def take(engine: Engine, ears: Ears, came: Came) -> Effect | Drop | None:
    """Act on a message, and commit; one that is too large is counted and not read."""
    with writing(engine) as connection:
        now = database_now(connection)
        if len(came.message) > AT_MOST:
            return _too_large(connection, came.source, now)
        return hear_message(connection, ears, came, now)


def refuse(engine: Engine, source: str) -> Drop:
    """Count a message that is too large to be fetched."""
    with writing(engine) as connection:
        return _too_large(connection, source, database_now(connection))


def _too_large(connection: Connection, source: str, now: datetime) -> Drop:
    count_dropped(connection, source, Drop.TOO_LARGE, now)
    return Drop.TOO_LARGE
