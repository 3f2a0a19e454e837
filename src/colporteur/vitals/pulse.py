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
    """When beat's tick last came, to ten seconds, and since when a channel's feeds are stale."""

    at: datetime | None
    stale_since: datetime | None


def read_pulse(connection: Connection) -> Pulse | None:
    """The last that was noted; None before the first tick."""
    known = connection.scalar(select(facts.c.value).where(facts.c.name == _FACT))
    if known is None:
        return None
    return Pulse(_read(known["at"]), _read(known["stale_since"]))


def note_pulse(connection: Connection, now: datetime, *, stale: bool, by_beat: bool = True) -> None:
    """Note a tick; it costs a read, and a write each ten seconds or when ``stale`` changes.

    One that somebody's deed rang for says nothing of beat. A clock that was set back is believed
    at once.
    """
    known = read_pulse(connection)
    at, since = (known.at, known.stale_since) if known else (None, None)
    lately = at is not None and timedelta(0) <= now - at < NOTED_EVERY
    if known is None or (by_beat and not lately) or stale is not (since is not None):
        at = now if by_beat else at
        since = (since or now) if stale else None
        note(connection, _FACT, {"at": _written(at), "stale_since": _written(since)})


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
