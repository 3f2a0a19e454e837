"""The publication in force: numbered revisions in the database, which every process reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, func, insert, literal, select, update

from colporteur.db.tables.publication import channels, revisions
from colporteur.exceptions import PublicationConflict, UnknownName
from colporteur.publication.changes import Change, changes, restated
from colporteur.publication.identities import keep_ids
from colporteur.publication.model import Channel, Publication
from colporteur.publication.stranding import readers_by_channel, refuse_to_strand


@dataclass(frozen=True)
class Revision:
    """One numbered state of the publication, with who made it, when and why."""

    number: int
    made_at: datetime
    made_by: str
    why: str
    source: str
    publication: Publication


def current(connection: Connection) -> Revision | None:
    """The revision in force, or None in a new database."""
    return _revision(connection, select(func.max(revisions.c.number)).scalar_subquery())


def last_revision(connection: Connection) -> int:
    """The number of the revision in force, 0 in a new database."""
    return int(connection.scalar(select(func.max(revisions.c.number))) or 0)


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


def in_turn(connection: Connection) -> None:
    """Wait for whoever makes a revision at this moment; they wait for this transaction's end.

    What is in force is read after it: before, it may be a revision that is in force no more.
    """
    last = select(revisions.c.number).order_by(revisions.c.number.desc()).limit(1)
    connection.execute(last.with_for_update())


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
    in_turn(connection)
    before = current(connection)
    if before and before.publication == publication:
        return None
    if before and source == "files" and before.source != "files" and based_on != before.number:
        raise PublicationConflict(
            f"Revision {before.number} was made in the newsroom by {before.made_by} "
            f"({before.why}), and these files do not have it.",
            cure="Run `colporteur publication export`, repeat your change there, and apply again.",
        )
    if before:
        refuse_to_strand(connection, publication, before.publication)
    keep_ids(connection, publication, now)
    found = changes(before.publication if before else None, publication)
    restated_now = channels.c.slug.in_(restated(found, publication))
    connection.execute(update(channels).where(restated_now).values(restated_at=now))
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
    counts = readers_by_channel(connection)
    everybody = sum(counts.values())
    return [
        (change, counts.get(change.channel, 0) if change.channel else everybody)
        for change in changes(before.publication if before else None, publication)
    ]


def _revision(connection: Connection, number: ScalarSelect[Any]) -> Revision | None:
    row = (
        connection.execute(select(revisions).where(revisions.c.number == number)).mappings().first()
    )
    return _from_row(dict(row)) if row else None


def _from_row(row: dict[str, Any]) -> Revision:
    publication = Publication.model_validate(row.pop("content"))
    return Revision(**row, publication=publication)
