"""The heartbeat: an address that is asked each minute while all is well, and misses us otherwise.

Whoever is there (healthchecks.io, Uptime Kuma's push, a cron of one's own) tells people when it is
silent: also when mail is what is broken, or nothing of ours runs any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from colporteur.db.tables.publication import facts
from colporteur.publication.site import note
from colporteur.vitals.alerting.keeping import Standing

EVERY = timedelta(seconds=50)
"""Looks come each minute, some a little early; two processes ask once."""
LOOKED_WITHIN = timedelta(minutes=3)
"""Who looked before that does not know whether all is well."""
_FACT = "heartbeat"


@dataclass(frozen=True)
class Beat:
    """When the heartbeat's address was last asked, and what it answered."""

    at: datetime
    answer: str


def well(standing: Sequence[Standing], looked_at: datetime | None, now: datetime) -> bool:
    """Whether all is well: somebody looked lately, and what is critical has not been told of."""
    lately = looked_at is not None and now - looked_at <= LOOKED_WITHIN
    return lately and not any(one.problem.critical and one.told_at for one in standing)


def take_turn(connection: Connection, now: datetime) -> bool:
    """Whether it is time to ask, and this process does: the caller's transaction is ``alone``."""
    last = last_beat(connection)
    if last is not None and timedelta(0) <= now - last.at < EVERY:
        return False
    keep(connection, now, "")
    return True


def keep(connection: Connection, now: datetime, answer: str) -> None:
    """Keep what the address answered."""
    note(connection, _FACT, {"at": now.isoformat(), "answer": answer})


def last_beat(connection: Connection) -> Beat | None:
    """The last time that it was asked; None before the first."""
    known = connection.scalar(select(facts.c.value).where(facts.c.name == _FACT))
    return Beat(datetime.fromisoformat(known["at"]), known["answer"]) if known else None
