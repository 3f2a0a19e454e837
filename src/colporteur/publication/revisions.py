"""The publication in force: numbered revisions in the database, which every process reads."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Table, func, insert, literal, select, update

from colporteur.db.tables.audience import profiles, subscriptions
from colporteur.db.tables.publication import cadences, channels, revisions, topics
from colporteur.exceptions import PublicationConflict, PublicationInvalid, UnknownName
from colporteur.publication.changes import Change, changes
from colporteur.publication.model import Channel, Publication


@dataclass(frozen=True)
class Revision:
    """One numbered state of the publication, with who made it, when and why."""

    number: int
    made_at: datetime
    made_by: str
    why: str
    source: str
    publication: Publication


@dataclass(frozen=True)
class Ids:
    """Database ids by slug; former names lead to the same ids."""

    channels: Mapping[str, int]
    topics: Mapping[str, int]


def current(connection: Connection) -> Revision | None:
    """The revision in force, or None in a new database."""
    return _revision(connection, select(func.max(revisions.c.number)).scalar_subquery())


def require(connection: Connection) -> Revision:
    """The revision in force.

    Raises:
        UnknownName: no publication has been applied yet.
    """
    found = current(connection)
    if found is None:
        raise UnknownName(
            "No publication has been applied to this database yet.",
            cure="Run `colporteur publication apply`, or `colporteur up`.",
        )
    return found


def numbered(connection: Connection, number: int) -> Revision:
    """A past revision, or the one in force, by its number.

    Raises:
        UnknownName: there is none.
    """
    found = _revision(connection, select(literal(number)).scalar_subquery())
    if found is None:
        raise UnknownName(f"There is no revision {number}.", cure="See `publication history`.")
    return found


def frozen_channel(
    connection: Connection, number: int, channel_id: int
) -> tuple[Publication, Channel]:
    """A past revision's publication, and a channel as it was then, whatever it was called.

    Raises:
        UnknownName: the revision has no such channel.
    """
    then = numbered(connection, number).publication
    slug = str(connection.scalar(select(channels.c.slug).where(channels.c.id == channel_id)))
    names = {slug}
    for channel in require(connection).publication.channels:
        if channel.slug == slug:
            names.update(channel.formerly)
    for channel in then.channels:
        if channel.slug in names:
            return then, channel
    return then, then.channel(slug)


def history(connection: Connection) -> list[Revision]:
    """All revisions, the newest first."""
    rows = connection.execute(select(revisions).order_by(revisions.c.number.desc())).mappings()
    return [_from_row(dict(row)) for row in rows]


def apply(
    connection: Connection,
    publication: Publication,
    *,
    by: str,
    why: str,
    now: datetime,
    source: str = "files",
    based_on: int | None = None,
) -> Revision | None:
    """Make the publication the one in force; None when it already is.

    Raises:
        PublicationConflict: the newsroom changed what these files have not seen.
        PublicationInvalid: a channel or topic that has readers would vanish.
    """
    before = current(connection)
    if before and before.publication == publication:
        return None
    if before and source == "files" and before.source != "files" and based_on != before.number:
        raise PublicationConflict(
            f"Revision {before.number} was made in the newsroom by {before.made_by} "
            f"({before.why}), and these files do not have it.",
            cure="Run `colporteur publication export`, repeat your change there, and apply again.",
        )
    _refuse_to_strand_readers(connection, publication, before.publication if before else None)
    _keep_ids(connection, publication, now)
    revision = Revision((before.number if before else 0) + 1, now, by, why, source, publication)
    connection.execute(
        insert(revisions).values(
            number=revision.number,
            made_at=now,
            made_by=by,
            why=why,
            source=source,
            content=publication.model_dump(mode="json"),
        )
    )
    return revision


def difference(connection: Connection, publication: Publication) -> list[tuple[Change, int]]:
    """Each change that applying would make, with how many readers it touches."""
    before = current(connection)
    counts = _readers(connection)
    everybody = sum(counts.values())
    return [
        (change, counts.get(change.channel, 0) if change.channel else everybody)
        for change in changes(before.publication if before else None, publication)
    ]


def ids(connection: Connection, publication: Publication) -> Ids:
    """Ids of channels and topics by slug, former names included."""
    by_channel = {row.slug: row.id for row in connection.execute(select(channels))}
    by_topic = {row.slug: row.id for row in connection.execute(select(topics))}
    for channel in publication.channels:
        by_channel |= dict.fromkeys(channel.formerly, by_channel[channel.slug])
    for slug, topic in publication.topics.items():
        by_topic |= dict.fromkeys(topic.formerly, by_topic[slug])
    return Ids(by_channel, by_topic)


def mint_tag(publication: Publication, now: datetime) -> str:
    """A ``tag:`` URI (RFC 4151), made of nothing that may ever change."""
    authority = publication.sender.address.rpartition("@")[2]
    return f"tag:{authority},{now:%Y-%m-%d}:{uuid.uuid4().hex}"


def _readers(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(channels.c.slug, func.count())
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(subscriptions.c.state == "active")
        .group_by(channels.c.slug)
    )
    return {slug: count for slug, count in rows}  # noqa: C416 - rows are not pairs to mypy


def _keep_ids(connection: Connection, publication: Publication, now: datetime) -> None:
    names = {channel.slug: channel.formerly for channel in publication.channels}
    for slug, former in names.items():
        minted = {"feed_id": mint_tag(publication, now), "changed_at": now}
        _keep_id(connection, channels, slug, former, minted)
    connection.execute(update(channels).where(channels.c.slug.not_in(names)).values(removed_at=now))
    for slug, topic in publication.topics.items():
        _keep_id(connection, topics, slug, topic.formerly, {})
    connection.execute(
        update(topics).where(topics.c.slug.not_in(publication.topics)).values(removed_at=now)
    )
    _start_cadences(connection, publication, now)


def _keep_id(
    connection: Connection,
    table: Table,
    slug: str,
    former: tuple[str, ...],
    minted: Mapping[str, Any],
) -> None:
    renamed = select(table.c.id).where(table.c.slug.in_([slug, *former]))
    found = connection.scalar(renamed.order_by(table.c.slug != slug).limit(1))
    if found is None:
        connection.execute(insert(table).values(slug=slug, **minted))
    else:
        connection.execute(
            update(table).where(table.c.id == found).values(slug=slug, removed_at=None)
        )


def _refuse_to_strand_readers(
    connection: Connection, publication: Publication, before: Publication | None
) -> None:
    if before is None:
        return
    stranded = _without_channel(connection, publication) + _without_cadence(connection, publication)
    stranded += _without_topic(connection, publication, before)
    if stranded:
        raise PublicationInvalid(stranded)


def _without_channel(connection: Connection, publication: Publication) -> list[str]:
    kept = {slug for channel in publication.channels for slug in (channel.slug, *channel.formerly)}
    return [
        f"channel {slug}: {count} readers would be left without it. "
        f'Name its successor: formerly = ["{slug}"] in another channel.'
        for slug, count in _readers(connection).items()
        if slug not in kept
    ]


def _without_cadence(connection: Connection, publication: Publication) -> list[str]:
    offered = {
        (slug, cadence)
        for channel in publication.channels
        for slug in (channel.slug, *channel.formerly)
        for cadence in (channel.digest.cadences if channel.digest else ())
    }
    rows = connection.execute(
        select(channels.c.slug, subscriptions.c.cadence, func.count())
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(subscriptions.c.state == "active")
        .group_by(channels.c.slug, subscriptions.c.cadence)
    )
    return [
        f"channel {slug}: {count} readers chose the cadence {cadence!r}. Keep it."
        for slug, cadence, count in rows
        if (slug, cadence) not in offered
    ]


def _without_topic(
    connection: Connection, publication: Publication, before: Publication
) -> list[str]:
    kept = {name for slug, topic in publication.topics.items() for name in (slug, *topic.formerly)}
    lost = {
        number: slug for slug, number in ids(connection, before).topics.items() if slug not in kept
    }
    chosen = connection.execute(
        select(profiles.c.topics_in, profiles.c.topics_out)
        .join(subscriptions, subscriptions.c.profile_id == profiles.c.id)
        .where(subscriptions.c.state == "active")
        .distinct()
    )
    used = {number for row in chosen for number in (*row.topics_in, *row.topics_out)}
    return [
        f"topic {slug}: readers chose it. Name its successor: formerly in another topic."
        for number, slug in lost.items()
        if number in used
    ]


def _start_cadences(connection: Connection, publication: Publication, now: datetime) -> None:
    by_slug = {row.slug: row.id for row in connection.execute(select(channels))}
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


def _revision(connection: Connection, number: ScalarSelect[Any]) -> Revision | None:
    row = (
        connection.execute(select(revisions).where(revisions.c.number == number)).mappings().first()
    )
    return _from_row(dict(row)) if row else None


def _from_row(row: dict[str, Any]) -> Revision:
    publication = Publication.model_validate(row.pop("content"))
    return Revision(**row, publication=publication)
