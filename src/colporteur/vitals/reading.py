"""Reads an installation's figures from the database: a few queries, cheap at a million rows.

None counts deliveries: batches say how many of theirs wait, and what relays answered is counted by
the processes that heard it. Each is bounded by what is not done, or by rows that are few.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    distinct,
    func,
    or_,
    select,
)

from colporteur.articles.sources.polling import SourceState
from colporteur.audience.heard import Kind
from colporteur.config import Settings
from colporteur.db.tables.articles import refusals
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.db.tables.publication import channels
from colporteur.db.tables.sources import sources
from colporteur.db.tables.syndication import hub_subscriptions
from colporteur.db.tables.vitals import delivery_outcomes, processes
from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.delivery.classifier import Verdict
from colporteur.delivery.ledger.conditions import may_go
from colporteur.delivery.letters import PRIORITY
from colporteur.editions import brakes
from colporteur.editions.states import State
from colporteur.publication import revisions
from colporteur.syndication.documents import STALE
from colporteur.vitals.figures import (
    FailingSource,
    Held,
    Process,
    Vitals,
    Work,
)
from colporteur.vitals.lateness import age, late_editions, unfrozen_editions
from colporteur.vitals.pulse import read_pulse

SEEN_WITHIN = timedelta(minutes=1)
"""Of a process that lives; each says so every ten seconds."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read_vitals(connection: Connection, settings: Settings, now: datetime) -> Vitals:
    """An installation's figures. ``now`` is the database's clock.

    A database without a publication has them too: all is calm, and the revision is 0.
    """
    pulse = read_pulse(connection)
    brake = brakes.suspension(connection)
    held = Held(brake.by, brake.at, brake.why) if brake else None
    due = _due(connection, now, pulse.stale_since if pulse else None)
    return Vitals(
        now=now,
        revision=revisions.last_revision(connection),
        beat_seen=pulse.at if pulse else None,
        processes=_processes(connection, now),
        oldest_due_s={work: age(oldest, now) for work, (_, oldest) in due.items()},
        waiting={work: count for work, (count, _) in due.items()},
        late_editions=() if held else late_editions(connection, now),
        unfrozen_late=() if held else unfrozen_editions(connection, now),
        paused_editions=_paused(connection),
        outcomes=_outcomes(connection, now - HOUR),
        attempts_day=_attempts(connection, now - DAY),
        held=held,
        rehearsal=settings.outbox is None and brakes.live_since(connection) is None,
        refusals=int(connection.scalar(select(func.count()).select_from(refusals)) or 0),
        **_came_back(connection, now - DAY),
        **_sources(connection),
        **_told_elsewhere(connection, now),
    )


Due = tuple[int, datetime | None]
"""How many wait, and since when the oldest does."""


def _due(connection: Connection, now: datetime, stale_since: datetime | None) -> dict[Work, Due]:
    found = {
        work: _first(connection, query.where(condition)) for work, query, condition in _queries(now)
    }
    # By priority: the index of what is unfinished begins with it, and done ones are not looked at.
    letters = _waiting(batches.c.due_at).where(batches.c.priority == PRIORITY, may_go())
    mail = _waiting(batches.c.due_at).where(batches.c.priority > PRIORITY, may_go())
    stale = select(func.count()).where(STALE, channels.c.removed_at.is_(None))
    count = int(connection.scalar(stale) or 0)
    return found | {
        Work.BATCHES: _first(connection, mail, now=now),
        Work.LETTERS: _first(connection, letters, now=now),
        Work.FEEDS: (count, stale_since if count else None),
    }


def _queries(now: datetime) -> list[tuple[Work, Select[int, Any], ColumnElement[bool]]]:
    """What waits for servers elsewhere, and is held by nobody."""
    hub, source = hub_subscriptions.c, sources.c
    to_tell = select(webhooks.c.id).where(
        webhooks.c.disabled_at.is_(None),
        or_(webhooks.c.rests_until.is_(None), webhooks.c.rests_until <= now),
        _free(webhooks.c.leased_until, now),
    )
    message = webhook_messages.c
    asked = _waiting(case((hub.verify_at <= now, hub.verify_at), else_=hub.due_at))
    return [
        (
            Work.HUB,
            asked,
            and_(or_(hub.verify_at <= now, hub.due_at <= now), _free(hub.leased_until, now)),
        ),
        (
            Work.WEBHOOKS,
            _waiting(message.next_at),
            and_(message.next_at <= now, message.webhook_id.in_(to_tell)),
        ),
        (
            Work.SOURCES,
            _waiting(source.next_at),
            and_(
                source.state == SourceState.ACTIVE,
                source.next_at <= now,
                _free(source.leased_until, now),
            ),
        ),
    ]


def _waiting(since: ColumnElement[Any]) -> Select[int, Any]:
    return select(func.count(), func.min(since, type_=since.type))


def _free(leased_until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(leased_until.is_(None), leased_until < now)


def _first(connection: Connection, query: Select[int, Any], **said: Any) -> Due:
    count, oldest = connection.execute(query, said).one()
    return int(count), oldest


def _processes(connection: Connection, now: datetime) -> tuple[Process, ...]:
    columns = [processes.c[name] for name in Process.__dataclass_fields__]
    lately = select(*columns).where(processes.c.seen_at > now - SEEN_WITHIN)
    return tuple(Process(*row) for row in connection.execute(lately.order_by(processes.c.name)))


def _paused(connection: Connection) -> tuple[int, ...]:
    paused = select(editions.c.id).where(editions.c.state == State.PAUSED)
    return tuple(connection.scalars(paused.order_by(editions.c.id)))


def _outcomes(connection: Connection, since: datetime) -> dict[tuple[str, str], int]:
    table = delivery_outcomes.c
    query = select(table.domain_group, table.outcome, func.sum(table.count))
    of_late = query.where(table.starts_at > since)
    rows = connection.execute(of_late.group_by(table.domain_group, table.outcome))
    return {(group, outcome): int(count) for group, outcome, count in rows}


def _attempts(connection: Connection, since: datetime) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (_, outcome), count in _outcomes(connection, since).items():
        found[outcome] += count
    return dict(found)


def _came_back(connection: Connection, since: datetime) -> dict[str, Any]:
    hard = and_(feedback.c.kind == Kind.BOUNCE, feedback.c.verdict == Verdict.HARD)
    returned = func.coalesce(feedback.c.delivery_id, -feedback.c.id)
    query = select(
        func.count(distinct(returned)).filter(hard),
        func.count().filter(feedback.c.kind == Kind.COMPLAINT),
    )
    bounced, complained = connection.execute(query.where(feedback.c.at > since)).one()
    return {"bounced": int(bounced), "complained": int(complained)}


def _sources(connection: Connection) -> dict[str, Any]:
    ill = or_(sources.c.failing_since.is_not(None), sources.c.state == SourceState.GONE)
    names = ("id", "url", "state", "failures", "failing_since", "problem")
    rows = connection.execute(
        select(
            *(sources.c[name] for name in names), channels.c.slug.label("channel"), ill.label("ill")
        )
        .join(channels, channels.c.id == sources.c.channel_id)
        .where(sources.c.state != SourceState.REMOVED)
        .order_by(sources.c.id)
    ).all()
    failing = [
        FailingSource(**{name: getattr(row, name) for name in FailingSource.__dataclass_fields__})
        for row in rows
        if row.ill
    ]
    return {"sources_polled": len(rows), "sources_failing": tuple(failing)}


def _told_elsewhere(connection: Connection, now: datetime) -> dict[str, Any]:
    hub, hook = hub_subscriptions.c, webhooks.c
    subscribers, failing = connection.execute(
        select(func.count(), func.count().filter(hub.attempts > 0)).where(hub.expires_at > now)
    ).one()
    switched_on, off = connection.execute(
        select(
            func.count().filter(hook.disabled_at.is_(None)),
            func.count().filter(hook.disabled_at.is_not(None)),
        )
    ).one()
    return {
        "hub_subscribers": int(subscribers),
        "hub_failing": int(failing),
        "webhooks_on": int(switched_on),
        "webhooks_off": int(off),
    }


__all__ = ["Vitals", "read_vitals"]
