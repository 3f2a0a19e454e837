"""Finds the edition that somebody means: by its number, a key, or a cadence and a local time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from colporteur.editions.arranging import edition_at
from colporteur.editions.moments import slot_named
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state, load, of_key
from colporteur.exceptions import ChoiceRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision

_TO_COME = (State.OPEN, State.HELD, State.AWAITING_APPROVAL, State.FROZEN)


@dataclass(frozen=True)
class Named:
    """An edition as a person names it: by its channel and what follows, or by its number alone.

    A special by its key; else the edition of the ``cadence``, which need not be said where there
    is one, at the local time ``at``, or its next one.
    """

    channel: str
    cadence: str = ""
    at: str | None = None
    edition: int | None = None
    key: str = ""


def find_edition(
    connection: Connection, revision: Revision, names: Ids, named: Named, *, by: str, now: datetime
) -> tuple[Channel, Edition]:
    """An edition and its channel; one to come is opened if need be.

    Raises:
        UnknownName: there is no such channel, cadence or edition.
        ChoiceRefused: the time is none, or the channel has several cadences and none was named.
    """
    publication, number = revision.publication, named.edition
    known = named.channel in names.channels
    if number is None and not known and named.channel.isdecimal():
        number = int(named.channel)
    if number is not None and not known:
        found = load(connection, number)
        of_it = channel_of(publication, names, found.channel_id)
        if of_it is None:
            raise UnknownName(f"The channel of edition {number} is gone.", cure="Bring it back.")
        return of_it, found
    channel = publication.channel(named.channel)
    if number is None and not named.key:
        cadence = named.cadence or _only_cadence(channel)
        at = named.at
        return channel, edition_named(
            connection, revision, names, channel, cadence, at, by=by, now=now
        )
    made = of_key(connection, named.key) if number is None else load(connection, number)
    if made is None or made.channel_id != names.channels[channel.slug]:
        asked = f"number {number}" if number is not None else f"of the key {named.key!r}"
        raise UnknownName(
            f"The channel {channel.slug} has no special edition {asked}."
            if number is None
            else f"{channel.slug} has no edition {asked}.",
            cure="`colporteur editions calendar` lists what comes.",
        )
    return channel, made


def _only_cadence(channel: Channel) -> str:
    offered = list(channel.digest.cadences) if channel.digest else []
    if len(offered) != 1:
        raise ChoiceRefused(
            f"The channel {channel.slug} has {len(offered)} cadences, and none was named.",
            cure=f"Name one: {', '.join(offered) or 'it sends no digests'}.",
        )
    return offered[0]


def edition_named(
    connection: Connection,
    revision: Revision,
    names: Ids,
    channel: Channel,
    cadence: str,
    at: str | None,
    *,
    by: str,
    now: datetime,
) -> Edition:
    """The edition of a cadence at a local time, or its next one, opened if need be.

    Raises:
        UnknownName: the channel has no such cadence, or the calendar no such edition.
        ChoiceRefused: the time is none.
    """
    if at is None and channel.cadence(cadence).rule == "instant":
        gathering = _gathering(connection, names.channels[channel.slug], cadence)
        if gathering is not None:
            return gathering
    slot = slot_named(revision.publication, channel, cadence, at, now)
    return edition_at(connection, revision, names, channel, cadence, slot, by=by, now=now)


def _gathering(connection: Connection, channel_id: int, cadence: str) -> Edition | None:
    """The instant edition that has not left: no calendar tells of it."""
    found = in_state(connection, *_TO_COME)
    mine = (one for one in found if (one.channel_id, one.cadence) == (channel_id, cadence))
    return next(mine, None)
