"""Refuses a publication under which readers would be left with nothing (docs/rules.md, 6)."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, func, select

from colporteur.db.tables.audience import profiles, subscriptions
from colporteur.db.tables.publication import channels
from colporteur.exceptions import PublicationInvalid
from colporteur.publication.identities import ids
from colporteur.publication.model import Publication

_READERS = subscriptions.c.state.in_(["active", "paused"])


def refuse_to_strand(connection: Connection, publication: Publication, before: Publication) -> None:
    """Check that each channel, cadence and topic that readers chose is still there.

    Raises:
        PublicationInvalid: with a line for each that is not, and what to do.
    """
    stranded = [
        *_channels(connection, publication, before),
        *_cadences(connection, publication),
        *_topics(connection, publication, before),
    ]
    if stranded:
        raise PublicationInvalid(stranded)


def readers_by_channel(connection: Connection) -> dict[str, int]:
    """How many readers each channel has, paused ones included."""
    rows = connection.execute(
        select(channels.c.slug, func.count())
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(_READERS)
        .group_by(channels.c.slug)
    )
    return {slug: count for slug, count in rows}  # noqa: C416 - rows are not pairs to mypy


def _channels(
    connection: Connection, publication: Publication, before: Publication
) -> Iterator[str]:
    formerly = {one.slug: one.formerly for one in publication.channels}
    archived = {
        name
        for one in publication.channels
        if one.state == "archived"
        for name in (one.slug, *one.formerly)
    }
    fate = _fate(formerly, [one.slug for one in before.channels])
    for slug, count in readers_by_channel(connection).items():
        if slug in fate:
            yield f"channel {slug}: {_people(count)} would be left without it. {fate[slug]}"
        elif slug in archived:
            cure = "Have them go to another channel: the newsroom's settings archive it so."
            yield f"channel {slug}: {_people(count)} would be left without it. {cure}"


def _cadences(connection: Connection, publication: Publication) -> Iterator[str]:
    offered = {
        slug: channel.digest.cadences if channel.digest else {}
        for channel in publication.channels
        for slug in (channel.slug, *channel.formerly)
    }
    rows = connection.execute(
        select(channels.c.slug, subscriptions.c.cadence, func.count())
        .join(subscriptions, subscriptions.c.channel_id == channels.c.id)
        .where(_READERS)
        .group_by(channels.c.slug, subscriptions.c.cadence)
    )
    for slug, cadence, count in rows:
        if slug in offered and cadence not in offered[slug]:
            yield f"channel {slug}: {_people(count)} chose the cadence {cadence!r}. Keep it."


def _topics(connection: Connection, publication: Publication, before: Publication) -> Iterator[str]:
    formerly = {slug: topic.formerly for slug, topic in publication.topics.items()}
    fate = _fate(formerly, list(before.topics))
    chosen = connection.execute(
        select(profiles.c.topics_in, profiles.c.topics_out)
        .join(subscriptions, subscriptions.c.profile_id == profiles.c.id)
        .where(_READERS)
        .distinct()
    )
    used = {number for row in chosen for number in (*row.topics_in, *row.topics_out)}
    known = ids(connection, before).topics
    for slug, cure in fate.items():
        if known[slug] in used:
            yield f"topic {slug}: readers chose it. {cure}"


def _fate(formerly: Mapping[str, Sequence[str]], before: Sequence[str]) -> dict[str, str]:
    """The names of before that are neither kept nor renamed, with the cure for each."""
    fate = {}
    for slug in before:
        heirs = [name for name, former in formerly.items() if slug in former]
        if slug not in formerly and not heirs:
            fate[slug] = f'Name its successor: formerly = ["{slug}"].'
        elif heirs and heirs[0] in before:
            fate[slug] = f"{heirs[0]} was there already, and two cannot be made one. Keep {slug}."
    return fate


def _people(count: int) -> str:
    return f"{count} reader{'s' if count > 1 else ''}"
