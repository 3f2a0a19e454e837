"""Keeps what is wrong from look to look, and what of it is told; any number of processes look."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from colporteur.db.tables.alerts import alert_notices, alerts
from colporteur.db.tables.publication import facts
from colporteur.publication.site import note
from colporteur.vitals.alerting.following import Course, Event, Known, missed, seen
from colporteur.vitals.problems import Kind, Problem, Severity

KEPT = timedelta(days=90)
"""After its end; then nobody asks any more."""
LOOKED_AT = "alerts_looked_at"


@dataclass(frozen=True)
class Standing:
    """Something that is wrong now, and since when; ``told_at`` is None while it may pass."""

    id: int
    problem: Problem
    began_at: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class Notice:
    """Something to tell of a problem: that it began, got worse, lasts or ended."""

    id: int
    event: Event
    problem: Problem
    began_at: datetime
    at: datetime


def look(
    connection: Connection, problems: Sequence[Problem], now: datetime, *, webhook: bool
) -> list[Notice]:
    """Keep what a look found; what is to be told now, which ``webhook`` is noted to be told.

    The caller's transaction looks ``alone``.
    """
    note(connection, LOOKED_AT, now.isoformat())
    _forget(connection, now - KEPT)
    rows = connection.execute(select(alerts).where(alerts.c.ended_at.is_(None))).all()
    standing = {row.key: row for row in rows}
    found = {one.key: one for one in problems}
    told: list[Notice] = []
    for name, one in found.items():
        row = standing.get(name)
        course = seen(_known(row) if row else None, one.severity, now)
        alert_id = _keep(connection, row, one, course)
        told += _noted(connection, alert_id, one, course, now, webhook=webhook)
    for name, row in standing.items():
        if name not in found:
            course = missed(_known(row), now)
            told += _noted(connection, row.id, _problem(row), course, now, webhook=webhook)
            _end(connection, row, course, now)
    return told


def standing(connection: Connection) -> list[Standing]:
    """What is wrong, as the last looks found it; the worst and the oldest first."""
    query = select(alerts).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.began_at)
    found = [
        Standing(row.id, _problem(row), row.began_at, row.told_at)
        for row in connection.execute(query.order_by(alerts.c.id))
    ]
    return sorted(found, key=lambda one: not one.problem.critical)


def looked_at(connection: Connection) -> datetime | None:
    """When somebody looked last whether all is well; None before anybody did."""
    known = connection.scalar(select(facts.c.value).where(facts.c.name == LOOKED_AT))
    return datetime.fromisoformat(known) if known else None


def problem_of(kept: Mapping[str, Any]) -> Problem:
    """A problem as a row keeps it."""
    words = {**kept, "kind": Kind(kept["kind"]), "severity": Severity(kept["severity"])}
    return Problem(**words)


def _problem(row: Row[Any]) -> Problem:
    return problem_of(row.problem)


def _known(row: Row[Any]) -> Known:
    told = Severity(row.told) if row.told else None
    return Known(row.began_at, row.seen_at, told, row.told_at)


def _keep(connection: Connection, row: Row[Any] | None, one: Problem, course: Course) -> int:
    known = course.known
    assert known is not None
    values = {"severity": one.severity, "problem": asdict(one), **asdict(known)}
    if row is not None:
        connection.execute(update(alerts).where(alerts.c.id == row.id).values(values))
        return int(row.id)
    new = insert(alerts).values(key=one.key, kind=one.kind, **values).returning(alerts.c.id)
    return int(connection.execute(new).scalar_one())


def _end(connection: Connection, row: Row[Any], course: Course, now: datetime) -> None:
    if course.known is not None:
        return
    mine = alerts.c.id == row.id
    if course.event is None:
        connection.execute(delete(alerts).where(mine))  # nobody heard of it
    else:
        connection.execute(update(alerts).where(mine).values(ended_at=now))


def _noted(
    connection: Connection,
    alert_id: int,
    one: Problem,
    course: Course,
    now: datetime,
    *,
    webhook: bool,
) -> list[Notice]:
    if course.event is None:
        return []
    values = {"alert_id": alert_id, "event": course.event, "at": now}
    new = insert(alert_notices).values(**values, next_at=now if webhook else None)
    notice = connection.execute(new.returning(alert_notices.c.id)).scalar_one()
    began = select(alerts.c.began_at).where(alerts.c.id == alert_id)
    return [Notice(notice, course.event, one, connection.execute(began).scalar_one(), now)]


def _forget(connection: Connection, before: datetime) -> None:
    old = select(alerts.c.id).where(alerts.c.ended_at < before)
    connection.execute(delete(alert_notices).where(alert_notices.c.alert_id.in_(old)))
    connection.execute(delete(alerts).where(alerts.c.ended_at < before))
