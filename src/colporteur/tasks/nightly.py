"""Forgetting what was kept long enough: each night from three o'clock, where the publication is."""

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.publication import facts
from colporteur.delivery.pruning import prune
from colporteur.publication import revisions
from colporteur.publication.site import note
from colporteur.tasks.application import Runtime
from colporteur.vitals.keeping import forget_past

FROM_HOUR = 3
_TURN_S = 20.0  # of a minute: the other steps have theirs
_FACT = "pruned_on"


def prune_nightly(run: Runtime) -> None:
    """Forget for a while; the next minute goes on until nothing old enough is left."""
    with reading(run.engine) as connection:
        revision = revisions.current(connection)
        now = database_now(connection)
        done = connection.scalar(select(facts.c.value).where(facts.c.name == _FACT))
    if revision is None:
        return
    night = _night(now, revision.publication.timezone)
    if night is None or done == night.isoformat():
        return
    until = time.monotonic() + _TURN_S
    for _ in prune(run.engine, revision.publication, now):
        if time.monotonic() > until:
            return
    with writing(run.engine) as connection:
        forget_past(connection, now)
        note(connection, _FACT, night.isoformat())


def _night(now: datetime, timezone: str) -> date | None:
    """The date whose night it is, or was; None before its hour."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() if local.hour >= FROM_HOUR else None
