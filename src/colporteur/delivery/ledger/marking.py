"""Intent before bytes: what is true of a group of deliveries, and which of them may leave now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from colporteur.audience.addresses import hash_of, parse_address
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.editions import editions, variants
from colporteur.db.types import Instant
from colporteur.delivery.leaving import LETTING_GO, Standing
from colporteur.delivery.ledger.conditions import DIALECTS, WAITING, among, as_before, still
from colporteur.delivery.ledger.leasing import Lease, ours
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.editions.brakes import live_now, suspended_now
from colporteur.editions.skips import SkipReason
from colporteur.exceptions import AddressRefused


@dataclass(frozen=True)
class Due:
    """A delivery that is to leave now: whose it is and what it brings.

    ``subscriber_id`` is None of a letter to somebody who is no reader; ``address`` is None once
    erased; ``rendered_at`` is its variant's, ``attempts`` were made
    before this one.
    """

    id: int
    edition_id: int | None
    letter_id: int | None
    variant_id: int | None
    subscriber_id: int | None
    subscription_id: int | None
    rendered_at: datetime | None
    attempts: int
    address: str | None
    address_key: str
    standing: Standing


def _read_standings(dialect: str) -> Select[Any]:
    reader = func.coalesce(deliveries.c.subscriber_id, letters.c.subscriber_id)
    return (
        select(
            deliveries.c.id,
            deliveries.c.status,
            deliveries.c.edition_id,
            deliveries.c.letter_id,
            letters.c.message,
            deliveries.c.variant_id,
            reader.label("subscriber_id"),
            deliveries.c.subscription_id,
            deliveries.c.attempts,
            variants.c.rendered_at,
            func.coalesce(letters.c.address, subscribers.c.address).label("address"),
            subscribers.c.address_key,
            subscribers.c.state.label("reader"),
            subscriptions.c.state.label("chosen"),
            editions.c.state.label("edition"),
            suspended_now().label("suspended"),
            live_now().label("live"),
        )
        .select_from(deliveries)
        .outerjoin(letters, letters.c.id == deliveries.c.letter_id)
        .outerjoin(subscribers, subscribers.c.id == reader)
        .outerjoin(editions, editions.c.id == deliveries.c.edition_id)
        .outerjoin(variants, variants.c.id == deliveries.c.variant_id)
        .outerjoin(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(among(deliveries.c.id, "ids", dialect))
        .order_by(deliveries.c.id)
    )


def _mark(dialect: str) -> ReturningUpdate[Any]:
    let_go = exists().where(
        editions.c.id == deliveries.c.edition_id, editions.c.state.in_(LETTING_GO)
    )
    held = exists().where(
        batches.c.id == bindparam("batch"), batches.c.lease_token == bindparam("held")
    )
    wanted = and_(
        exists().where(
            subscribers.c.id == deliveries.c.subscriber_id, subscribers.c.state == "active"
        ),
        exists().where(
            subscriptions.c.id == deliveries.c.subscription_id, subscriptions.c.state == "active"
        ),
    )
    return (
        update(deliveries)
        .where(among(deliveries.c.id, "ids", dialect), still(WAITING), held, ~suspended_now())
        .where(or_(deliveries.c.edition_id.is_(None), and_(let_go, wanted)))
        .values(
            status=Status.INFLIGHT,
            inflight_at=bindparam("now", type_=Instant()),
            lease_token=bindparam("held"),
            attempts=deliveries.c.attempts + 1,
        )
        .returning(deliveries.c.id, deliveries.c.variant_id)
    )


# Built once: building them for each group would take longer than running them.
_STANDINGS = {one: _read_standings(one) for one in DIALECTS}
_SUPPRESSED = {
    one: select(suppressions.c.address_hash, suppressions.c.reason).where(
        among(suppressions.c.address_hash, "hashes", one)
    )
    for one in DIALECTS
}
_MARK = {one: _mark(one) for one in DIALECTS}


def standings(connection: Connection, delivery_ids: Collection[int]) -> list[Due]:
    """What is true of deliveries at this moment, in their order; those that ended are left out."""
    statement = _STANDINGS[connection.dialect.name]
    found = connection.execute(statement, {"ids": list(delivery_ids)}).all()
    rows = [row for row in found if row.status in WAITING]
    keys = {row.id: row.address_key or _key(row.address) for row in rows}
    suppressed = _suppressed(connection, keys.values())
    return [
        Due(
            id=row.id,
            edition_id=row.edition_id,
            letter_id=row.letter_id,
            variant_id=row.variant_id,
            subscriber_id=row.subscriber_id,
            subscription_id=row.subscription_id,
            rendered_at=row.rendered_at,
            attempts=row.attempts,
            address=row.address,
            address_key=keys[row.id],
            standing=Standing(
                suspended=row.suspended,
                live=row.live,
                suppressed=suppressed.get(keys[row.id]),
                letter=row.message,
                edition=row.edition,
                address=row.address,
                reader=row.reader,
                chosen=row.chosen,
            ),
        )
        for row in rows
    ]


def _key(address: str | None) -> str:
    """Of a letter to somebody who is no subscriber."""
    try:
        return parse_address(address or "").key
    except AddressRefused:
        return (address or "").casefold()


def _suppressed(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Those of the address keys that are on the do-not-mail list, and why."""
    by_hash = {hash_of(key): key for key in keys}
    statement = _SUPPRESSED[connection.dialect.name]
    found = connection.execute(statement, {"hashes": list(by_hash)})
    return {by_hash[row.address_hash]: row.reason for row in found}


def mark_inflight(
    connection: Connection, held: Lease, going: Sequence[Due], now: datetime
) -> set[int]:
    """Note the intent to send, each as the very variant that will be sent; the ids of the marked.

    One is left out that may not leave after all: the lease is not ours any more, the delivery was
    moved to another variant or closed, its reader left, its edition was stopped, or all sending
    is suspended.
    """
    if not going:
        return set()
    seen = {one.id: one.variant_id for one in going}
    said = {"ids": list(seen), "batch": held.batch_id, "held": held.token, "now": now}
    rows = connection.execute(_MARK[connection.dialect.name], said).all()
    moved = [row.id for row in rows if row.variant_id != seen[row.id]]
    if moved:
        put_back(connection, held, moved, perhaps_taken=False)
    return {row.id for row in rows} - {*moved}


def skip(
    connection: Connection, delivery_ids: Collection[int], reason: SkipReason, now: datetime
) -> None:
    """Close deliveries that must not be sent any more."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(delivery_ids), deliveries.c.status.in_(WAITING))
        .values(status=Status.SKIPPED, reason=reason, ended_at=now)
    )


def put_back(
    connection: Connection, held: Lease, delivery_ids: Collection[int], *, perhaps_taken: bool
) -> None:
    """Nobody answered: the deliveries are owed still; ``perhaps_taken`` is counted."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(delivery_ids), deliveries.c.lease_token == held.token)
        .where(deliveries.c.status == Status.INFLIGHT)
        .values(
            status=as_before(),
            attempts=deliveries.c.attempts - 1,
            possible_duplicates=deliveries.c.possible_duplicates + int(perhaps_taken),
        )
    )


def lose(
    connection: Connection, held: Lease, delivery_id: int, outcome: Outcome, *, perhaps_taken: bool
) -> None:
    """The connection was lost at a message: it is tried again, or given up; never at once."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.lease_token == held.token)
        .where(deliveries.c.status == Status.INFLIGHT)
        .values(
            status=outcome.status,
            next_attempt_at=outcome.next_attempt_at,
            possible_duplicates=deliveries.c.possible_duplicates + int(perhaps_taken),
            smtp_code=None,
            enhanced_code=None,
            reply="The connection was lost.",
        )
    )


def put_off(
    connection: Connection, held: Lease, delivery_ids: Collection[int], until: datetime
) -> None:
    """Something unforeseen happened to deliveries that did not leave: they are tried later."""
    inflight = and_(deliveries.c.status == Status.INFLIGHT, deliveries.c.lease_token == held.token)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(delivery_ids), exists().where(*ours(held)))
        .where(or_(deliveries.c.status.in_(WAITING), inflight))
        .values(
            status=Status.DEFERRED,
            next_attempt_at=until,
            attempts=deliveries.c.attempts - case((inflight, 1), else_=0),
        )
    )
