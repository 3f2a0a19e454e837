"""Drives the real engine, sends its mail to a made-up relay, and writes down what it did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from colporteur.db import reading, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_events, editions, variants
from colporteur.delivery import ledger
from colporteur.delivery.leaving import Step, may_leave
from colporteur.delivery.outcomes import Status, decide
from colporteur.delivery.transports.reply import Reply
from colporteur.editions.skips import SkipReason
from colporteur.exceptions import ColporteurError
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import apply, require
from colporteur.simulation.doing import BY, Inside, do
from colporteur.simulation.log import (
    Ended,
    Event,
    Froze,
    Log,
    Missed,
    Refused,
    Row,
    Sent,
    Tried,
)
from colporteur.simulation.world import Fortune

_LEASE_S = 60
_LATER = Reply(451, "4.3.0 Later.")
_FROZEN = frozenset({"frozen", "held", "awaiting_approval"})
_CLOSED = (Status.FAILED, Status.SKIPPED)


class Driver:
    """One engine on one database, told by events; ``log`` has all that happened."""

    def __init__(
        self,
        engine: Engine,
        publication: Publication,
        start: datetime,
        fortune: Callable[[str, datetime, str], Fortune],
    ) -> None:
        self.log = Log(publication, start)
        self._engine = engine
        self._fortune = fortune
        self._seen = 0  # the last of the editions' events that is in the log
        self._frozen: set[int] = set()
        self._closed: dict[int, str] = {}  # deliveries that have ended, as the log says
        with writing(engine) as connection:
            apply(connection, publication, by=BY, why="simulation", now=start)
            self._revision = require(connection)
            self._names = ids(connection, self._revision.publication)

    def do(self, event: Event, now: datetime) -> None:
        """Have the engine do one thing at its ``now``, and log what came of it."""
        wanted = replace(event, at=now)
        try:
            with writing(self._engine) as connection:
                done = do(Inside(connection, self._revision, self._names), wanted)
        except ColporteurError as error:
            done = Refused(now, wanted, error.message)
        self.log.events.append(done)
        with reading(self._engine) as connection:
            self._note_editions(connection)
            self._note_closed(connection, now)

    def deliver(self, now: datetime, *, relay: bool = True) -> None:
        """Send what is due; without a ``relay`` nobody takes it."""
        with writing(self._engine) as connection:
            due = ledger.ring_due(connection, now)
        for rung in due:
            with writing(self._engine) as connection:
                held = ledger.lease(connection, rung.batch_id, now, _LEASE_S)
                if held is not None:
                    self._send_batch(connection, held, now, relay=relay)
                    self._note_closed(connection, now)

    def _send_batch(
        self, connection: Connection, held: ledger.Lease, now: datetime, *, relay: bool
    ) -> None:
        for delivery_id in ledger.due_deliveries(connection, held.batch_id, now):
            (due,) = ledger.standings(connection, [delivery_id])
            step = may_leave(due.standing, reached=True)
            if isinstance(step, SkipReason):
                ledger.skip(connection, [due.id], step, now)
            elif step is Step.STOP:
                break
            elif ledger.mark_inflight(connection, held, [due], now):
                if not relay:
                    ledger.put_back(connection, held, [due.id], perhaps_taken=False)
                    break
                if not self._send(connection, held, due, now):
                    return  # its lease runs out
        rest = None if relay else now + timedelta(seconds=30)
        ledger.give_back(connection, held, rest)

    def _send(
        self, connection: Connection, held: ledger.Lease, row: ledger.Due, now: datetime
    ) -> bool:
        """Hand one message to the relay; False if the worker dies of it."""
        assert row.subscriber_id is not None
        assert row.edition_id is not None
        reader = _reader(connection, row.subscriber_id)
        edition = connection.execute(select(editions).where(editions.c.id == row.edition_id)).one()
        fortune = self._fortune(
            _slug(self._names, edition.channel_id), edition.send_at or now, reader
        )
        if fortune.killed and row.attempts == 0:
            self.log.events.append(Tried(now, row.edition_id, reader))
            return False
        later = row.attempts < fortune.deferred
        reply = _LATER if later else Reply(fortune.fate.value, "2.0.0 That is all.")
        outcome = decide(reply, row.attempts + 1, now)
        ledger.record(connection, held, [ledger.Came(row.id, outcome, reply)], now)
        if outcome.status is Status.SENT:
            brought = select(variants.c.articles).where(variants.c.id == row.variant_id)
            keys = _keys(connection, connection.execute(brought).scalar_one())
            self.log.events.append(Sent(now, row.edition_id, reader, keys))
        elif outcome.status is Status.DEFERRED:
            self.log.events.append(Tried(now, row.edition_id, reader))
        return True

    def _note_closed(self, connection: Connection, now: datetime) -> None:
        """Log the deliveries that have failed or were skipped since the last look."""
        closed = deliveries.c.status.in_(_CLOSED)
        count = select(func.count()).select_from(deliveries).where(closed)
        if connection.scalar(count) == len(self._closed):
            return
        rows = connection.execute(select(deliveries).where(closed).order_by(deliveries.c.id)).all()
        before, self._closed = self._closed, {row.id: row.status for row in rows}
        for row in rows:
            if row.id not in before:
                reader = _reader(connection, row.subscriber_id)
                reason = row.reason or ""
                self.log.events.append(Ended(now, row.edition_id, reader, row.status, reason))

    def _note_editions(self, connection: Connection) -> None:
        """Log what became of editions since the last look, in that order."""
        query = (
            select(edition_events, editions)
            .join(editions, editions.c.id == edition_events.c.edition_id)
            .where(edition_events.c.id > self._seen)
        )
        for row in connection.execute(query.order_by(edition_events.c.id)).all():
            self._seen = row.id
            slug = _slug(self._names, row.channel_id)
            frozen = row.to_state in _FROZEN and row.frozen_at is not None
            if row.edition_id not in self._frozen and (frozen or row.to_state == "skipped"):
                self._frozen.add(row.edition_id)
                self.log.events.append(
                    Froze(
                        row.at,
                        row.edition_id,
                        slug,
                        row.cadence or "",
                        row.slot,
                        row.key,
                        forced=row.forced,
                        rows=_rows(connection, row.edition_id),
                    )
                )
            elif row.to_state == "missed":
                self.log.events.append(Missed(row.at, row.edition_id, slug, row.cadence, row.slot))


def _reader(connection: Connection, subscriber_id: int) -> str:
    address = select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
    return str(connection.scalar(address))


def _rows(connection: Connection, edition_id: int) -> Mapping[str, Row]:
    found = connection.execute(
        select(subscribers.c.address, variants.c.articles, deliveries.c.due_at)
        .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(deliveries.c.edition_id == edition_id)
    ).all()
    return {row.address: Row(_keys(connection, row.articles), row.due_at) for row in found}


def _keys(connection: Connection, article_ids: Sequence[int]) -> tuple[str, ...]:
    rows = connection.execute(
        select(articles.c.id, articles.c.external_id).where(articles.c.id.in_(article_ids))
    )
    keys = {row.id: row.external_id for row in rows}
    return tuple(keys[one] for one in article_ids)


def _slug(names: Ids, channel_id: int) -> str:
    return next(slug for slug, number in names.channels.items() if number == channel_id)
