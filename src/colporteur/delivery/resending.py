"""Sends an edition to a reader once more: the same delivery, under the same Message-ID.

What failed is owed again, unless a later mail has brought its articles meanwhile (docs/rules.md,
2). All in the caller's transaction.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, or_, select, update

from colporteur.audience.addresses import hash_of
from colporteur.audience.history import note
from colporteur.db.bulk import among
from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.delivery.leaving import LETTING_GO
from colporteur.delivery.outcomes import Status
from colporteur.editions.brakes import Brake
from colporteur.editions.progress import recount_all
from colporteur.editions.skips import NOT_BROUGHT, SkipReason
from colporteur.editions.store import Edition, change, load_in_turn
from colporteur.exceptions import ResendRefused

RESENT = "resent"
"""What a reader's history calls it."""
_ENDED = (Status.SENT, Status.FAILED, Status.SKIPPED)
_EMPTIED = (SkipReason.IN_SPECIAL, SkipReason.WITHDRAWN)
_AT_ONCE = 500


class Why(enum.StrEnum):
    """Why an edition is not sent to a reader again."""

    NOT_THEIRS = "not theirs"
    UNDERWAY = "underway"
    STOPPED = "stopped"
    NOT_READING = "not reading"
    REHEARSAL = "rehearsal"
    EMPTIED = "emptied"
    WITHDRAWN = "withdrawn"
    BROUGHT_SINCE = "brought since"


_SAID: dict[Why, tuple[str, str]] = {
    Why.NOT_THEIRS: (
        "This edition was not for this reader, or it is too long ago to be known.",
        "`colporteur editions explain` says what they got.",
    ),
    Why.UNDERWAY: ("It is on its way to this reader.", "Wait for what comes of it."),
    Why.STOPPED: (
        "Nothing of this edition leaves: it is not being sent, and was not.",
        "Release or resume it first.",
    ),
    Why.NOT_READING: (
        "This reader gets nothing now: they left, paused, or are on the do-not-mail list.",
        "They subscribe again, or end their pause, first.",
    ),
    Why.REHEARSAL: ("In a rehearsal only the staff get mail.", "Go live first."),
    Why.EMPTIED: (
        "Nothing of it was left for this reader: a special edition had it, or it was withdrawn.",
        "There is nothing to send.",
    ),
    Why.WITHDRAWN: (
        "An article in it was withdrawn since, and never goes out again.",
        "There is nothing to do.",
    ),
    Why.BROUGHT_SINCE: (
        "A later mail has brought this reader an article of it.",
        "They have it: nobody gets an article twice.",
    ),
}


@dataclass(frozen=True)
class Resent:
    """How many get an edition again, and of the others how many do not, by reason."""

    again: int
    kept: Counter[Why]


def resend(
    connection: Connection,
    edition: Edition,
    subscriber_id: int,
    brake: Brake,
    *,
    by: str,
    now: datetime,
) -> None:
    """Have an edition leave for one reader again, now.

    Raises:
        ResendRefused: it cannot; the message says why.
    """
    edition = _alone_with(connection, edition)
    theirs = deliveries.c.subscriber_id == subscriber_id
    found = next(_judged(connection, edition, brake, theirs), None)
    why = Why.NOT_THEIRS if found is None else found[1]
    if found is None or why is not None:
        assert why is not None
        message, cure = _SAID[why]
        raise ResendRefused(message, cure=cure, why=why)
    _requeue(connection, edition, [found[0]], by=by, now=now)
    said = f"sent again to reader {subscriber_id}"
    change(connection, edition, {"reason": edition.reason}, by=by, why=said, now=now)


def resend_failed(
    connection: Connection, edition: Edition, brake: Brake, *, by: str, now: datetime
) -> Resent:
    """Have an edition leave again for all whom it did not reach, where that may be."""
    edition = _alone_with(connection, edition)
    found = list(_judged(connection, edition, brake, deliveries.c.status == Status.FAILED))
    again = [row for row, why in found if why is None]
    kept = Counter(why for _, why in found if why is not None)
    for first in range(0, len(again), _AT_ONCE):
        _requeue(connection, edition, again[first : first + _AT_ONCE], by=by, now=now)
    if again:
        said = f"sent again to {len(again)} whom it had not reached"
        change(connection, edition, {"reason": edition.reason}, by=by, why=said, now=now)
    return Resent(len(again), kept)


def _alone_with(connection: Connection, edition: Edition) -> Edition:
    """The edition as it is now; nobody changes it, or freezes any, until commit."""
    last_number(connection)
    return load_in_turn(connection, edition.id)


def _judged(
    connection: Connection, edition: Edition, brake: Brake, which: ColumnElement[bool]
) -> Iterator[tuple[Row[Any], Why | None]]:
    """The deliveries in question, each with why it stays as it is."""
    rows = _rows(connection, edition.id, which)
    for first in range(0, len(rows), _AT_ONCE):
        yield from _judge(connection, edition, brake, rows[first : first + _AT_ONCE])


def _rows(connection: Connection, edition_id: int, which: ColumnElement[bool]) -> list[Row[Any]]:
    query = (
        select(
            deliveries.c.id,
            deliveries.c.status,
            deliveries.c.reason,
            deliveries.c.batch_id,
            deliveries.c.subscriber_id,
            subscribers.c.address_key,
            subscribers.c.state.label("reader"),
            subscriptions.c.state.label("chosen"),
            variants.c.articles,
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(deliveries.c.edition_id == edition_id, which)
        .order_by(deliveries.c.id)
    )
    return list(connection.execute(query))


def _judge(
    connection: Connection, edition: Edition, brake: Brake, rows: Sequence[Row[Any]]
) -> list[tuple[Row[Any], Why | None]]:
    barred = _barred(connection, [one.address_key for one in rows if one.address_key])
    gone = _withdrawn(connection, {article for one in rows for article in one.articles})
    since = _brought_since(connection, edition.id, [one for one in rows if one.status != "sent"])

    def judge(one: Row[Any]) -> Why | None:
        reads = one.reader == "active" and one.chosen == "active" and one.address_key is not None
        reasons = {
            Why.UNDERWAY: one.status not in _ENDED,
            Why.STOPPED: edition.state not in LETTING_GO,
            Why.NOT_READING: not reads or one.address_key in barred,
            Why.REHEARSAL: reads and not brake.reaches(one.address_key),
            Why.EMPTIED: one.status == Status.SKIPPED and one.reason in _EMPTIED,
            Why.WITHDRAWN: not gone.isdisjoint(one.articles),
            Why.BROUGHT_SINCE: one.id in since,
        }
        return next((why for why, holds in reasons.items() if holds), None)

    return [(one, judge(one)) for one in rows]


def _barred(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the addresses that are on the do-not-mail list."""
    by_hash = {hash_of(key): key for key in keys}
    found = select(suppressions.c.address_hash)
    listed = found.where(among(connection, suppressions.c.address_hash, list(by_hash)))
    return {by_hash[one] for one in connection.scalars(listed)}


def _withdrawn(connection: Connection, ids: Collection[int]) -> set[int]:
    found = select(articles.c.id).where(articles.c.state == "withdrawn")
    return set(connection.scalars(found.where(among(connection, articles.c.id, list(ids)))))


def _brought_since(connection: Connection, edition_id: int, rows: Sequence[Row[Any]]) -> set[int]:
    """The deliveries of which another mail to the same reader brings an article."""
    readers = {one.subscriber_id: one for one in rows}
    held = select(subscriptions.c.id).where(
        among(connection, subscriptions.c.subscriber_id, list(readers))
    )
    others = connection.execute(
        select(deliveries.c.subscriber_id, variants.c.articles)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(
            deliveries.c.subscription_id.in_(held),  # by its index
            deliveries.c.edition_id != edition_id,
            deliveries.c.status.not_in(NOT_BROUGHT),
        )
    )
    found: set[int] = set()
    for subscriber_id, brought in others:
        mine = readers[subscriber_id]
        if not set(mine.articles).isdisjoint(brought):
            found.add(mine.id)
    return found


def _requeue(
    connection: Connection, edition: Edition, rows: Sequence[Row[Any]], *, by: str, now: datetime
) -> None:
    """Have deliveries be owed again.

    They are deferred and not pending: no special edition moves them, which would bring again what
    they have brought already, and none of them is too late. Batches are locked before their
    deliveries, as by who gives one back.
    """
    held = among(connection, batches.c.id, sorted({one.batch_id for one in rows}))
    connection.execute(select(batches.c.id).where(held).order_by(batches.c.id).with_for_update())
    again = {"status": Status.DEFERRED, "next_attempt_at": now, "attempts": 0, "ended_at": None}
    answer = dict.fromkeys(("reason", "smtp_code", "enhanced_code", "reply", "relay_id"))
    ids = among(connection, deliveries.c.id, [one.id for one in rows])
    connection.execute(
        update(deliveries).where(ids, deliveries.c.status.in_(_ENDED)).values({**again, **answer})
    )
    done = batches.c.status == "done"
    later = or_(done, batches.c.due_at > now)
    connection.execute(
        update(batches)
        .where(held)
        .values(
            status=case((done, "pending"), else_=batches.c.status),
            due_at=case((later, now), else_=batches.c.due_at),
            enqueued_at=None,
        )
    )
    recount_all(connection, held)
    for one in rows:
        note(
            connection,
            one.subscriber_id,
            RESENT,
            by=by,
            now=now,
            more={"edition": edition.public_id},
        )
