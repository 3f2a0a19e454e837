"""Domain groups that rest: their limits are used up, or their servers ask for patience.

A server that says 421 or 4.7.x is asked again after a minute, then after longer and longer, and
is back to normal with the first message that it takes (reference: RFC 5321 section 4.5.4.1).
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.delivery import backoffs

STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)


def back_off(connection: Connection, domain_group: str, now: datetime) -> datetime:
    """Have a group rest since its servers ask for it, longer each time; until when."""
    known, before = _known(connection, domain_group)
    if known is not None and before and known > now:
        return known  # another worker was told the same
    step = min(before + 1, len(STEPS))
    until = now + STEPS[step - 1]
    _note(connection, domain_group, until, step)
    return until


def rest(connection: Connection, domain_group: str, until: datetime) -> None:
    """Have a group rest since its limits are used up until then."""
    known, step = _known(connection, domain_group)
    if known is None or known < until:
        _note(connection, domain_group, until, step)


def served(connection: Connection, domain_group: str, now: datetime) -> None:
    """A group's server took a message after its rest: the next rest is short again."""
    over = (backoffs.c.step > 0, backoffs.c.until <= now)
    connection.execute(delete(backoffs).where(backoffs.c.domain_group == domain_group, *over))


def _known(connection: Connection, domain_group: str) -> tuple[datetime | None, int]:
    """Until when a group rests, and how often in a row it was asked to."""
    query = select(backoffs).where(backoffs.c.domain_group == domain_group)
    row = connection.execute(query).one_or_none()
    return (None, 0) if row is None else (row.until, row.step)


def _note(connection: Connection, domain_group: str, until: datetime, step: int) -> None:
    values = {"until": until, "step": step}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    noted = dialect.insert(backoffs).values(domain_group=domain_group, **values)
    key = [backoffs.c.domain_group]
    connection.execute(noted.on_conflict_do_update(index_elements=key, set_=values))
