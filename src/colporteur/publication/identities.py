"""Ids that channels and topics keep for ever, whatever they are called."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from colporteur.db.tables.publication import cadences, channels, facts, topics
from colporteur.publication.model import Channel, Publication

_FEED_ID = "feed_id"


@dataclass(frozen=True)
class Ids:
    """Database ids by slug; former names lead to the same ids."""

    channels: Mapping[str, int]
    topics: Mapping[str, int]


def ids(connection: Connection, publication: Publication) -> Ids:
    """Ids of a publication's channels and topics by slug, former names included."""
    known_channels = {row.slug: row.id for row in connection.execute(select(channels))}
    known_topics = {row.slug: row.id for row in connection.execute(select(topics))}
    by_channel = {one.slug: known_channels[one.slug] for one in publication.channels}
    by_topic = {slug: known_topics[slug] for slug in publication.topics}
    for channel in publication.channels:
        by_channel |= dict.fromkeys(channel.formerly, by_channel[channel.slug])
    for slug, topic in publication.topics.items():
        by_topic |= dict.fromkeys(topic.formerly, by_topic[slug])
    return Ids(by_channel, by_topic)


def channel_of(publication: Publication, names: Ids, channel_id: int) -> Channel | None:
    """The channel that has this id; None where it was removed."""
    by_id = {names.channels[one.slug]: one for one in publication.channels}
    return by_id.get(channel_id)


def keep_ids(connection: Connection, publication: Publication, now: datetime) -> None:
    """Give what is new an id, let what was renamed keep its own, note what was removed."""
    names = {channel.slug: channel.formerly for channel in publication.channels}
    for slug, former in names.items():
        minted = {"feed_id": mint_tag(publication, now), "changes": 1, "built": 0}
        _keep_id(connection, channels, slug, former, minted)
    connection.execute(update(channels).where(channels.c.slug.not_in(names)).values(removed_at=now))
    for slug, topic in publication.topics.items():
        _keep_id(connection, topics, slug, topic.formerly, {})
    gone = topics.c.slug.not_in(publication.topics)
    connection.execute(update(topics).where(gone).values(removed_at=now))
    _start_cadences(connection, publication, now)
    if connection.scalar(select(facts.c.name).where(facts.c.name == _FEED_ID)) is None:
        tag = mint_tag(publication, now)
        connection.execute(insert(facts).values(name=_FEED_ID, value=tag))


def removed_names(connection: Connection) -> tuple[list[str], list[str]]:
    """The slugs of channels and of topics that were removed."""
    gone = [
        connection.scalars(select(table.c.slug).where(table.c.removed_at.is_not(None)))
        for table in (channels, topics)
    ]
    return list(gone[0]), list(gone[1])


def publication_feed_id(connection: Connection) -> str:
    """The ``tag:`` URI of the feed of everything."""
    return str(connection.scalar(select(facts.c.value).where(facts.c.name == _FEED_ID)))


def mint_tag(publication: Publication, now: datetime) -> str:
    """A ``tag:`` URI (RFC 4151), made of nothing that may ever change."""
    authority = publication.sender.address.rpartition("@")[2]
    return f"tag:{authority},{now:%Y-%m-%d}:{uuid.uuid4().hex}"


def _keep_id(
    connection: Connection,
    table: Table,
    slug: str,
    former: Sequence[str],
    minted: Mapping[str, Any],
) -> None:
    renamed = select(table.c.id).where(table.c.slug.in_([slug, *former]))
    found = connection.scalar(renamed.order_by(table.c.slug != slug).limit(1))
    if found is None:
        connection.execute(insert(table).values(slug=slug, **minted))
    else:
        kept = update(table).where(table.c.id == found)
        connection.execute(kept.values(slug=slug, removed_at=None))


def _start_cadences(connection: Connection, publication: Publication, now: datetime) -> None:
    """Note from when on the calendar looks after each cadence: not before it existed."""
    by_slug = ids(connection, publication).channels
    known = {(row.channel_id, row.name) for row in connection.execute(select(cadences))}
    wanted = {
        (by_slug[channel.slug], name)
        for channel in publication.channels
        if channel.digest
        for name in channel.digest.cadences
    }
    new = [
        {"channel_id": channel_id, "name": name, "checked_until": now}
        for channel_id, name in sorted(wanted - known)
    ]
    if new:
        connection.execute(insert(cadences), new)
