"""Looks an edition over before it leaves; what is wrong keeps it back, and editors are told.

Links are asked outside any transaction. What was found is kept once, whoever looked too.
"""

import hashlib
import json
import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, exists, select, update
from sqlalchemy.exc import DBAPIError

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.editions import edition_events, editions
from colporteur.delivery.alerts import tell_of_edition
from colporteur.delivery.braking import pause
from colporteur.digests.preflight import WARNING, Finding, errors, judge
from colporteur.digests.preflight.gathering import chosen, gather, overrides_broken, render_one
from colporteur.digests.preflight.links import to_ask
from colporteur.digests.preflight.reaching import Asking, reach
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load
from colporteur.exceptions import ServiceUnavailable
from colporteur.publication import Publication
from colporteur.publication.revisions import frozen_channel, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates

BY = "preflight"
PATIENCE = timedelta(seconds=60)
"""How long past its time a frozen edition waits for its preflight."""
AT_ONCE = 2
"""Editions looked over at the same time, by all workers together: links may be slow."""
_RING_AGAIN_AFTER = timedelta(seconds=45)  # longer than links may take
_WAITING = (State.AWAITING_APPROVAL, State.FROZEN, State.HELD)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Looked:
    """An edition as it was when it was looked at, and what was found."""

    edition: Edition
    findings: Sequence[Finding]


def release_all(connection: Connection) -> None:
    """Have what a dead engine was looking over looked over at once: for the only one, at its start."""
    unchecked = update(editions).where(editions.c.checked_at.is_(None))
    connection.execute(unchecked.values(check_rung_at=None))


def ring_due(connection: Connection, now: datetime) -> list[int]:
    """The frozen editions to look over now, noted as rung for; some at a time."""
    lately = now - _RING_AGAIN_AFTER
    waiting = (
        select(editions.c.id, editions.c.check_rung_at)
        .where(
            editions.c.state.in_(_WAITING),
            editions.c.frozen_at.is_not(None),
            editions.c.checked_at.is_(None),
        )
        .order_by(editions.c.send_at, editions.c.id)
    )
    rows = connection.execute(waiting).all()
    idle = [row.id for row in rows if row.check_rung_at is None or row.check_rung_at < lately]
    due = idle[: max(0, AT_ONCE - (len(rows) - len(idle)))]
    if due:
        rung = update(editions).where(editions.c.id.in_(due))
        connection.execute(rung.values(check_rung_at=now))
    return due


def check_edition(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    edition_id: int,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> bool:
    """Look a frozen edition over, unless that was done; whether this was it.

    An error pauses it. A preflight that fails itself says so, and stops nothing.
    """
    with reading(engine) as connection:
        edition = load(connection, edition_id)
    if edition.frozen_at is None or edition.checked_at is not None:
        return False
    try:
        found = _look(engine, settings, templates, edition, stopping)
    except (ServiceUnavailable, DBAPIError):
        raise  # no database, and nothing to note it in: the next tick rings again
    except Exception as error:  # noqa: BLE001 - a check that fails must not keep readers waiting
        said = {"edition": edition_id}
        _log.exception("The preflight of edition %s could not be done.", edition_id, extra=said)
        found = [_not_done(error)]
    if stopping():
        return False  # what was not asked says nothing: another worker looks
    with writing(engine) as connection:
        return _keep(connection, _Looked(edition, found), database_now(connection))


def stop_approved(connection: Connection, now: datetime) -> list[int]:
    """Pause what was approved although its preflight had found errors; their ids.

    What waits for an approver cannot be paused. Whatever a person resumed after that is theirs.
    """
    stopped = exists().where(
        edition_events.c.edition_id == editions.c.id,
        edition_events.c.by == BY,
        edition_events.c.at >= editions.c.checked_at,
    )
    query = select(editions.c.id, editions.c.findings).where(
        editions.c.state.in_([State.FROZEN, State.HELD]),
        editions.c.checked_at.is_not(None),
        ~stopped,
    )
    wrong = [row for row in connection.execute(query) if errors(row.findings)]
    paused = [row.id for row in wrong if pause(connection, row.id, _why(row.findings), now, by=BY)]
    for edition_id in paused:
        _alert(connection, edition_id, now)
    return paused


def _look(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    edition: Edition,
    stopping: Callable[[], bool],
) -> list[Finding]:
    with reading(engine) as connection:
        publication = require(connection).publication
        site = site_in_force(connection, settings, publication)
        wanted = chosen(connection, edition.id)
    rendered = []
    for one in wanted:
        with writing(engine) as connection:
            now = database_now(connection)
            key = settings.secret_key
            rendered.append(render_one(connection, templates, one, site, now, secret_key=key))
    real = settings.outbox is None
    with reading(engine) as connection:
        replaced = overrides_broken(connection, templates, wanted, site)
        material = gather(connection, edition, site, rendered, real_relay=real, replaced=replaced)
    asking = Asking(site, loopback=settings.fetch_loopback, stopping=stopping)
    return judge(material, reach(to_ask(material), asking))


def _keep(connection: Connection, looked: _Looked, now: datetime) -> bool:
    """Keep what was found, if nobody did before, and the edition is still as it was looked at."""
    seen = looked.edition
    connection.execute(
        select(editions.c.id).where(editions.c.id == seen.id).with_for_update()
    ).one()
    edition = load(connection, seen.id)
    same = (edition.frozen_at, edition.arrangement) == (seen.frozen_at, seen.arrangement)
    stopped = edition.state is State.PAUSED and edition.first_left_at is None
    if edition.checked_at is not None or not same or stopped:
        return False  # what was stopped meanwhile is looked at once it is resumed
    stored = [one.as_json() for one in looked.findings]
    kept = update(editions).where(editions.c.id == edition.id)
    connection.execute(kept.values(checked_at=now, findings=stored))
    if errors(stored):
        pause(connection, edition.id, _why(stored), now, by=BY)
        _alert(connection, edition.id, now)
    return True


def _why(findings: Sequence[Mapping[str, Any]]) -> str:
    wrong = errors(findings)
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return f"preflight{more}: {wrong[0]['text']}"


def _alert(connection: Connection, edition_id: int, now: datetime) -> None:
    """A letter about an edition that is paused, or waits for approval, once for its mistakes."""
    edition = load(connection, edition_id)
    if edition.state not in {State.PAUSED, State.AWAITING_APPROVAL}:
        return  # it was called off meanwhile
    waits = edition.state is State.AWAITING_APPROVAL
    assert edition.revision is not None
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    said: dict[str, Any] = {
        "command": command(publication, channel.slug, edition),
        "resume": f"colporteur editions {'approve' if waits else 'resume'} {edition.id}",
    }
    if waits:
        said["waits"] = "approval"
    wrong = sorted(one["text"] for one in errors(edition.findings))
    mistakes = hashlib.sha256(json.dumps([edition.state, wrong]).encode()).hexdigest()[:12]
    tell_of_edition(connection, edition, edition.findings, said, f"preflight:{mistakes}", now)


def command(publication: Publication, slug: str, edition: Edition) -> str:
    """The command that looks an edition over again."""
    said = f"colporteur editions preflight {slug}"
    if edition.slot is None or edition.cadence is None:
        return f"{said} --key {shlex.quote(edition.key or '')}"
    channel = publication.channel(slug)
    rules = channel.digest.cadences.get(edition.cadence) if channel.digest else None
    zone = publication.zone_of(rules) if rules else publication.timezone
    there = edition.slot.astimezone(ZoneInfo(zone))
    return f"{said} --cadence {edition.cadence} --at {there:%Y-%m-%dT%H:%M:%S}"


def _not_done(error: Exception) -> Finding:
    said = f"The preflight could not be done: {type(error).__name__}: {error}"[:500]
    return Finding(WARNING, "preflight", said, "Look at the worker's log, and at a preview.")
