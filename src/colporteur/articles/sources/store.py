"""Sources as rows: kept in step with the publication, leased by one worker at a time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from colporteur.articles.cleaning import clean_text
from colporteur.articles.sources.polling import Course, SourceState, needs_alert
from colporteur.db.tables.articles import articles, refusals
from colporteur.db.tables.publication import facts
from colporteur.db.tables.sources import sources
from colporteur.publication.identities import Ids
from colporteur.publication.model import Source
from colporteur.publication.revisions import Revision

LEASE = timedelta(minutes=10)
RING_AGAIN_AFTER = timedelta(seconds=10)
AT_ONCE = 2  # polls at one time, so that slow sites hold up no mail
TRIES = 6  # of what fails in passing, with waits as between polls: about two and a half hours
OPEN_FOR = timedelta(days=1)
_SYNCED = "sources_revision"


@dataclass(frozen=True)
class Standing:
    """How an entry stands refused: since when, and after how many tries (0: none will help)."""

    at: datetime
    tries: int


@dataclass(frozen=True)
class Polled:
    """A source as its row says it; ``refused`` counts its entries that stand refused."""

    id: int
    channel_id: int
    url: str
    address: str
    state: str
    etag: str | None
    http_date: str | None
    body_hash: str | None
    next_at: datetime
    leased_until: datetime | None
    tried_at: datetime | None
    succeeded_at: datetime | None
    first_taken_at: datetime | None
    failures: int
    failing_since: datetime | None
    problem: str
    alerted_at: datetime | None
    taken: int
    next_sitemap: int
    refused: int

    @property
    def course(self) -> Course:
        """How polling it goes."""
        kept = {name: getattr(self, name) for name in Course.__dataclass_fields__}
        return Course(**kept | {"state": SourceState(self.state)})

    @property
    def origin(self) -> str:
        """Who refusals say brought an entry."""
        return f"source {self.url}"


def sync(connection: Connection, revision: Revision, names: Ids, now: datetime) -> None:
    """Have a row for each source of the publication in force; one query when it has not changed.

    A new address is a new source. One that left and came back begins anew.
    """
    known = facts.c.name == _SYNCED
    synced = connection.scalar(select(facts.c.value).where(known))
    if synced == revision.number:
        return
    wanted = {
        (names.channels[channel.slug], url_key(source.url)): source
        for channel in revision.publication.channels
        if channel.state != "archived"
        for source in channel.sources
    }
    rows = {(row.channel_id, row.url_key): row for row in connection.execute(select(sources))}
    for place, row in rows.items():
        if place not in wanted and row.state != SourceState.REMOVED:
            _change(connection, row.id, {"state": SourceState.REMOVED, "leased_until": None})
        elif place in wanted:
            _keep(connection, row, wanted[place], now)
    new = [_new(place, source, now) for place, source in wanted.items() if place not in rows]
    if new:
        connection.execute(insert(sources), new)
    if synced is None:
        connection.execute(insert(facts).values(name=_SYNCED, value=revision.number))
    else:
        connection.execute(update(facts).where(known).values(value=revision.number))


def ring_due(connection: Connection, now: datetime) -> list[int]:
    """The sources to poll now, first who was asked the longest ago; noted as rung for."""
    free = or_(sources.c.leased_until.is_(None), sources.c.leased_until < now)
    due = (sources.c.state == SourceState.ACTIVE, sources.c.next_at <= now)
    again = now - RING_AGAIN_AFTER
    idle = and_(free, or_(sources.c.enqueued_at.is_(None), sources.c.enqueued_at <= again))
    turn = func.coalesce(sources.c.tried_at, sources.c.next_at, type_=sources.c.next_at.type)
    waiting = select(sources.c.id).where(*due, idle).order_by(turn, sources.c.id).limit(AT_ONCE)
    found = list(connection.scalars(waiting))
    if not found:
        return []
    busy = connection.scalar(select(func.count()).where(*due, not_(idle))) or 0
    found = found[: max(0, AT_ONCE - busy)]
    if found:
        connection.execute(update(sources).where(sources.c.id.in_(found)).values(enqueued_at=now))
    return found


def ask_now(connection: Connection, source_id: int, now: datetime) -> str | None:
    """Have a source asked at the next tick, also one that is gone; its address, None without one."""
    mine = (sources.c.id == source_id, sources.c.state != SourceState.REMOVED)
    due = {"next_at": now, "enqueued_at": None, "state": SourceState.ACTIVE}
    asked = update(sources).where(*mine).values(due).returning(sources.c.url)
    url: str | None = connection.scalar(asked)
    return url


def lease(
    connection: Connection, source_id: int, now: datetime, *, forced: bool = False
) -> Polled | None:
    """Take a due source; None if another has it, or it is not due.

    ``forced`` takes it early, and also one that is gone.
    """
    free = or_(sources.c.leased_until.is_(None), sources.c.leased_until < now)
    states = [SourceState.ACTIVE, *([SourceState.GONE] if forced else [])]
    due = sources.c.state.in_(states)
    when = () if forced else (sources.c.next_at <= now,)
    won = connection.execute(
        update(sources)
        .where(sources.c.id == source_id, free, due, *when)
        .values(leased_until=now + LEASE, tried_at=now)
    )
    if won.rowcount == 0:
        return None
    return next(one for one in listing(connection) if one.id == source_id)


def hold(connection: Connection, source: Polled) -> bool:
    """Whether the lease is still ours."""
    return connection.scalar(select(sources.c.id).where(*_ours(source))) is not None


def settle(connection: Connection, source: Polled, course: Course, more: Mapping[str, Any]) -> None:
    """End a lease with what came of it; nothing is written if it was lost."""
    values = {name: getattr(course, name) for name in Course.__dataclass_fields__}
    values |= {"problem": _one_line(course.problem)}
    values |= {"leased_until": None, "enqueued_at": None, **more}
    connection.execute(update(sources).where(*_ours(source)).values(values))


def give_back(connection: Connection, source: Polled) -> None:
    """End a lease as if it had not been."""
    values = {"leased_until": None, "enqueued_at": None, "tried_at": source.tried_at}
    connection.execute(update(sources).where(*_ours(source)).values(values))


def release_all(connection: Connection) -> None:
    """Free every lease: for the only engine of a data folder, at its start."""
    connection.execute(update(sources).values(leased_until=None, enqueued_at=None))


def listing(connection: Connection) -> list[Polled]:
    """Every source that stands in a channel's file, in order of channels."""
    own = [sources.c[name] for name in Polled.__dataclass_fields__ if name != "refused"]
    origin = func.substr("source " + sources.c.url, 1, 500)
    refused = select(func.count()).where(refusals.c.origin == origin).scalar_subquery()
    query = select(*own, refused.label("refused")).where(sources.c.state != SourceState.REMOVED)
    rows = connection.execute(query.order_by(sources.c.channel_id, sources.c.id))
    return [Polled(*tuple(row)) for row in rows]


def refused_entries(connection: Connection, source: Polled) -> dict[str, Standing]:
    """How each entry of a source stands refused, by what lists call it."""
    mine = refusals.c.origin == source.origin[:500]
    rows = connection.execute(select(refusals).where(mine))
    return {row.entry: Standing(row.at, row.tries) for row in rows}


def may_serve_yet(connection: Connection, source: Polled, now: datetime) -> bool:
    """Whether an entry of a source could not be had, and is to be asked for again."""
    open_ = (
        refusals.c.origin == source.origin[:500],
        refusals.c.tries.between(1, TRIES - 1),
        refusals.c.at > now - OPEN_FOR,  # it may have left the sitemap
    )
    return connection.scalar(select(refusals.c.id).where(*open_).limit(1)) is not None


def known_pages(connection: Connection, urls: list[str]) -> set[str]:
    """Those of these addresses that are an article's."""
    found: set[str] = set()
    for start in range(0, len(urls), 500):
        some = {url_key(url): url for url in urls[start : start + 500]}
        rows = connection.scalars(select(articles.c.url_key).where(articles.c.url_key.in_(some)))
        found.update(some[key] for key in rows if key is not None)
    return found


def to_alert(connection: Connection, now: datetime) -> list[Polled]:
    """The sources that are gone, or failed after a day of it, and nobody was told; noted as told.

    One that is being asked comes after its answer.
    """
    quiet = or_(sources.c.alerted_at.is_(None), sources.c.alerted_at < sources.c.failing_since)
    free = or_(sources.c.leased_until.is_(None), sources.c.leased_until < now)
    ill = sources.c.failing_since.is_not(None)
    maybe = set(connection.scalars(select(sources.c.id).where(ill, quiet, free)))
    if not maybe:
        return []
    listed = [one for one in listing(connection) if one.id in maybe]
    found = [one for one in listed if needs_alert(one.course, one.tried_at)]
    told = update(sources).where(sources.c.id.in_([one.id for one in found]))
    connection.execute(told.values(alerted_at=now))
    return found


def url_key(url: str) -> str:
    """What indexes hold of an address."""
    return hashlib.sha256(url.encode()).hexdigest()


def _new(place: tuple[int, str], source: Source, now: datetime) -> dict[str, Any]:
    fresh = {"failures": 0, "problem": "", "taken": 0}
    return {
        "channel_id": place[0],
        "url": source.url,
        "url_key": place[1],
        "address": source.url,
        "state": SourceState.ACTIVE,
        "next_at": now,
        **fresh,
    }


def _keep(connection: Connection, row: Any, source: Source, now: datetime) -> None:
    # How it is read may have changed with the publication: its next answer is read whole.
    values: dict[str, Any] = dict.fromkeys(("etag", "http_date", "body_hash"))
    if row.state == SourceState.REMOVED:
        values |= dict.fromkeys(("first_taken_at", "failing_since"))
        values |= {"next_sitemap": 0, "failures": 0, "problem": "", "address": row.url}
        values |= {"state": SourceState.ACTIVE, "next_at": now}
    elif row.failures == 0 and row.next_at > now + source.every:
        values["next_at"] = now + source.every
    _change(connection, row.id, values)


def _one_line(text: str) -> str:
    """What any database takes of a text: sites may say anything."""
    return clean_text(text.encode(errors="backslashreplace").decode())[:2000]


def _change(connection: Connection, source_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(sources).where(sources.c.id == source_id).values(values))


def _ours(source: Polled) -> tuple[ColumnElement[bool], ...]:
    return (sources.c.id == source.id, sources.c.leased_until == source.leased_until)
