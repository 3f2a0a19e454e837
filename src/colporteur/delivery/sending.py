"""Sends one batch: lease, compose, send, record, give back. Commits as it goes, by rule 3."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from colporteur.audience.addresses import parse_address
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions
from colporteur.db.tables.editions import editions
from colporteur.delivery import ledger
from colporteur.delivery.composing import Post, reader_message
from colporteur.delivery.message import Envelope, compose
from colporteur.delivery.outcomes import SkipReason, Status, decide
from colporteur.delivery.transports import Transport, open_transport
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable, TemplateBroken
from colporteur.publication.revisions import frozen_channel
from colporteur.templating import Templates

_log = logging.getLogger(__name__)
REST = timedelta(seconds=30)
"""How long a batch waits after the relay, or a template, did not serve."""


@dataclass
class _Run:
    """One worker on one batch."""

    engine: Engine
    settings: Settings
    templates: Templates
    held: ledger.Lease
    transport: Transport
    stopping: Callable[[], bool]
    not_before: datetime | None = None


def send_batch(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    batch_id: int,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due of a batch, if it is free; the number of messages sent.

    ``stopping`` is asked between messages: a stopping worker gives the rest back.
    """
    with writing(engine) as connection:
        now = database_now(connection)
        held = ledger.lease(connection, batch_id, now, settings.lease_seconds)
        rows = ledger.due_deliveries(connection, batch_id, now) if held else ()
    if held is None:
        return 0
    run = _Run(engine, settings, templates, held, open_transport(settings), stopping)
    try:
        return _send_rows(run, rows)
    finally:
        run.transport.close()
        with writing(engine) as connection:
            ledger.give_back(connection, run.held, run.not_before)


def _send_rows(run: _Run, rows: Any) -> int:
    sent = 0
    posts: dict[int, Post] = {}
    renderings: dict[int, Rendering] = {}
    for row in rows:
        if run.stopping() or not _keep_lease(run):
            break
        try:
            if row.edition_id not in posts:
                posts[row.edition_id] = _post(run, row.edition_id)
            post = posts[row.edition_id]
            if row.variant_id not in renderings:
                renderings[row.variant_id] = _rendering(run, row.variant_id, post.site)
            sent += _send_row(run, row, post, renderings[row.variant_id])
        except (ServiceUnavailable, TemplateBroken) as error:
            _log.warning("%s %s", error.message, error.cure)
            with reading(run.engine) as connection:
                run.not_before = database_now(connection) + REST
            break
    return sent


def _send_row(run: _Run, row: Any, post: Post, rendering: Rendering) -> int:
    with writing(run.engine) as connection:
        now = database_now(connection)
        address = _address_if_wanted(connection, row, now)
        if address is None or not ledger.mark_inflight(connection, run.held, row.id, now):
            return 0
    message = compose(reader_message(post, rendering, row.subscription_id, address))
    sender = post.publication.sender_of(post.channel).address
    try:
        reply = run.transport.send(Envelope(sender, address), message)
    except ServiceUnavailable as error:
        with writing(run.engine) as connection:
            unknown = isinstance(error, OutcomeUnknown)
            ledger.put_back(connection, run.held, row.id, perhaps_taken=unknown)
        raise
    with writing(run.engine) as connection:
        now = database_now(connection)
        outcome = decide(reply, row.attempts + 1, now)
        ledger.record(connection, run.held, row.id, outcome, reply, now)
    return int(outcome.status is Status.SENT)


def _address_if_wanted(connection: Connection, row: Any, now: datetime) -> str | None:
    """The address as it is now; None, and the delivery skipped, for a reader who left."""
    found = connection.execute(
        select(subscribers.c.address, subscribers.c.state, subscriptions.c.state.label("chosen"))
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.id == row.subscription_id)
    ).one()
    if found.address is None or found.state != "active" or found.chosen != "active":
        ledger.skip(connection, row.id, SkipReason.UNSUBSCRIBED, now)
        return None
    address = parse_address(found.address)
    suppressed = select(suppressions.c.at).where(suppressions.c.address_hash == address.hash)
    if connection.scalar(suppressed) is not None:
        ledger.skip(connection, row.id, SkipReason.SUPPRESSED, now)
        return None
    return f"{address.text.rpartition('@')[0]}@{address.domain}"


def _keep_lease(run: _Run) -> bool:
    """Extend the lease once a third of it has gone; False if another worker has the batch."""
    seconds = run.settings.lease_seconds
    with reading(run.engine) as connection:
        now = database_now(connection)
    if run.held.until - now > timedelta(seconds=seconds * 2 / 3):
        return True
    with writing(run.engine) as connection:
        longer = ledger.extend(connection, run.held, database_now(connection), seconds)
    if longer is None:
        return False
    run.held = longer
    return True


def _post(run: _Run, edition_id: int) -> Post:
    with reading(run.engine) as connection:
        edition = connection.execute(select(editions).where(editions.c.id == edition_id)).one()
        publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    return Post(
        publication=publication,
        channel=channel,
        edition_public_id=edition.public_id,
        site=run.settings.site(publication.base_url),
        secret_key=run.settings.secret_key,
        date=edition.slot,
    )


def _rendering(run: _Run, variant_id: int, site: str) -> Rendering:
    with writing(run.engine) as connection:
        now = database_now(connection)
        return render_variant(connection, run.templates, variant_id, site, now)
