"""That the tick came, and since when feeds wait to be built: noted by the tick, in ``facts``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from colporteur.db.tables.publication import facts
from colporteur.publication.site import note

NOTED_EVERY = timedelta(seconds=10)
_FACT = "pulse"


@dataclass(frozen=True)
class Pulse:
    """When the tick last came, to ten seconds, and since when a channel's feeds are stale."""

    at: datetime
    stale_since: datetime | None


def read_pulse(connection: Connection) -> Pulse | None:
    """The last that was noted; None before the first tick."""
    known = connection.scalar(select(facts.c.value).where(facts.c.name == _FACT))
    if known is None:
        return None
    stale = known["stale_since"]
    return Pulse(
        datetime.fromisoformat(known["at"]), datetime.fromisoformat(stale) if stale else None
    )


def note_pulse(connection: Connection, now: datetime, *, stale: bool) -> None:
    """Note a tick; it costs a read, and a write each ten seconds or when ``stale`` changes.

    A clock that was set back is believed at once.
    """
    known = read_pulse(connection)
    since = (known.stale_since if known else None) or now
    lately = known is not None and timedelta(0) <= now - known.at < NOTED_EVERY
    if known is None or not lately or stale is not (known.stale_since is not None):
        value = {"at": now.isoformat(), "stale_since": since.isoformat() if stale else None}
        note(connection, _FACT, value)
