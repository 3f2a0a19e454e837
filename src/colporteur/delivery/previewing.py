"""Makes the very message that one reader would get, in a transaction that is undone.

Nothing here is a second way of making a message: the freeze, the renderer and the composer are
those of the real sending.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from colporteur.articles.publishing import publish_due
from colporteur.audience.addresses import parse_address
from colporteur.audience.history import standing
from colporteur.audience.pausing import resume
from colporteur.audience.readers import Reader, reader_of
from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.db.tables.delivery import deliveries
from colporteur.delivery.composing import Post, reader_message
from colporteur.delivery.message import Message
from colporteur.digests.variants import render_variant
from colporteur.editions.brakes import in_force
from colporteur.editions.calendar import slots
from colporteur.editions.explaining.regular import Explanation
from colporteur.editions.explaining.special import explain
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import freeze
from colporteur.editions.naming import edition_named
from colporteur.editions.opening import BY
from colporteur.editions.states import State
from colporteur.editions.steering import release
from colporteur.editions.store import Edition, load, of_slot, open_edition
from colporteur.publication import Channel
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, frozen_channel, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates


@dataclass(frozen=True)
class Preview:
    """What one reader would get of an edition, and when; ``message`` None where it is nothing.

    ``explanation`` says why, with the edition. ``held_back``: a rehearsal does not reach them.
    """

    explanation: Explanation
    due_at: datetime | None
    message: Message | None
    held_back: bool


def preview(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    channel: str,
    cadence: str,
    at: str | None,
    address: str,
) -> Preview:
    """What the reader of an address would get of the edition at a local time, or of the next.

    Nothing stays of it in the database.

    Raises:
        UnknownName: there is no such channel, cadence, edition or reader.
        ChoiceRefused: the time is none.
        TemplateBroken: a template does not render.
    """
    with undoing(engine) as connection:
        now = database_now(connection)
        revision = require(connection)
        publication = revision.publication
        names = ids(connection, publication)
        found = publication.channel(channel)
        reader = reader_of(connection, parse_address(address))
        edition = edition_named(connection, revision, names, found, cadence, at, by=BY, now=now)
        brake = in_force(connection, publication, real_relay=settings.outbox is None)
        for one in reader.subscription_ids:
            stands = standing(connection, one)
            if stands and stands.choice.channel_id == edition.channel_id:
                edition = _freeze_for(connection, revision, names, found, edition, one, now)
        due_at, message = _message(connection, settings, templates, edition, reader, now)
        return Preview(
            explain(connection, edition, reader, max(now, edition.slot or now)),
            due_at,
            message,
            not brake.reaches(parse_address(address).key),
        )


def _freeze_for(
    connection: Connection,
    revision: Revision,
    names: Ids,
    channel: Channel,
    edition: Edition,
    subscription_id: int,
    now: datetime,
) -> Edition:
    """Freeze an edition for one reader as it would be, with those of its cadence before it.

    What happens until then by itself happens here too: articles that are scheduled appear, and
    the reader's pause ends.
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
        _freeze(connection, revision, channel, earlier, subscription_id, now)
    return _freeze(connection, revision, channel, edition, subscription_id, now)


def _freeze(
    connection: Connection,
    revision: Revision,
    channel: Channel,
    edition: Edition,
    subscription_id: int,
    now: datetime,
) -> Edition:
    if edition.frozen_at is not None:
        return edition
    assert channel.digest is not None
    assert edition.slot is not None
    instant = edition.cadence is None or channel.cadence(edition.cadence).rule == "instant"
    moment = max(now, edition.slot if instant else edition.slot - channel.digest.freeze)
    if edition.state is State.HELD:
        edition = release(connection, edition, by=BY, now=moment)
    publish_due(connection, moment)
    stands = standing(connection, subscription_id)
    if stands and stands.paused_until and stands.paused_until <= moment:
        resume(connection, subscription_id, by=BY, now=moment)
    whom = Whom(only=subscription_id)
    freeze(connection, edition, revision, channel, now=moment, by=BY, whom=whom)
    return load(connection, edition.id)


def _message(
    connection: Connection,
    settings: Settings,
    templates: Templates,
    edition: Edition,
    reader: Reader,
    now: datetime,
) -> tuple[datetime | None, Message | None]:
    """When a reader's message of an edition is due, and the message as its delivery has it now."""
    row = connection.execute(
        select(deliveries).where(
            deliveries.c.edition_id == edition.id, deliveries.c.subscriber_id == reader.id
        )
    ).first()
    if row is None or row.status == "skipped":
        return None, None
    post = _post(connection, settings, edition)
    rendering = render_variant(connection, templates, row.variant_id, post.site, now)
    message = reader_message(post, rendering, row.subscription_id, _on_the_wire(reader.address))
    return row.due_at, message


def _post(connection: Connection, settings: Settings, edition: Edition) -> Post:
    """What all messages of the edition share."""
    assert edition.revision is not None
    date: Any = edition.slot or edition.send_at
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    return Post(
        publication=publication,
        channel=channel,
        edition_public_id=edition.public_id,
        site=site_in_force(connection, settings, publication),
        secret_key=settings.secret_key,
        date=date,
        max_errors=channel.digest.max_errors if channel.digest else 1,
    )


def _on_the_wire(text: str) -> str:
    address = parse_address(text)
    return f"{address.text.rpartition('@')[0]}@{address.domain}"
