"""Freezes an edition ahead of its time, as it would be then: in a transaction that is undone."""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.articles.publishing import publish_due
from colporteur.audience.pausing import end_pauses
from colporteur.editions.calendar import slots
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import EVERYBODY, freeze
from colporteur.editions.freezing.special import freeze_special
from colporteur.editions.opening import BY
from colporteur.editions.states import Event, State
from colporteur.editions.steering import release
from colporteur.editions.store import Edition, change, happen, load, of_slot, open_edition
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision


def freeze_ahead(
    connection: Connection,
    revision: Revision,
    names: Ids,
    channel: Channel,
    edition: Edition,
    now: datetime,
    whom: Whom = EVERYBODY,
) -> Edition:
    """Freeze an edition as it would be, with those of its cadence before it.

    What happens until then by itself happens here too: articles that are scheduled appear, and
    pauses end. One that is frozen stays as it is.
    """
    assert channel.digest is not None
    assert edition.cadence is not None
    assert edition.slot is not None
    rule = channel.digest.cadences.get(edition.cadence)
    before = []
    if rule is not None and edition.frozen_at is None:
        zone = revision.publication.zone_of(rule)
        before = slots(rule, zone, now, edition.slot, frozenset(channel.digest.skip))
    for slot in [one for one in before if one != edition.slot]:
        channel_id = names.channels[channel.slug]
        earlier = of_slot(connection, channel_id, edition.cadence, slot) or open_edition(
            connection, channel_id, edition.cadence, slot, by=BY, now=now
        )
        assert earlier is not None
        _freeze(connection, revision, channel, earlier, now, whom)
    return _freeze(connection, revision, channel, edition, now, whom)


def freeze_special_ahead(
    connection: Connection, revision: Revision, edition: Edition, now: datetime, whom: Whom
) -> Edition:
    """Freeze a special as if it were confirmed, and approved, now."""
    if edition.frozen_at is not None:
        return edition
    if edition.state in {State.AWAITING_APPROVAL, State.HELD}:
        happen(connection, edition.id, Event.REOPEN, by=BY, now=now)
    change(connection, edition, {"send_at": now}, by=BY, why="", now=now)
    freeze_special(connection, load(connection, edition.id), revision, now=now, by=BY, whom=whom)
    return load(connection, edition.id)


def _freeze(
    connection: Connection,
    revision: Revision,
    channel: Channel,
    edition: Edition,
    now: datetime,
    whom: Whom,
) -> Edition:
    if edition.frozen_at is not None:
        return edition
    assert channel.digest is not None
    assert edition.slot is not None
    instant = edition.cadence is None or channel.cadence(edition.cadence).rule == "instant"
    leaves = edition.send_at or edition.slot
    moment = max(now, leaves if instant else leaves - channel.digest.freeze)
    if edition.state is State.HELD:
        edition = release(connection, edition, by=BY, now=moment)
    publish_due(connection, moment)
    end_pauses(connection, moment)
    freeze(connection, edition, revision, channel, now=moment, by=BY, whom=whom)
    return load(connection, edition.id)
