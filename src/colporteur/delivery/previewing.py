"""Makes the very message that one reader would get, in a transaction that is undone.

Nothing here is a second way of making a message: the freeze, the renderer and the composer are
those of the real sending.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from colporteur.audience.addresses import on_the_wire, parse_address
from colporteur.audience.history import standing
from colporteur.audience.readers import Reader, reader_of
from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.delivery.composing import Post, Recipient, reader_message
from colporteur.delivery.message import Message
from colporteur.digests.variants import render_variant
from colporteur.editions.brakes import in_force
from colporteur.editions.explaining.regular import Explanation
from colporteur.editions.explaining.special import explain
from colporteur.editions.freezing.ahead import freeze_ahead
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.naming import edition_named
from colporteur.editions.opening import BY
from colporteur.editions.store import Edition
from colporteur.publication.identities import ids
from colporteur.publication.revisions import frozen_channel, require
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
        last = connection.scalar(select(func.max(editions.c.id))) or 0
        edition = edition_named(connection, revision, names, found, cadence, at, by=BY, now=now)
        brake = in_force(connection, publication, real_relay=settings.outbox is None)
        for one in reader.subscription_ids:
            stands = standing(connection, one)
            if stands and stands.choice.channel_id == edition.channel_id:
                whom = Whom(only=one)
                edition = freeze_ahead(connection, revision, names, found, edition, now, whom)
        stored = edition.id <= last
        due_at, message = _message(
            connection, settings, templates, edition, reader, now, stored=stored
        )
        return Preview(
            explain(connection, edition, reader, max(now, edition.slot or now)),
            due_at,
            message,
            not brake.reaches(parse_address(address).key),
        )


def _message(
    connection: Connection,
    settings: Settings,
    templates: Templates,
    edition: Edition,
    reader: Reader,
    now: datetime,
    *,
    stored: bool,
) -> tuple[datetime | None, Message | None]:
    """When a reader's message of an edition is due, and the message as its delivery has it now.

    One of an edition that is opened for the preview alone has no link to its page on the web.
    """
    row = connection.execute(
        select(deliveries).where(
            deliveries.c.edition_id == edition.id, deliveries.c.subscriber_id == reader.id
        )
    ).first()
    if row is None or row.status == "skipped":
        return None, None
    post = _post(connection, settings, edition)
    rendering = render_variant(
        connection,
        templates,
        row.variant_id,
        post.site,
        now,
        secret_key=settings.secret_key,
        on_the_web=stored,
    )
    to = Recipient(reader.id, row.subscription_id, on_the_wire(reader.address))
    message = reader_message(post, rendering, to)
    return row.due_at, message


def _post(connection: Connection, settings: Settings, edition: Edition) -> Post:
    """What all messages of the edition share."""
    assert edition.revision is not None
    date: Any = edition.send_at or edition.slot
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    return Post(
        publication=publication,
        channel=channel,
        edition_public_id=edition.public_id,
        site=site_in_force(connection, settings, publication),
        secret_key=settings.secret_key,
        bounce_domain=settings.bounce_domain,
        date=date,
        max_errors=channel.digest.max_errors if channel.digest else 1,
    )
