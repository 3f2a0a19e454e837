"""Tells the real engine what people do, lets it tick and send, and writes down what it did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from colporteur.articles import withdrawing
from colporteur.articles.intake import take_in
from colporteur.articles.publishing import last_number_at, publish_due
from colporteur.articles.submission import Submission
from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import Choice, subscribe, unsubscribe
from colporteur.db import reading, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_events, editions, variants
from colporteur.delivery import ledger
from colporteur.delivery.outcomes import SkipReason, Status, decide
from colporteur.delivery.transports.reply import Reply
from colporteur.editions import scheduling
from colporteur.editions.calendar import previous_slot
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, apply, require
from colporteur.simulation.log import (
    Changed,
    Chose,
    Ended,
    Event,
    Forced,
    Froze,
    Handed,
    Left,
    Log,
    Missed,
    Restored,
    Row,
    Sent,
    Ticked,
    Withdrawn,
)
from colporteur.simulation.world import Fortune

_BY = "simulation"
_LEASE_S = 60
_LATER = Reply(451, "4.3.0 Later.")


@dataclass(frozen=True)
class _Inside:
    """A transaction on the publication in force."""

    connection: Connection
    revision: Revision
    names: Ids

    @property
    def publication(self) -> Publication:
        return self.revision.publication


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
        self._doing: dict[type, Callable[[_Inside, Any], None]] = {
            Handed: _hand_in,
            Changed: _change,
            Withdrawn: _withdraw,
            Restored: _restore,
            Chose: _choose,
            Left: _leave,
            Forced: _force,
            Ticked: _tick,
        }
        with writing(engine) as connection:
            apply(connection, publication, by=_BY, why="simulation", now=start)
            self._revision = require(connection)
            self._names = ids(connection, self._revision.publication)

    def do(self, event: Event, now: datetime) -> None:
        """Have the engine do one thing at its ``now``, and log what came of it."""
        done = replace(event, at=now)
        self.log.events.append(done)
        with writing(self._engine) as connection:
            self._doing[type(event)](_Inside(connection, self._revision, self._names), done)
            self._note_editions(connection)

    def deliver(self, now: datetime, *, relay: bool = True) -> None:
        """Send what is due; without a ``relay`` nobody takes it."""
        with writing(self._engine) as connection:
            due = ledger.ring_due(connection, now)
        for batch_id in due:
            with writing(self._engine) as connection:
                held = ledger.lease(connection, batch_id, now, _LEASE_S)
                if held is not None:
                    self._send_batch(connection, held, now, relay=relay)

    def _send_batch(
        self, connection: Connection, held: ledger.Lease, now: datetime, *, relay: bool
    ) -> None:
        for row in ledger.due_deliveries(connection, held.batch_id, now):
            if not relay:
                if ledger.mark_inflight(connection, held, row.id, now):
                    ledger.put_back(connection, held, row.id, perhaps_taken=False)
                break
            if self._send(connection, held, row, now) == "killed":
                return  # its lease runs out
        rest = None if relay else now + timedelta(seconds=30)
        ledger.give_back(connection, held, rest)

    def _send(self, connection: Connection, held: ledger.Lease, row: Any, now: datetime) -> str:
        reader, channel, slot = _whom(connection, row, self._names)
        if not _is_wanted(connection, row):
            ledger.skip(connection, row.id, SkipReason.UNSUBSCRIBED, now)
        elif ledger.mark_inflight(connection, held, row.id, now):
            fortune = self._fortune(channel, slot, reader)
            if fortune.killed and row.attempts == 0:
                return "killed"
            later = row.attempts < fortune.deferred
            reply = _LATER if later else Reply(fortune.fate.value, "2.0.0 That is all.")
            outcome = decide(reply, row.attempts + 1, now)
            ledger.record(connection, held, row.id, outcome, reply, now)
        return self._note_outcome(connection, row, reader, now)

    def _note_outcome(self, connection: Connection, row: Any, reader: str, now: datetime) -> str:
        """Log how a delivery stands, with the articles of its variant of that moment."""
        found = connection.execute(
            select(deliveries.c.status, deliveries.c.reason, variants.c.articles)
            .join(variants, variants.c.id == deliveries.c.variant_id)
            .where(deliveries.c.id == row.id)
        ).one()
        if found.status == Status.SENT:
            brought = _keys(connection, found.articles)
            self.log.events.append(Sent(now, row.edition_id, reader, brought))
        elif found.status in {Status.FAILED, Status.SKIPPED}:
            ended = Ended(now, row.edition_id, reader, found.status, found.reason or "")
            self.log.events.append(ended)
        return str(found.status)

    def _note_editions(self, connection: Connection) -> None:
        """Log what became of editions since the last look, in that order."""
        query = (
            select(edition_events, editions)
            .join(editions, editions.c.id == edition_events.c.edition_id)
            .where(edition_events.c.id > self._seen)
        )
        for row in connection.execute(query.order_by(edition_events.c.id)).all():
            self._seen = row.id
            named = (row.edition_id, _slug(self._names, row.channel_id), row.cadence, row.slot)
            if row.to_state in {"frozen", "skipped"}:
                rows = _rows(connection, row.edition_id)
                self.log.events.append(Froze(row.at, *named, forced=row.forced, rows=rows))
            elif row.to_state == "missed":
                self.log.events.append(Missed(row.at, *named))


def _hand_in(inside: _Inside, event: Handed) -> None:
    submission = Submission(
        f"Article {event.article}",
        teaser=f"What {event.article} says.",
        language=event.language,
        external_id=event.article,
        dated_at=event.dated_at,
        publish_at=event.publish_at,
        topics=tuple(sorted(event.topics)),
        channels=event.channels,
    )
    take_in(
        inside.connection,
        submission,
        inside.publication,
        inside.names,
        event.at,
        in_digests=event.in_digests,
    )


def _change(inside: _Inside, event: Changed) -> None:
    submission = Submission(
        "",
        external_id=event.article,
        topics=None if event.topics is None else tuple(sorted(event.topics)),
        channels=event.joins,
        part=True,
    )
    take_in(
        inside.connection,
        submission,
        inside.publication,
        inside.names,
        event.at,
        significant=event.significant,
    )


def _withdraw(inside: _Inside, event: Withdrawn) -> None:
    slug = select(articles.c.slug).where(articles.c.external_id == event.article)
    withdrawing.withdraw(inside.connection, str(inside.connection.scalar(slug)), event.at)


def _restore(inside: _Inside, event: Restored) -> None:
    found = select(articles.c.id).where(articles.c.external_id == event.article)
    withdrawing.restore(inside.connection, inside.connection.execute(found).scalar_one(), event.at)


def _choose(inside: _Inside, event: Chose) -> None:
    channel = inside.publication.channel(event.channel)
    assert channel.digest is not None
    cadence = channel.cadence(event.cadence)
    zone = inside.publication.zone_of(cadence)
    since = previous_slot(cadence, zone, event.at, channel.digest.skip)
    subscribe(
        inside.connection,
        parse_address(event.reader),
        Choice(
            inside.names.channels[event.channel],
            event.cadence,
            tuple(inside.names.topics[one] for one in event.topics_in),
            tuple(inside.names.topics[one] for one in event.topics_out),
            event.layout,
        ),
        language=channel.language,
        start_number=last_number_at(inside.connection, since),
        by=_BY,
        now=event.at,
    )


def _leave(inside: _Inside, event: Left) -> None:
    found = _subscription(inside, event.reader, event.channel)
    unsubscribe(inside.connection, found, by=_BY, now=event.at)


def _force(inside: _Inside, event: Forced) -> None:
    scheduling.send_now(
        inside.connection,
        inside.revision,
        inside.names,
        inside.publication.channel(event.channel),
        event.cadence,
        by=_BY,
        now=event.at,
    )


def _tick(inside: _Inside, event: Ticked) -> None:
    publish_due(inside.connection, event.at)
    scheduling.advance(inside.connection, inside.revision, inside.names, event.at)
    scheduling.finish(inside.connection, event.at)


def _subscription(inside: _Inside, reader: str, channel: str) -> int:
    query = (
        select(subscriptions.c.id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscribers.c.address == reader,
            subscriptions.c.channel_id == inside.names.channels[channel],
        )
    )
    return int(inside.connection.execute(query).scalar_one())


def _whom(connection: Connection, row: Any, names: Ids) -> tuple[str, str, datetime]:
    address = select(subscribers.c.address).where(subscribers.c.id == row.subscriber_id)
    edition = connection.execute(select(editions).where(editions.c.id == row.edition_id)).one()
    return str(connection.scalar(address)), _slug(names, edition.channel_id), edition.slot


def _is_wanted(connection: Connection, row: Any) -> bool:
    """Whether its reader is still one: what a sender asks of each message."""
    state = select(subscriptions.c.state).where(subscriptions.c.id == row.subscription_id)
    return connection.scalar(state) == "active"


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


def count_deliveries(engine: Engine) -> int:
    """How many deliveries there are."""
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(deliveries)) or 0)
