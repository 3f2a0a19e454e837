"""Finds the edition that somebody means by its channel, its cadence and a local time."""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.editions.arranging import edition_at
from colporteur.editions.moments import slot_named
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

_TO_COME = (State.OPEN, State.HELD, State.AWAITING_APPROVAL, State.FROZEN)


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
