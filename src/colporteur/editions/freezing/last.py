"""Brings a new reader the last edition of a channel at once; it then counts as received.

It is a delivery of that edition, as frozen then: with its articles, in their versions, by the
reader's own topics, and without what they have from elsewhere. It settles what it brings
(docs/decisions/0004), so the next digest goes on where it ends; should it fail, all is open again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, insert, select, update

from colporteur.audience.history import record
from colporteur.db.tables.audience import profiles, subscribers, subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.choosing import Candidate, Chosen, Profile, Rules, in_order, pick
from colporteur.editions.freezing.candidates import channel_candidates
from colporteur.editions.freezing.readers import LIVE
from colporteur.editions.freezing.rows import REGULAR_PRIORITY
from colporteur.editions.freezing.variants import settling
from colporteur.editions.states import State
from colporteur.editions.store import REGULAR, Edition, load
from colporteur.publication import Channel, Publication
from colporteur.publication.domains import REST, group_by_domain

BY = "reader"
WELCOMED = "welcomed"


@dataclass(frozen=True)
class _Reader:
    """A subscription as this looks at it."""

    subscription_id: int
    subscriber_id: int
    channel_id: int
    cadence: str
    start_number: int
    domain: str
    profile: Profile


@dataclass(frozen=True)
class _Had:
    """Articles that live deliveries bring a reader: all, and those of other ways (rule 5)."""

    all: frozenset[int]
    elsewhere: frozenset[int]


def bring_last(
    connection: Connection,
    publication: Publication,
    channel: Channel,
    subscription_id: int,
    now: datetime,
) -> bool:
    """Have the last edition sent to an active subscription; False where there is none for them.

    None is older than ``max_age``. Call it with the lock of numbering and freezes held
    (``db.numbering.last_number``): no freeze may look at the reader meanwhile.
    """
    reader = _reader(connection, subscription_id)
    assert channel.digest is not None
    oldest = now - channel.digest.max_age
    edition = _last(connection, reader, oldest)
    if edition is None or edition.slot is None or edition.number_to is None:
        return False
    if _has(connection, edition.id, reader.subscriber_id):
        return False
    had = _had(connection, reader)
    brought = _brought(connection, edition, channel, oldest)
    theirs = [one for one in brought if one.id not in had.all]
    limits = Rules(1, channel.digest.max_items, channel.digest.max_age)
    chosen = pick(in_order(theirs, edition.arrangement), reader.profile, limits)
    if chosen is None:
        return False
    holes = [one.number for one in brought if one.id in had.elsewhere]
    variant_id = _variant(connection, edition, reader, chosen, brought, holes)
    groups = group_by_domain(publication.groups_in_force())
    _deliver(connection, edition.id, variant_id, reader, groups.get(reader.domain, REST), now)
    more = {"edition": edition.public_id}
    record(connection, subscription_id, WELCOMED, by=BY, now=now, more=more)
    return True


def _reader(connection: Connection, subscription_id: int) -> _Reader:
    row = connection.execute(
        select(subscriptions, subscribers.c.domain, profiles.c.topics_in, profiles.c.topics_out)
        .add_columns(profiles.c.layout)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(profiles, profiles.c.id == subscriptions.c.profile_id)
        .where(subscriptions.c.id == subscription_id)
    ).one()
    profile = Profile(frozenset(row.topics_in), frozenset(row.topics_out), row.layout)
    return _Reader(
        row.id,
        row.subscriber_id,
        row.channel_id,
        row.cadence,
        row.start_number,
        row.domain or "",
        profile,
    )


def _last(connection: Connection, reader: _Reader, oldest: datetime) -> Edition | None:
    """The newest regular edition that has begun to leave, of the reader's cadence if there is one."""
    other = case((editions.c.cadence == reader.cadence, 0), else_=1)
    found = connection.scalar(
        select(editions.c.id)
        .where(
            editions.c.channel_id == reader.channel_id,
            editions.c.kind == REGULAR,
            editions.c.state.in_([State.SENDING, State.SENT]),
            editions.c.slot >= oldest,
            editions.c.frozen_at.is_not(None),
        )
        .order_by(other, editions.c.slot.desc(), editions.c.id.desc())
        .limit(1)
    )
    return None if found is None else load(connection, found)


def _has(connection: Connection, edition_id: int, subscriber_id: int) -> bool:
    mine = (deliveries.c.edition_id == edition_id, deliveries.c.subscriber_id == subscriber_id)
    return connection.scalar(select(deliveries.c.id).where(*mine)) is not None


def _had(connection: Connection, reader: _Reader) -> _Had:
    theirs = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == reader.subscriber_id)
    rows = connection.execute(
        select(variants.c.articles, editions.c.channel_id, editions.c.kind)
        .join(deliveries, deliveries.c.variant_id == variants.c.id)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(deliveries.c.subscription_id.in_(theirs), LIVE)
    ).all()
    elsewhere = [
        row.articles for row in rows if row.kind != REGULAR or row.channel_id != reader.channel_id
    ]
    return _Had(
        frozenset(one for row in rows for one in row.articles),
        frozenset(one for articles in elsewhere for one in articles),
    )


def _brought(
    connection: Connection, edition: Edition, channel: Channel, oldest: datetime
) -> list[Candidate]:
    """What the edition brought that is published still, and young enough now."""
    fixed = select(edition_articles.c.article_id).where(
        edition_articles.c.edition_id == edition.id, edition_articles.c.taken_out_at.is_(None)
    )
    there = set(connection.scalars(fixed))
    assert edition.number_to is not None
    found = channel_candidates(
        connection, edition.channel_id, channel.language, oldest, edition.number_to
    )
    return [one for one in found.candidates if one.id in there]


def _variant(
    connection: Connection,
    edition: Edition,
    reader: _Reader,
    chosen: Chosen,
    brought: Sequence[Candidate],
    holes: Sequence[int],
) -> int:
    """What they get, shared with who gets the same; their start moves back to where it begins."""
    assert edition.number_to is not None
    low = min(one.number for one in brought) - 1
    start = min(reader.start_number, low)
    if start < reader.start_number:
        earlier = update(subscriptions).where(subscriptions.c.id == reader.subscription_id)
        connection.execute(earlier.values(start_number=start))
    windows, settled = settling([], [(low, edition.number_to)], holes, start)
    layout = reader.profile.layout
    parts = ["last", windows, settled, chosen.articles, chosen.more, layout]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    same = (variants.c.edition_id == edition.id, variants.c.key == key)
    one_more = update(variants).where(*same).values(readers=variants.c.readers + 1)
    known = connection.scalar(one_more.returning(variants.c.id))
    if known is not None:
        return int(known)
    values = {
        "edition_id": edition.id,
        "key": key,
        "windows": windows,
        "settled": settled,
        "number_to": edition.number_to,
        "articles": list(chosen.articles),
        "more": chosen.more,
        "layout": layout,
        "readers": 1,
    }
    return int(
        connection.execute(insert(variants).values(values).returning(variants.c.id)).scalar_one()
    )


def _deliver(
    connection: Connection,
    edition_id: int,
    variant_id: int,
    reader: _Reader,
    domain_group: str,
    now: datetime,
) -> None:
    highest = select(func.max(batches.c.batch_no)).where(batches.c.edition_id == edition_id)
    last = connection.scalar(highest)
    batch = {
        "edition_id": edition_id,
        "batch_no": 0 if last is None else last + 1,
        "priority": REGULAR_PRIORITY,
        "domain_group": domain_group,
        "due_at": now,
        "status": "pending",
        "attempts": 0,
        "size": 1,
    }
    batch_id = connection.execute(
        insert(batches).values(batch).returning(batches.c.id)
    ).scalar_one()
    connection.execute(
        insert(deliveries).values(
            edition_id=edition_id,
            variant_id=variant_id,
            subscriber_id=reader.subscriber_id,
            subscription_id=reader.subscription_id,
            batch_id=batch_id,
            status="pending",
            due_at=now,
            attempts=0,
            possible_duplicates=0,
        )
    )
